package zendesk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// TestAttackTimeOfALongRetryAfter: a wait that is longer than what is left of the run
// ends at once, with both numbers.
func TestAttackTimeOfALongRetryAfter(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	start := time.Now()
	_, err = NewClient(Options{Base: base, Email: "a@b.example", APIToken: genesys.NewSecret("t0ken")}).Me(ctx)
	require.ErrorContains(t, err, "wait 1h0m0s")
	require.ErrorContains(t, err, "are left of the run")
	assert.Less(t, time.Since(start), 5*time.Second)
}
