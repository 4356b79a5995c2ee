package zendesk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/internal/payload"
	"github.com/scimlint/scimlint/pkg/secret"
)

func TestMapping(t *testing.T) {
	no := false
	m := Mapping{Roles: map[string][]string{"agent": {"Agent"}, "admin": {"Agent", "Supervisor"}}, Skills: map[string]string{"billing": "Billing:4.5", "bill": "Billing:4.5", "vip": "VIP"},
		Languages: map[string]string{"fr": "French:5", "en-GB": "British"}, Department: "Support", Division: "Paris", Title: "Agent"}
	require.NoError(t, m.Validate())
	body, why := m.Body(User{ID: 7, Name: " Jean ", Email: " jean@x.example ", Role: "admin", Phone: "+33 1 23.45-67(89)", Locale: "fr-CA", Tags: []string{"bill", "billing", "vip", "other"}})
	require.Empty(t, why)
	assert.Equal(t, map[string]any{
		"schemas":  []any{payload.CoreSchema, payload.EnterpriseSchema, payload.GenesysSchema},
		"userName": "jean@x.example", "displayName": "Jean", "active": true, "externalId": "zendesk-7", "title": "Agent",
		"emails":                 []any{map[string]any{"value": "jean@x.example", "type": "work", "primary": true}},
		"phoneNumbers":           []any{map[string]any{"value": "tel:+33123456789", "type": "work"}},
		"roles":                  []any{map[string]any{"value": "Agent"}, map[string]any{"value": "Supervisor"}},
		payload.EnterpriseSchema: map[string]any{"department": "Support", "division": "Paris"},
		payload.GenesysSchema: map[string]any{"routingSkills": []any{map[string]any{"name": "Billing", "proficiency": 4.5}, map[string]any{"name": "VIP"}},
			"routingLanguages": []any{map[string]any{"name": "French", "proficiency": 5.0}}},
	}, body)

	body, _ = Mapping{}.Body(User{ID: 7, Name: "J", Email: "j@x.example", Phone: "ext 12"})
	assert.NotContains(t, body, "phoneNumbers", "what is no E.164 number is left out")
	assert.NotContains(t, body, "roles")
	for _, tc := range []struct {
		u    User
		m    Mapping
		want string
	}{
		{User{Name: "J"}, Mapping{}, "e-mail"}, {User{Email: "j@x.example", Name: " "}, Mapping{}, "no name"}, {User{Email: "j@x.example", Name: "J", Suspended: true}, Mapping{}, "suspended"},
		{User{Email: "j@x.example", Name: "J", Active: &no}, Mapping{}, "deleted"},
	} {
		_, why := tc.m.Body(tc.u)
		assert.Contains(t, why, tc.want)
	}
	body, why = Mapping{Suspended: SuspendedInactive, ExternalID: "zd:"}.Body(User{ID: 3, Email: "j@x.example", Name: "J", Suspended: true})
	assert.Empty(t, why)
	assert.Equal(t, false, body["active"])
	assert.Equal(t, "zd:3", body["externalId"])
}

func TestBases(t *testing.T) {
	for in, want := range map[string]string{"acme": "https://acme.zendesk.com", " Acme.zendesk.com ": "https://acme.zendesk.com"} {
		u, err := Base(in)
		require.NoError(t, err)
		assert.Equal(t, want, u.String())
	}
	for _, bad := range []string{"", "acme.example.com", "acme/x", "-acme", "acme@evil"} {
		_, err := Base(bad)
		require.Error(t, err, bad)
	}
}

// TestCredentialsGoToTheAccountAlone: of a next page's address the cursor alone is used.
func TestCredentialsGoToTheAccountAlone(t *testing.T) {
	var elsewhere int
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer evil.Close()
	pages := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages++
		if pages == 1 {
			_, _ = w.Write([]byte(`{"users":[{"id":1,"role":"agent"}],"meta":{"has_more":true,"after_cursor":"x"},"links":{"next":"` + evil.URL + `/next"}}`))
			return
		}
		assert.Equal(t, "x", r.URL.Query().Get("page[after]"))
		assert.True(t, strings.HasPrefix(r.Header.Get("Authorization"), "Basic "))
		_, _ = w.Write([]byte(`{"users":[],"meta":{"has_more":true,"after_cursor":"x"}}`))
	}))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	require.NoError(t, err)
	c := NewClient(Options{Base: u, Email: "a@x.example", APIToken: secret.New("hunter2hunter2")})
	n := 0
	err = c.Agents(context.Background(), func(User) { n++ })
	require.ErrorContains(t, err, "does not say where", "a cursor that stands still ends the list")
	assert.NotContains(t, err.Error(), "hunter2")
	assert.Equal(t, 1, n)
	assert.Zero(t, elsewhere)

	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"bad header ` + r.Header.Get("Authorization") + ` hunter2hunter2"}`))
	}))
	defer echo.Close()
	back, err := url.Parse(echo.URL)
	require.NoError(t, err)
	err = NewClient(Options{Base: back, Email: "a@x.example", APIToken: secret.New("hunter2hunter2")}).Agents(context.Background(), func(User) {})
	require.ErrorContains(t, err, "bad header Basic [redacted] [redacted]")

	down, err := url.Parse("http://127.0.0.1:1")
	require.NoError(t, err)
	err = NewClient(Options{Base: down, OAuthToken: secret.New("hunter2hunter2")}).Agents(context.Background(), func(User) {})
	require.ErrorContains(t, err, "cannot be reached")
	assert.NotContains(t, err.Error(), "hunter2")
}

func FuzzRefusalText(f *testing.F) {
	f.Add([]byte(`{"error":"Couldn't authenticate you"}`))
	f.Add([]byte(`{"error":{"title":"Forbidden","message":"x"}}`))
	f.Fuzz(func(t *testing.T, body []byte) { assert.NotEmpty(t, refusalText(403, body)) })
}
