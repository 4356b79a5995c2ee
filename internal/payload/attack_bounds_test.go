package payload

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

// stream is a text, and then so many bytes of another one; it is made while it is read.
func stream(head, text string, size int) io.Reader {
	r, w := io.Pipe()
	go func() {
		many := strings.Repeat(text, max(1, (64<<10)/len(text)))
		_, err := io.WriteString(w, head)
		for n := 0; n < size && err == nil; n += len(many) {
			_, err = io.WriteString(w, many)
		}
		_ = w.Close()
	}()
	return r
}

// hostile are files that cost a reader more than their size, at a size that tests use.
func hostile(size int) map[string]struct {
	in   io.Reader
	want string
} {
	type file = struct {
		in   io.Reader
		want string
	}
	return map[string]file{
		"newlines":                  {stream("", "\n", size), "it is empty"},
		"newlines behind a body":    {stream(body(""), "\n", size), ""},
		"newlines in a list":        {stream("[", "\n", size), "is truncated"},
		"newlines between bodies":   {stream("["+body("")+",", "\n", size), "is truncated"},
		"newlines in a body":        {stream("{", "\n", size), "is truncated"},
		"an unclosed quote":         {stream("userName,displayName\na@x.example,\"", "x\n", size), "quote"},
		"a header without an end":   {stream("", "userName,", size), "longer than 1 MB"},
		"a list of one string":      {stream(`["`, "x", size), "is truncated"},
		"a list of one list":        {stream(`[[`, "0,", size), "is truncated"},
		"a list of nesting":         {stream(`[`, "[", size), "is truncated"},
		"objects of nesting":        {stream(``, `{"a":`, size), "is truncated"},
		"a list on one line":        {stream(`[`, body("")+",", size), "is truncated"},
		"a list of empty bodies":    {stream(`[`, "{},", size/8), "is truncated"},
		"a line of one string":      {stream(`{}`+"\n"+`{"a":"`, "x", size), ""},
		"lines of nothing":          {stream("{}\n", "x\n", size/8), ""},
		"bodies of many values":     {stream("{}\n", `{"emails":[`+strings.Repeat("{},", 80_000)+"{}]}\n", size), ""},
		"bodies of many keys":       {stream("{}\n", `{`+keys(8_000)+"}\n", size), ""},
		"bodies of long names":      {stream("{}\n", `{"userName":"`+strings.Repeat("x", 900_000)+`","`+strings.Repeat("y", 100_000)+"\":1}\n", size), ""},
		"names that differ by case": {stream("{}\n", `{"schemas":[`+strings.Repeat(`"urn:x",`, 10_000)+`"x"],`+cases(EnterpriseSchema, 5_000)+"\"a\":1}\n", size), ""},
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&b, `"k%d":1,`, i)
	}
	return b.String() + `"z":1`
}

// cases are so many keys that are the same but for their case.
func cases(name string, n int) string {
	var b strings.Builder
	for i := range n {
		text := []byte(name)
		for bit := range 16 {
			if i>>bit&1 == 1 {
				text[10+bit] ^= 0x20 * b2i(text[10+bit] >= 'a' && text[10+bit] <= 'z')
			}
		}
		_, _ = fmt.Fprintf(&b, "%q:{},", text)
	}
	return b.String()
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// TestAttackBoundsOfAPayload: each file ends with a sentence or with findings, in time,
// and what stays in memory does not grow with its size. BenchmarkHostilePayloads does
// the same with 300 MB of each.
func TestAttackBoundsOfAPayload(t *testing.T) {
	for name, tc := range hostile(2 << 20) {
		start := time.Now()
		peak := watch(func() { judged(t, name, tc.in, tc.want) })
		assert.Less(t, time.Since(start), 2*time.Minute, name)
		if !raceEnabled {
			assert.Less(t, peak>>20, uint64(200), "MB of %s", name)
		}
	}
}

func judged(tb testing.TB, name string, in io.Reader, want string) {
	tb.Helper()
	p, err := Check(in, Options{})
	if want != "" {
		require.ErrorContains(tb, err, want, name)
		return
	}
	require.NoError(tb, err, name)
	assert.Positive(tb, p.Bodies, name)
	for _, k := range p.Kinds {
		for _, f := range k.Findings {
			if len(f.Text) > 2*maxText || len(f.Path) > 2*maxText {
				tb.Errorf("%s: a finding of %d bytes", name, len(f.Text))
				return
			}
		}
	}
}

// watch returns the highest heap while f runs.
func watch(f func()) (peak uint64) {
	done, finished := make(chan struct{}), make(chan struct{})
	runtime.GC()
	go func() {
		defer close(finished)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	<-finished
	return peak
}

// BenchmarkHostilePayloads reads 300 MB of each, and fails from 200 MB of heap on.
func BenchmarkHostilePayloads(b *testing.B) {
	for name := range hostile(0) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				tc := hostile(300 << 20)[name]
				peak := watch(func() {
					p, err := Check(tc.in, Options{})
					b.Log(p.Bodies, err)
				})
				b.ReportMetric(float64(peak>>20), "MB")
				assert.Less(b, peak>>20, uint64(200), "MB")
			}
		})
	}
}

// TestAttackBoundsOfBodies: what one body may be, in each format.
func TestAttackBoundsOfBodies(t *testing.T) {
	nested := `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}"
	long := `{"a":"` + strings.Repeat("x", maxBody) + `"}`
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"nested":               {body("") + "\n" + nested, []string{"not-json 2 "}},
		"nested, in a list":    {"[" + body("") + ",\n" + nested + "]", []string{"not-json 2 "}},
		"long":                 {body("") + "\n" + long, []string{"not-json 2 "}},
		"long, in a list":      {"[" + body("") + ",\n" + long + ",\n" + strings.Replace(body(""), `,"displayName":"A"`, "", 1) + "]", []string{"not-json 2 ", "missing-required 3 displayName", "duplicate-user-name 3 userName"}},
		"broken, in a list":    {"[" + body("") + ",\n{x},\n" + strings.Replace(body(""), "a@x", "b@x", 1) + "]", []string{"not-json 2 "}},
		"newlines at the head": {strings.Repeat("\n", 100_000) + body(`,"x":1`), []string{"unknown-attribute 100001 x"}},
	} {
		assert.ElementsMatch(t, tc.want, found(check(t, tc.text, Options{})), name)
	}
	for text, want := range map[string]string{
		"[" + body("") + "]\nx":               "goes on behind its list",
		"[" + body("") + " " + body("") + "]": "a comma",
		"{\n}\n,{}":                           "begins with",
		"userName,username\na,b\n":            "twice",
	} {
		_, err := Check(strings.NewReader(text), Options{})
		require.ErrorContains(t, err, want, "%q", text)
	}
	many := strings.Repeat("{}\n", 5000)
	p, err := Check(strings.NewReader(many), Options{})
	require.NoError(t, err)
	assert.Equal(t, 5000, p.Bodies)
	p = check(t, `{"emails":[`+strings.Repeat(`1,`, 5000)+"1]}", Options{})
	assert.Len(t, found(p), maxFaults, "of one body")
	assert.Equal(t, 5004, total(p), "all are counted")
	assert.Equal(t, 5004-maxFaults, p.LeftOut)
	_, err = Check(strings.NewReader(many), Options{most: 4999})
	require.ErrorContains(t, err, "more than 4999 bodies")
}

func total(p results.Payload) int {
	n := 0
	for _, k := range p.Kinds {
		n += k.Count
	}
	return n
}
