package transcript

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/scimlint/scimlint/pkg/genesys"
)

// bounded lets one entry of a streamed file be so large and no larger.
type bounded struct {
	r    io.Reader
	left int
}

var errEntryTooLarge = errors.New("one entry is too large")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errEntryTooLarge
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// eachOf calls visit for every element of the array that the keys lead to, however large the
// file is, and searches what is before and behind the array for secrets.
func (rd *reader) eachOf(r io.Reader, what string, keys []string, visit func(n int, entry json.RawMessage, offset int64) error) (int, error) {
	limit := &bounded{r, maxEntry}
	dec := json.NewDecoder(limit)
	fail := func(n int, err error) error {
		if errors.Is(err, errEntryTooLarge) {
			return unreadable("entry %d of the %s is larger than %d MB", n+1, what, maxEntry>>20)
		}
		return unreadable("the %s ends early, or is no JSON, after %d entries: save it again", what, n)
	}
	if err := rd.enter(dec, limit, keys); err != nil {
		return 0, fail(0, err)
	}
	n := 0
	for ; dec.More(); n++ {
		limit.left = maxEntry
		var entry json.RawMessage
		if err := dec.Decode(&entry); err != nil {
			return n, fail(n, err)
		}
		if err := visit(n, entry, dec.InputOffset()); err != nil {
			return n, fail(n, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return n, fail(n, err)
	}
	limit.left = maxEntry
	return n, inWindows(io.MultiReader(dec.Buffered(), limit), func(text string, _ int) {
		rd.vault.searchIn("behind the "+what+"'s entries", text)
	})
}

var errNoSuchKey = errors.New("key not found")

// maxBeside bounds what is beside the entries of a file: the collection that was run.
const maxBeside = 4 * maxEntry

// enter walks into nested objects and then into an array; what other keys have is searched for
// secrets: a report has the settings and the variables of its run there.
func (rd *reader) enter(dec *json.Decoder, limit *bounded, keys []string) error {
	for _, key := range keys {
		if t, err := dec.Token(); err != nil || t != json.Delim('{') {
			return errors.Join(err, errNoSuchKey)
		}
		for {
			limit.left = maxEntry
			t, err := dec.Token()
			if err != nil || t == json.Delim('}') {
				return errors.Join(err, errNoSuchKey)
			}
			if t == key {
				break
			}
			limit.left = maxBeside
			var other json.RawMessage
			if err := dec.Decode(&other); err != nil {
				return err
			}
			rd.vault.searchIn(fmt.Sprint(t), string(other))
		}
	}
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(err, errNoSuchKey)
	}
	return nil
}

// skip passes over one value without keeping it.
func skip(dec *json.Decoder, limit *bounded) error {
	depth := 0
	for {
		limit.left = maxEntry
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// pairs is a list of headers as HAR and Postman write it.
type pairs []struct {
	Name  string `json:"name"`
	Key   string `json:"key"`
	Value string `json:"value"`
}

func (p pairs) get(name string) (string, bool) {
	for _, h := range p {
		if strings.EqualFold(h.Name, name) || strings.EqualFold(h.Key, name) {
			return h.Value, true
		}
	}
	return "", false
}

// lines are the pairs as the lines of a header, in which secrets are looked for.
func (p pairs) lines() string {
	var b strings.Builder
	for _, h := range p {
		_, _ = fmt.Fprintf(&b, "%s%s: %s\n", h.Name, h.Key, h.Value)
	}
	return b.String()
}

type harEntry struct {
	Request struct {
		Method   string `json:"method"`
		URL      string `json:"url"`
		Headers  pairs  `json:"headers"`
		PostData struct {
			Text string `json:"text"`
		} `json:"postData"`
	} `json:"request"`
	Response *struct {
		Status  int   `json:"status"`
		Headers pairs `json:"headers"`
		Content struct {
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

// encoded is the body of an answer that is not written as it is.
func (e *harEntry) encoded() string {
	if e.Response == nil || e.Response.Content.Encoding == "" {
		return ""
	}
	return e.Response.Content.Text
}

func (rd *reader) har(r io.Reader) error {
	rd.result.Format = FormatHAR
	answered := 0
	read := &tail{r: r}
	ended := int64(0)
	n, err := rd.eachOf(read, "HAR", []string{"log", "entries"}, func(n int, entry json.RawMessage, offset int64) error {
		ended = offset
		var e harEntry
		if err := json.Unmarshal(entry, &e); err != nil {
			return err
		}
		where := fmt.Sprintf("entry %d", n+1)
		rd.searchEntry(where, entry, e.encoded())
		if e.Response == nil || e.Response.Status == 0 {
			return nil
		}
		answered++
		rd.host(e.Request.URL)
		auth, has := e.Request.Headers.get("authorization")
		rd.vault.searchIn(where, e.Request.Headers.lines(), e.Response.Headers.lines())
		body := decode(e.Response.Content.Text, e.Response.Content.Encoding)
		if marked(body) {
			rd.vault.searchIn(where, body)
		}
		if e.Response.Status < 400 {
			return nil
		}
		rd.vault.searchIn(where, e.Request.URL, e.Request.PostData.Text)
		rd.keepCall(call{where, e.Request.Method, e.Request.URL, auth, has, len(e.Request.Headers) > 0, e.Request.PostData.Text, e.Response.Status, body, e.Response.Headers, false})
		return nil
	})
	rd.result.Requests = n
	if err != nil && n >= 0 {
		return rd.cutOff(err, read.from(ended))
	}
	if answered == 0 {
		return unreadable("the HAR has %d entries and no response in it: record it until the refusal has come", n)
	}
	return err
}

// searchEntry looks for secrets in all of an entry but an encoded body: a login has them, which
// was not refused.
func (rd *reader) searchEntry(where string, entry json.RawMessage, encoded string) {
	text := string(entry)
	if encoded != "" {
		text = strings.Replace(text, encoded, "", 1)
	}
	if marked(text) {
		rd.vault.searchIn(where, text)
	}
}

// cutOff reads the rest of a file that ends early as text. It is an error only where
// nothing was read.
func (rd *reader) cutOff(err error, rest string) error {
	rd.vault.search(rest)
	rd.prose(rest)
	if rd.count == 0 && rd.result.Unjoined == 0 {
		return err
	}
	rd.result.Cut = strings.ToUpper(err.Error()[:1]) + err.Error()[1:]
	return nil
}

// call is one call of a streamed file.
type call struct {
	where, method, url, auth string
	hasAuth, headers         bool
	request                  string
	status                   int
	body                     string
	response                 pairs
	whole                    bool
}

func (rd *reader) keepCall(c call) {
	e := Exchange{Where: c.where, Method: strings.ToUpper(c.method), URL: c.url, Whole: c.whole, Status: c.status, Body: topKeys(c.request)}
	if c.headers {
		e.Auth = authOf(c.auth, c.hasAuth)
	}
	e.CorrelationID, _ = c.response.get(genesys.CorrelationHeader)
	e.answered(c.body)
	rd.keep(e)
}

type newmanExecution struct {
	Request struct {
		Method string          `json:"method"`
		URL    json.RawMessage `json:"url"`
		Header pairs           `json:"header"`
		Body   struct {
			Raw        string `json:"raw"`
			Urlencoded pairs  `json:"urlencoded"`
		} `json:"body"`
		Auth json.RawMessage `json:"auth"`
	} `json:"request"`
	Response *struct {
		Code   int    `json:"code"`
		Header pairs  `json:"header"`
		Body   string `json:"body"`
		Stream struct {
			Data []byteNumber `json:"data"`
		} `json:"stream"`
	} `json:"response"`
}

// byteNumber is one byte of a Node.js Buffer in JSON.
type byteNumber uint8

func (rd *reader) newman(r io.Reader) error {
	rd.result.Format = FormatNewman
	n, err := rd.eachOf(r, "newman report", []string{"run", "executions"}, func(n int, entry json.RawMessage, _ int64) error {
		var e newmanExecution
		if err := json.Unmarshal(entry, &e); err != nil {
			return err
		}
		rd.host(postmanURL(e.Request.URL))
		where := fmt.Sprintf("execution %d", n+1)
		// The request for a token has the secret of the client, and is not refused.
		rd.vault.searchIn(where, e.Request.Header.lines(), postmanURL(e.Request.URL), e.Request.Body.Raw, e.Request.Body.Urlencoded.lines(), string(e.Request.Auth))
		rd.searchEntry(where, entry, "")
		if e.Response == nil {
			return nil
		}
		body := e.Response.Body
		if body == "" {
			raw := make([]byte, len(e.Response.Stream.Data))
			for i, b := range e.Response.Stream.Data {
				raw[i] = byte(b)
			}
			body = string(raw)
		}
		rd.vault.searchIn(where, e.Response.Header.lines(), body)
		if e.Response.Code < 400 {
			return nil
		}
		auth, has := e.Request.Header.get("authorization")
		rd.keepCall(call{where, e.Request.Method, postmanURL(e.Request.URL), auth, has, len(e.Request.Header) > 0 && (has || len(e.Request.Auth) == 0 || string(e.Request.Auth) == "null"), e.Request.Body.Raw, e.Response.Code, body, e.Response.Header, false})
		return nil
	})
	rd.result.Requests = n
	if err == nil && n == 0 {
		return unreadable("the newman report has no executions: run the collection with --reporters json")
	}
	return err
}

// postmanURL reads a URL that is a string or taken apart.
func postmanURL(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var u struct {
		Raw      string   `json:"raw"`
		Protocol string   `json:"protocol"`
		Host     []string `json:"host"`
		Path     []string `json:"path"`
	}
	if json.Unmarshal(raw, &u) != nil {
		return ""
	}
	if u.Raw != "" && !strings.Contains(u.Raw, "{{") {
		return u.Raw
	}
	return firstOf(u.Protocol, "https") + "://" + strings.Join(u.Host, ".") + "/" + strings.Join(u.Path, "/")
}

type jtlSample struct {
	Label          string `xml:"lb,attr"`
	Code           string `xml:"rc,attr"`
	ResponseData   string `xml:"responseData"`
	ResponseHeader string `xml:"responseHeader"`
	RequestHeader  string `xml:"requestHeader"`
	Method         string `xml:"method"`
	URL            string `xml:"java.net.URL"`
	Query          string `xml:"queryString"`
	Cookies        string `xml:"cookies"`
	// A sample of a transaction, or one that was redirected, has others.
	Calls   []jtlSample `xml:"httpSample"`
	Samples []jtlSample `xml:"sample"`
}

func (rd *reader) jtlXML(r io.Reader) error {
	rd.result.Format = FormatJTLXML
	limit := &bounded{r, maxEntry}
	dec := xml.NewDecoder(limit)
	for n := 0; ; {
		limit.left = maxEntry
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			rd.result.Requests = n
			return nil
		}
		if err != nil {
			return unreadable("the JTL file ends early, or is no XML, after %d samples: save it again", n)
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "httpSample" && start.Name.Local != "sample" {
			continue
		}
		var s jtlSample
		if err := dec.DecodeElement(&s, &start); err != nil {
			return unreadable("the JTL file ends early, or is no XML, after %d samples: save it again", n)
		}
		rd.samples(s, &n)
	}
}

// samples reads a sample and those inside it. An outer sample repeats the answer
// of one inside: only the innermost are calls.
func (rd *reader) samples(s jtlSample, n *int) {
	for _, inner := range slices.Concat(s.Calls, s.Samples) {
		rd.samples(inner, n)
	}
	if len(s.Calls)+len(s.Samples) == 0 {
		*n++
		rd.sample(s, *n)
	}
}

func (rd *reader) sample(s jtlSample, n int) {
	rd.host(s.URL)
	where := fmt.Sprintf("sample %d", n)
	for _, text := range []string{s.RequestHeader, s.ResponseHeader, s.Query, s.URL, s.Label, s.Cookies, s.ResponseData} {
		if marked(text) {
			rd.vault.searchIn(where, text)
		}
	}
	status, _ := strconv.Atoi(s.Code)
	if status < 400 {
		return
	}
	auth, has := headerLine(s.RequestHeader, "authorization")
	id, _ := headerLine(s.ResponseHeader, genesys.CorrelationHeader)
	rd.keepCall(call{where, firstOf(s.Method, methodIn(s.Label)), firstOf(s.URL, urlIn(s.Label)), auth, has, s.RequestHeader != "", s.Query, status, s.ResponseData,
		pairs{{Name: genesys.CorrelationHeader, Value: id}}, true})
}

func headerLine(headers, name string) (string, bool) {
	for line := range strings.Lines(headers) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

func (rd *reader) jtlCSV(r io.Reader) error {
	rd.result.Format = FormatJTLCSV
	limit := &bounded{r, maxEntry}
	c := csv.NewReader(limit)
	c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = -1, true, true
	header, err := c.Read()
	if err == nil && len(header) == 1 {
		return unreadable("the JTL file does not separate its columns by commas: save it with jmeter.save.saveservice.default_delimiter=,")
	}
	if err != nil {
		return unreadable("the JTL file has no header line")
	}
	column := map[string]int{}
	for i, name := range header {
		column[strings.TrimSpace(name)] = i
	}
	if _, ok := column["responseCode"]; !ok {
		return unreadable("the JTL file has no column responseCode")
	}
	for n := 0; ; n++ {
		limit.left = maxEntry
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			rd.result.Requests = n
			return nil
		}
		if err != nil {
			return unreadable("the JTL file ends early after %d samples", n)
		}
		field := func(name string) string {
			if i, ok := column[name]; ok && i < len(record) {
				return record[i]
			}
			return ""
		}
		rd.row(field, n+1)
	}
}

func (rd *reader) row(field func(string) string, n int) {
	rd.host(field("URL"))
	where := fmt.Sprintf("sample %d", n)
	body := firstOf(field("responseData"), field("failureMessage"), field("responseMessage"))
	for _, text := range []string{body, field("URL"), field("label")} {
		if marked(text) {
			rd.vault.searchIn(where, text)
		}
	}
	status, _ := strconv.Atoi(field("responseCode"))
	if status < 400 {
		return
	}
	e := Exchange{Where: where, Method: firstOf(field("method"), methodIn(field("label"))), URL: firstOf(field("URL"), urlIn(field("label"))), Status: status}
	e.answered(body)
	if e.Refusal != nil && e.Refusal.Code == "" {
		if guess := fromWords(status, body); guess != nil {
			e.Refusal = guess
		}
	}
	rd.keep(e)
}
