package transcript

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t testing.TB, input string) ([]Exchange, Result, error) {
	t.Helper()
	var list []Exchange
	r, err := Read(strings.NewReader(input), func(e Exchange) { list = append(list, e) })
	return list, r, err
}

func TestAuthOf(t *testing.T) {
	for value, want := range map[string]Auth{
		"":                    AuthNone,
		"Bearer abc.def-123":  AuthBearer,
		"bearer abc":          AuthBearer,
		"Bearer  abc":         AuthBearer,
		"Basic aWQ6c2VjcmV0":  AuthBasic,
		"abcdef":              AuthBare,
		"Token abcdef":        AuthBare,
		"Bearer":              AuthBroken,
		`Bearer "abc"`:        AuthBroken,
		"Bearer abc\ndef":     AuthBroken,
		`Bearer abc\n`:        AuthBroken,
		"Bearer {{token}}":    AuthBearer,
		"Bearer <redacted>":   AuthBearer,
		"Bearer ***":          AuthBearer,
		"Bearer $TOKEN":       AuthBearer,
		"Bearer [REDACTED]":   AuthBearer,
		"Bearer Bearer abc":   AuthBroken,
		"Bearer 'abc":         AuthBroken,
		"Bearer <your token>": AuthBearer,
	} {
		assert.Equal(t, want, authOf(value, true), "%q", value)
	}
	assert.Equal(t, AuthNone, authOf("x", false))
}

func TestSecretsAreFoundAndTakenOut(t *testing.T) {
	const secret = "sEcReT0123456789abcdefghij"
	for _, text := range []string{
		"> Authorization: Bearer " + secret,
		"Authorization: Basic " + secret,
		`{"name":"Authorization","value":"Bearer ` + secret + `"}`,
		"curl -H 'Authorization: Bearer " + secret + "' https://x",
		"curl -u 5e1d:" + secret + " https://login.mypurecloud.com/oauth/token",
		"grant_type=client_credentials&client_secret=" + secret,
		`{"access_token":"` + secret + `","token_type":"bearer"}`,
		"https://x/#access_token=" + secret + "&expires_in=1",
		`"clientSecret": "` + secret + `"`,
		"Cookie: session=" + secret + "; a=b",
		"the header was Bearer " + secret + ", I am sure",
	} {
		v := &vault{}
		v.search("first line\n" + text)
		if assert.NotEmpty(t, v.leaks, text) {
			assert.Equal(t, "line 2", v.leaks[0].Where, text)
		}
		assert.NotContains(t, v.clean(text+" again "+secret), secret, text)
	}
	v := &vault{}
	v.search("Authorization: Bearer ****************\nAuthorization: Bearer xxxxxxxxxxxxxxxxxxxx\nclient_secret=$SECRET\nthe bearer of bad news")
	assert.Empty(t, v.leaks, "what was starred out by hand is no leak")
}

func TestAURLLosesWhatMayCarryASecret(t *testing.T) {
	assert.Equal(t, "https://api.mypurecloud.com/api/v2/x", withoutQuery("https://user:pass@api.mypurecloud.com/api/v2/x?access_token=1#frag"))
	assert.Equal(t, "/api/v2/x", withoutQuery("/api/v2/x?a=b"))
}

func TestExchangesAreToldApart(t *testing.T) {
	list, r, err := read(t, "POST /a HTTP/1.1\nHost: h\n\n{}\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 403 Forbidden\n\n{\"code\":\"not.authorized\",\"status\":403}\nGET /b HTTP/1.1\nHost: h\n\nHTTP/1.1 200 OK\n\n{}\nGET /c HTTP/1.1\nHost: h\n\nHTTP/1.1 401 Unauthorized\n\n{\"code\":\"bad.credentials\"}\n")
	require.NoError(t, err)
	assert.Equal(t, 3, r.Requests)
	require.Len(t, list, 2)
	assert.Equal(t, "https://h/a", list[0].URL)
	assert.Equal(t, "not.authorized", list[0].Refusal.Code)
	assert.Equal(t, "https://h/c", list[1].URL)
	assert.Equal(t, 401, list[1].Status)
}

func TestAnEntryThatIsTooLargeIsRefused(t *testing.T) {
	har := `{"log":{"creator":{},"entries":[{"request":{"url":"` + strings.Repeat("x", 2*maxEntry) + `"}}]}}`
	_, _, err := read(t, har)
	require.ErrorContains(t, err, "entry 1 of the HAR is larger")
	_, _, err = read(t, `{"a":"`+strings.Repeat("x", maxText)+`"}`)
	require.ErrorContains(t, err, "larger than 16 MB")
}

func TestLargeJSONIsRead(t *testing.T) {
	const refused = `{"time":"2026-05-04T10:11:12Z","method":"POST","url":"https://api.mypurecloud.ie/api/v2/routing/queues","status":403,"body":"{\"code\":\"missing.permissions\",\"status\":403,\"message\":\"You are missing the following permission(s): routing:queue:add\"}"}`
	const fine = `{"time":"2026-05-04T10:11:12Z","method":"GET","url":"https://api.mypurecloud.ie/api/v2/users","status":200,"note":"nothing"}`
	entries := func(between string) string {
		var b strings.Builder
		for i := 0; b.Len() < 5<<20; i++ {
			if i > 0 {
				b.WriteString(between)
			}
			b.WriteString(fine)
			if i%10_000 == 5000 {
				b.WriteString(between + refused)
			}
		}
		return b.String()
	}
	lines := entries("\n")
	want := strings.Count(lines, refused)
	for name, input := range map[string]string{
		"an object in each line":     lines,
		"lines of JSON and of text":  strings.Replace(lines, "\n", "\nTraceback (most recent call last):\n  File x\n", 3),
		"one list":                   "[" + entries(",\n") + "]",
		"one list in one line":       "[" + entries(",") + "]\n",
		"a list in an object":        `{"@odata.context":"x","next":null,"value":[` + entries(",") + `],"more":{"a":[1,{"b":2}]}}`,
		"a list below":               `{"data":{"total":1,"items":[` + entries(",") + `]}}`,
		"values in several lines":    strings.ReplaceAll(entries("\n"), `,"method`, ",\n\"method"),
		"a list, then lines of text": "[" + entries(",\n") + "]\n" + "2026-05-04 10:11:12 done\n",
	} {
		t.Run(name, func(t *testing.T) {
			list, r, err := read(t, input)
			require.NoError(t, err)
			assert.Len(t, list, want)
			assert.Zero(t, r.Unjoined)
			assert.Empty(t, r.Cut)
			for _, e := range list {
				assert.Equal(t, "POST", e.Method)
				assert.Equal(t, []string{"routing:queue:add"}, e.Refusal.Permissions)
			}
		})
	}
	list, r, err := read(t, ("[" + entries(",\n") + "]")[:4<<20+1000])
	require.NoError(t, err)
	assert.NotEmpty(t, list)
	assert.Contains(t, r.Cut, "The JSON ends early")
	secretful := strings.Replace("["+entries(",")+"]", `"note":"nothing"`, `"authorization":"Bearer sEcReT0123456789abcdefghij"`, 1)
	_, r, err = read(t, secretful)
	require.NoError(t, err)
	assert.Len(t, r.Leaks, 1)
	assert.NotContains(t, r.Prose, "sEcReT0123456789abcdefghij")
	_, _, err = read(t, "["+strings.Repeat(fine+",", 1<<16)+fine+"]")
	require.NoError(t, err, "no refusal is not an error of the reader")
}

// logReader makes a log of about so many bytes without keeping it; one line of
// fifty is a refusal, and most have a number that could be a status.
type logReader struct {
	buffer  bytes.Buffer
	left, n int
	// line and refused are the forms of the lines; without them it is a log of text.
	line, refused string
}

const (
	textLine    = "2026-05-04 10:11:12,%03d INFO [worker-7] GET https://api.mypurecloud.ie/api/v2/users/%d took 450 ms, Authorization: [REDACTED], -> 200\n"
	textRefused = "2026-05-04 10:11:12,%03d ERROR [worker-7] POST https://api.mypurecloud.ie/api/v2/routing/queues -> {\"code\":\"missing.permissions\",\"status\":403,\"message\":\"You are missing the following permission(s): routing:queue:add\"}\n"
	jsonLine    = `{"level":"info","took_ms":%d,"user":%d,"method":"GET","url":"https://api.mypurecloud.ie/api/v2/users","status":200,"msg":"checked the permissions"}` + "\n"
	jsonRefused = `{"level":"error","took_ms":%d,"method":"POST","url":"https://api.mypurecloud.ie/api/v2/routing/queues","status":403,"body":"{\"code\":\"missing.permissions\",\"status\":403,\"message\":\"You are missing the following permission(s): routing:queue:add\"}"}` + "\n"
)

func (l *logReader) Read(p []byte) (int, error) {
	for l.buffer.Len() < len(p) && l.left > 0 {
		before := l.buffer.Len()
		l.n++
		_, _ = fmt.Fprintf(&l.buffer, cmp.Or(l.line, textLine), l.n%1000, l.n)
		if l.n%50 == 0 {
			_, _ = fmt.Fprintf(&l.buffer, cmp.Or(l.refused, textRefused), l.n%1000)
		}
		l.left -= l.buffer.Len() - before
	}
	if l.buffer.Len() == 0 {
		return 0, io.EOF
	}
	return l.buffer.Read(p)
}

func TestALogIsReadInWindows(t *testing.T) {
	l := &logReader{left: 6 << 20}
	n, wrong := 0, 0
	_, err := Read(l, func(e Exchange) {
		n++
		if e.URL != "https://api.mypurecloud.ie/api/v2/routing/queues" || e.Status != 403 || e.Where != fmt.Sprintf("line %d", n*51) {
			wrong++
		}
	})
	require.NoError(t, err)
	assert.Equal(t, l.n/50, n)
	assert.Zero(t, wrong, "a refusal with another call, status or place")
}

const logSize = 500 << 20

// BenchmarkLog500MB reads 500 MB of log text:
// go test ./pkg/transcript -run xxx -bench Log500MB -benchtime 1x
func BenchmarkLog500MB(b *testing.B) {
	for name, l := range map[string]*logReader{"text": {}, "json": {line: jsonLine, refused: jsonRefused}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				in := logReader{line: l.line, refused: l.refused}
				in.left = logSize
				_, err := Read(&in, func(Exchange) {})
				require.NoError(b, err)
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys)/1e6, "MB-of-memory")
			b.SetBytes(logSize)
		})
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"a":{"method":"GET","url":"/api/v2/x"},"status":403,"m":"{\"code\":\"not.authorized\"}"}`))
	f.Add([]byte(`[{"reason":"StatusCode: 403. Web Response: {\"code\":\"x\"}"}]`))
	f.Fuzz(func(_ *testing.T, data []byte) { record(data) })
}

func FuzzDecoded(f *testing.F) {
	f.Add([]byte("\xff\xfea\x00"))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decoded(bytes.NewReader(data))
		if err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
		}
	})
}

func TestDeepNestingDoesNotHurt(t *testing.T) {
	for _, input := range []string{
		strings.Repeat("[", 200_000),
		strings.Repeat(`{"a":`, 200_000),
		`{"log":{"creator":` + strings.Repeat("[", 200_000),
		strings.Repeat("{", 200_000) + " 403 not.authorized",
		"<testResults>" + strings.Repeat("<a>", 100_000),
	} {
		_, _, _ = read(t, input)
	}
}

// harReader makes a HAR of about so many bytes without keeping it.
type harReader struct {
	buffer bytes.Buffer
	left   int
	n      int
}

func newHAR(size int) *harReader {
	h := &harReader{left: size}
	h.buffer.WriteString(`{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"pages":[],"entries":[`)
	return h
}

func (h *harReader) Read(p []byte) (int, error) {
	for h.buffer.Len() < len(p) && h.left > 0 {
		before := h.buffer.Len()
		if h.n > 0 {
			h.buffer.WriteByte(',')
		}
		status, body := 200, strings.Repeat("an ordinary answer ", 200)
		if h.n%50 == 0 {
			status, body = 403, `{\"code\":\"missing.any.permissions\",\"status\":403,\"messageParams\":{\"permissions\":\"directory:user:add\"}}`
		}
		_, _ = fmt.Fprintf(&h.buffer, `{"startedDateTime":"2026-05-04T10:00:00Z","time":12.5,"request":{"method":"POST","url":"https://api.mypurecloud.com/api/v2/scim/v2/users","httpVersion":"HTTP/2","cookies":[],"headers":[{"name":"accept","value":"application/json"},{"name":"authorization","value":"Bearer token-%d-abcdefghijklmnop"}],"queryString":[],"postData":{"mimeType":"application/json","text":"{\"userName\":\"a\"}"},"headersSize":-1,"bodySize":10},"response":{"status":%d,"statusText":"","headers":[{"name":"content-type","value":"application/json"}],"content":{"size":10,"mimeType":"application/json","text":"%s"},"redirectURL":""},"cache":{},"timings":{"send":1,"wait":2,"receive":3}}`, h.n%3, status, body)
		h.n++
		if h.left -= h.buffer.Len() - before; h.left <= 0 {
			h.buffer.WriteString("]}}")
		}
	}
	if h.buffer.Len() == 0 {
		return 0, io.EOF
	}
	return h.buffer.Read(p)
}

func TestAHARIsStreamed(t *testing.T) {
	n := 0
	h := newHAR(4 << 20)
	r, err := Read(h, func(Exchange) { n++ })
	require.NoError(t, err)
	assert.Equal(t, h.n, r.Requests)
	assert.Equal(t, (h.n+49)/50, n)
	assert.Len(t, r.Leaks, 3, "a token that is used a thousand times leaks once")
}

// BenchmarkHAR100MB prints how long 100 MB of HAR take and how much memory the
// process has: go test ./pkg/transcript -run xxx -bench 100MB -benchtime 1x
func BenchmarkHAR100MB(b *testing.B) { benchmarkHAR(b, 100<<20) }

// BenchmarkHAR500MB is the same for 500 MB.
func BenchmarkHAR500MB(b *testing.B) { benchmarkHAR(b, 500<<20) }

func benchmarkHAR(b *testing.B, size int) {
	for b.Loop() {
		_, err := Read(newHAR(size), func(Exchange) {})
		require.NoError(b, err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/1e6, "MB-of-memory")
	b.SetBytes(int64(size))
}

// fuzz gives every reader what a file may hold; whatever comes out names where it
// was and has a status or a code.
func fuzz(f *testing.F, read func(rd *reader, data []byte) error, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rd := &reader{vault: &vault{}, kept: func(e Exchange) {
			if e.Where == "" || e.Refusal == nil && !e.HTML {
				t.Fatalf("%+v", e)
			}
		}}
		_ = read(rd, data)
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"code":"missing.permissions"}`))
	f.Add([]byte("$ curl https://x\nHTTP/1.1 403 x\n\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data), func(Exchange) {})
		if err == nil && r.Format == "" {
			t.Fatal("what was read has a format")
		}
	})
}

func FuzzHAR(f *testing.F) {
	fuzz(f, func(rd *reader, data []byte) error { return rd.har(bytes.NewReader(data)) },
		`{"log":{"entries":[{"request":{"method":"POST","url":"x","headers":[{"name":"authorization","value":"Bearer x"}]},"response":{"status":403,"content":{"text":"{}","encoding":"base64"}}}]}}`)
}

func FuzzNewman(f *testing.F) {
	fuzz(f, func(rd *reader, data []byte) error { return rd.newman(bytes.NewReader(data)) },
		`{"run":{"executions":[{"request":{"url":{"host":["a"],"path":["b"]}},"response":{"code":403,"stream":{"data":[123,125]}}}]}}`)
}

func FuzzJTLXML(f *testing.F) {
	fuzz(f, func(rd *reader, data []byte) error { return rd.jtlXML(bytes.NewReader(data)) },
		`<testResults><httpSample rc="403" lb="POST /x"><responseData>{}</responseData></httpSample></testResults>`)
}

func FuzzJTLCSV(f *testing.F) {
	fuzz(f, func(rd *reader, data []byte) error { return rd.jtlCSV(bytes.NewReader(data)) },
		"timeStamp,label,responseCode,responseMessage,URL\n1,\"POST /x\",403,missing.permissions,https://x\n")
}

func FuzzHTTP(f *testing.F) {
	fuzz(f, func(rd *reader, data []byte) error { rd.exchanges(string(data)); return nil },
		"POST /x HTTP/1.1\nAuthorization: Bearer x\n y\n\n{}\nHTTP/1.1 403 x\n\n{\"code\":\"a\"}\n", "* x\n> GET / HTTP/2\n> \n< HTTP/2 401\n< \n<html>", "curl -X POST -d '{\"a\":1}' \\\n https://x\nHTTP/2 403\n")
}

func FuzzProse(f *testing.F) {
	fuzz(f, func(rd *reader, data []byte) error { rd.prose(string(data)); return nil },
		`2026-01-01 ERROR {"code":"missing.permissions","status":403} POST https://x/api/v2/scim/users`, `{\"code\":\"not.authorized\"}`, "(403)\nReason: “Insufficient permissions”", "App not authorized to use scope [")
}

func FuzzErrorBodies(f *testing.F) {
	fuzz(f, func(rd *reader, data []byte) error { return rd.errorBodies(data) }, `[{"status":"403","body":{"error":"invalid_client"}}]`, `{"a":1}{"code":"not.authorized"}`)
}

// TestNumbersThatAreNoStatus: ports, sizes, pages and times are no secrets; a number beside
// a call, an arrow, a word or a refusal is.
func TestNumbersThatAreNoStatus(t *testing.T) {
	for _, text := range []string{
		"connected to api.mypurecloud.de:443, POST /api/v2/scim/v2/users ok 201", "https://api.mypurecloud.de:443/api/v2/users 200", `{"pageSize":500,"total":412}`, `{"total": 412, "count": 404}`,
		"GET /api/v2/groups page 404 of 500", "Verbindungsaufbau zu api.mypurecloud.de|1.2.3.4|:443 … verbunden", "GET /api/v2/users 200 OK (took 503 ms)", "POST /api/v2/users 201 Created, 401 bytes",
		"got 412 items", "returned 500 rows", "line: 404", "proxy.corp:503 connected", "retry: 429", "Zeile: 412", "10:11:12,403 INFO started", "content-length: 413", "wait with 500 ms", "took 404ms",
	} {
		assert.Empty(t, statuses(text), text)
	}
	for text, want := range map[string]int{
		"POST /api/v2/users -> 403": 403, "- POST /api/v2/users : 403 missing": 403, "POST https://api.mypurecloud.de/api/v2/users [403 Forbidden, 812B]": 403, "getting a 403 on it": 403, "we get 401 from scim": 401,
		"(403) Unzulässig.": 403, "Fehler: (401) Nicht autorisiert": 401, "Le serveur distant a retourné une erreur : (403) Interdit.": 403, "403 Client Error: Forbidden for url": 403, `"POST /api/v2/users HTTP/1.1" 403 512`: 403,
		"HTTP/1.1 429 Too Many Requests": 429, `"status": 403`: 403, "status=403": 403, "wir bekommen immer einen 403": 403, "403 on POST /api/v2/users": 403, "recibimos un 403": 403,
	} {
		if found := statuses(text); assert.NotEmpty(t, found, text) {
			assert.Equal(t, want, found[0].status, text)
		}
	}
}

// TestObjectsThatProgramsPrint are read as the bodies that they are.
func TestObjectsThatProgramsPrint(t *testing.T) {
	for _, text := range []string{
		`{'message': "You've no right", 'code': 'not.authorized', 'status': 403, 'details': [], 'x': None, 'y': True}`,
		"{\n  message: 'You are ' +\n    'not authorized',\n  code: 'not.authorized',\n  status: 403,\n  headers: [Object],\n  f: [Function: f],\n}",
		`{"code"=>"not.authorized", "status"=>403, "message"=>"no"}`, `{:code=>"not.authorized", :status=>403}`, `{code: "not.authorized", status: 403}`,
	} {
		object, end, ok := objectAt("x "+text+" y", 2)
		if assert.True(t, ok, text) {
			assert.Equal(t, 2+len(text), end, text)
			assert.Contains(t, string(object), `"code":"not.authorized"`)
		}
	}
	for _, text := range []string{"{'a'", "{a}", "{ 'a': ", "{a: b c d {", strings.Repeat("{'a':", 100)} {
		_, _, ok := objectAt(text, 0)
		assert.False(t, ok, text)
	}
}

func TestSDKsNameTheOperation(t *testing.T) {
	for text, want := range map[string]string{
		"at SCIMApi.postScimV2Users(SCIMApi.java:1)":        "POST /api/v2/scim/v2/users",
		"api.post_scim_users(body)":                         "POST /api/v2/scim/users",
		"Error calling PatchScimV2User: x":                  "PATCH /api/v2/scim/v2/users/{userId}",
		"SCIMApi.DeleteScimUserWithHttpInfo(String userId)": "DELETE /api/v2/scim/users/{userId}",
		"scimApi.getScimGroups()":                           "GET /api/v2/scim/groups",
		"nothing of it":                                     "",
	} {
		method, path, _ := callIn(text)
		assert.Equal(t, want, strings.TrimSpace(method+" "+path), text)
	}
}

// TestNoRefusalOfALongListIsLost: nothing divides the lines, or they are one object, or their
// answers are far apart.
func TestNoRefusalOfALongListIsLost(t *testing.T) {
	access := func(code int, call string) string {
		return fmt.Sprintf("10.0.0.9 - - [04/Nov/2026:10:00:59 +0000] \"%s HTTP/1.1\" %d 512 \"-\" \"sync\"\n", call, code)
	}
	body := `{"message":"You are missing the following permission(s): [routing:queue:add]","code":"missing.permissions","status":403,"contextId":"11111111-2222-4333-8444-%012d"}`
	var lines, objects strings.Builder
	for i := range 700 {
		fmt.Fprintf(&lines, "10:00:%d GET https://api.mypurecloud.com/api/v2/routing/queues/%d -> 403 Forbidden\n", i, i)
		fmt.Fprintf(&objects, ","+body, i)
	}
	for name, tc := range map[string]struct {
		text string
		want int
	}{
		"lines":           {lines.String(), 700},
		"a list in JSON":  {`{"items":[` + objects.String()[1:] + `]}`, 700},
		"it in one line":  {"2026-11-04 10:00:59 sync " + `{"items":[` + objects.String()[1:] + "]}\n", 700},
		"far apart lines": {access(403, "POST /api/v2/groups") + strings.Repeat(access(200, "GET /api/v2/users"), 300) + access(403, "POST /api/v2/flows"), 2},
	} {
		var joined int
		got, err := Read(strings.NewReader(tc.text), func(e Exchange) {
			joined++
			if strings.HasSuffix(name, "lines") {
				assert.NotEmpty(t, e.URL, "%s, %s", name, e.Where)
			}
		})
		require.NoError(t, err, name)
		assert.Equal(t, tc.want, joined, name)
		assert.Zero(t, got.Unjoined, name)
	}
}
