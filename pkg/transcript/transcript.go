// Package transcript reads what people have of a refused call: an error body, an
// HTTP exchange, a curl transcript, a HAR, a newman report, a JTL file, a log
// with an SDK's exception in it, or a pasted sentence. It says the refusals
// apart and says how each request was sent. It keeps no token: secrets are named
// as leaked and taken out of everything that is returned.
package transcript

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/secret"
)

// Format names what an input was recognised as.
type Format string

// The formats.
const (
	FormatError  Format = "error body"
	FormatHTTP   Format = "HTTP exchange"
	FormatCurl   Format = "curl transcript"
	FormatHAR    Format = "HAR"
	FormatNewman Format = "newman report"
	FormatJTLXML Format = "JTL (XML)"
	FormatJTLCSV Format = "JTL (CSV)"
	FormatText   Format = "text"
)

// Auth says in which form a request has its token.
type Auth string

// The forms. AuthUnseen is for inputs that show no request headers.
const (
	AuthUnseen Auth = ""
	AuthBearer Auth = "bearer"
	AuthNone   Auth = "none"
	AuthBasic  Auth = "basic"
	AuthBare   Auth = "bare"
	AuthBroken Auth = "broken"
)

// Exchange is one refused call.
type Exchange struct {
	// Where says where in the input it is: "entry 3", "line 12".
	Where string
	// Method and URL are as written; either may be empty.
	Method, URL string
	Auth        Auth
	// Whole says that all headers of the request are shown: some recorders leave
	// Authorization out.
	Whole  bool
	Status int
	// Refusal is the platform's no, as far as the input shows it.
	Refusal *genesys.Refusal
	// HTML is set when a page came in the platform's place.
	HTML bool
	// CDN says that the page is of the network through which the platform answers.
	CDN           bool
	CorrelationID string
	// Body is what of a request's SCIM body matters: the top-level keys.
	Body []string
	// Mute is set for an exception that was logged without status and body.
	Mute bool
	// Quoted is set when the refusal was read out of words, not out of a body.
	Quoted bool
	// Named says that the operation's name, and not a URL, said Method and URL.
	Named bool
}

// Leak is a secret that is in the input.
type Leak struct {
	Kind  string
	Where string
}

// Result is what reading an input gave beside its exchanges.
type Result struct {
	Format Format
	// Requests counts the calls that the input shows, refused or not; zero where
	// it does not tell.
	Requests int
	Leaks    []Leak
	// Secrets reads out of a text the secrets of the whole input: one that the input names
	// behind a refusal may be in that refusal, too.
	Secrets *secret.Redactor
	// Hosts are those that requests went to, refused or not, each once.
	Hosts []string
	// Others are the hosts, or else the names, of other services that refused something: of
	// those calls nothing is explained.
	Others []string
	// Unjoined counts what looks like a refusal and could be joined to no call;
	// UnjoinedAt says where the first of them are.
	Unjoined   int
	UnjoinedAt []string
	// Cut says where the input ends early, if it does.
	Cut string
	// Prose is the text of a text input, secrets taken out, for its advice to be
	// judged.
	Prose string
}

// InputError says why an input cannot be read.
type InputError struct{ text string }

func (e *InputError) Error() string { return e.text }

func unreadable(format string, args ...any) error {
	return &InputError{fmt.Sprintf(format, args...)}
}

// The bounds.
const (
	// maxText bounds what is read in one piece: HTTP exchanges.
	maxText = 32 << 20
	// maxEntry bounds one entry of a file that is streamed.
	maxEntry = 16 << 20
	// maxExchanges bounds how many refusals are kept.
	maxExchanges = 100_000
	sniffed      = 64 << 10
	// maxWindow bounds how much of a text is read in one piece; a larger one is read in
	// windows of this many bytes.
	maxWindow = 4 << 20
	streamed  = 2 << 20
)

// Read recognises an input by what it is and calls visit for every refused call.
func Read(r io.Reader, visit func(Exchange)) (Result, error) {
	r, err := decoded(r)
	if err != nil {
		return Result{}, err
	}
	whole := &forgiving{r: r}
	r = whole
	buffered := bufio.NewReaderSize(r, sniffed)
	head, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return Result{}, unreadable("the input cannot be read: %v", err)
	}
	if err := plausible(head); err != nil {
		return Result{}, err
	}
	rd := &reader{vault: &vault{}, kept: visit}
	switch kind := sniff(head); kind {
	case FormatHAR:
		err = rd.har(buffered)
	case FormatNewman:
		err = rd.newman(buffered)
	case FormatJTLXML:
		err = rd.jtlXML(buffered)
	case FormatJTLCSV:
		err = rd.jtlCSV(buffered)
	default:
		err = rd.whole(buffered, kind)
	}
	rd.result.Leaks, rd.result.Secrets = rd.vault.leaks, &rd.vault.shown
	if whole.cut && rd.result.Cut == "" {
		rd.result.Cut = "The compressed input ends early"
	}
	rd.result.Prose = rd.vault.clean(rd.result.Prose)
	return rd.result, err
}

// reader has the state of one Read.
type reader struct {
	vault  *vault
	kept   func(Exchange)
	count  int
	result Result
	// beside are the refused exchanges of an input whose other lines are read as text.
	beside []Exchange
}

// maxHosts bounds how many hosts are remembered.
const maxHosts = 100

// host remembers where a request went.
func (rd *reader) host(raw string) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || len(rd.result.Hosts) >= maxHosts {
		return
	}
	if name := strings.ToLower(u.Hostname()); !slices.Contains(rd.result.Hosts, name) {
		rd.result.Hosts = append(rd.result.Hosts, name)
	}
}

// keep hands a refused call on, without the secrets that were found.
func (rd *reader) keep(e Exchange) {
	if e.Refusal == nil && !e.HTML || rd.anothers(piece{url: e.URL, refusal: e.Refusal}) || rd.count >= maxExchanges {
		return
	}
	rd.count++
	if e.Refusal != nil {
		complete(e.Refusal)
	}
	e.URL = rd.vault.clean(withoutQuery(e.URL))
	e.CorrelationID = rd.vault.clean(e.CorrelationID)
	if r := e.Refusal; r != nil {
		c := *r
		c.Message, c.Code, c.ContextID = rd.vault.clean(c.Message), rd.vault.clean(c.Code), rd.vault.clean(c.ContextID)
		e.Refusal = &c
	}
	rd.kept(e)
}

// plausible refuses what is no text.
func plausible(head []byte) error {
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return unreadable("the input is empty: paste the refusal, or name a file that contains it")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return unreadable("the input is a zip archive: unpack it and name the file in it")
	case bytes.IndexByte(head, 0) >= 0 || notText(head):
		return unreadable("the input is binary: scimlint explain reads text (error bodies, HTTP exchanges, HAR, JTL, newman reports, logs)")
	}
	return nil
}

// notText counts what no text has: invalid UTF-8 and control characters.
func notText(head []byte) bool {
	odd, all := 0, 0
	for len(head) > utf8.UTFMax {
		r, size := utf8.DecodeRune(head)
		if r == utf8.RuneError && size == 1 || r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != 0x1b {
			odd++
		}
		all++
		head = head[size:]
	}
	return odd*10 > all
}

// sniff says what the input most likely is.
func sniff(head []byte) Format {
	trimmed := bytes.TrimSpace(head)
	switch {
	case trimmed[0] == '{' && hasKey(trimmed, "log") && (hasKey(trimmed, "entries") || hasKey(trimmed, "creator")):
		return FormatHAR
	case trimmed[0] == '{' && (hasKey(trimmed, "executions") || hasKey(trimmed, "collection") && (hasKey(trimmed, "run") || hasKey(trimmed, "info"))):
		return FormatNewman
	case bytes.Contains(trimmed[:min(len(trimmed), 512)], []byte("<testResults")):
		return FormatJTLXML
	case bytes.HasPrefix(trimmed, []byte("timeStamp,")) || bytes.HasPrefix(trimmed, []byte("timeStamp;")) || bytes.HasPrefix(trimmed, []byte("timeStamp\t")):
		return FormatJTLCSV
	case trimmed[0] == '{' || trimmed[0] == '[':
		return FormatError
	case curlLine.Match(head):
		return FormatCurl
	case statusLine.Match(head) || requestLine.Match(head):
		return FormatHTTP
	}
	return FormatText
}

func hasKey(data []byte, key string) bool {
	i := bytes.Index(data, []byte(`"`+key+`"`))
	if i < 0 {
		return false
	}
	rest := bytes.TrimLeft(data[i+len(key)+2:], " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// whole reads JSON and HTTP exchanges in one piece, and text window by window.
func (rd *reader) whole(r io.Reader, kind Format) error {
	data, err := io.ReadAll(io.LimitReader(r, maxWindow+1))
	if err != nil {
		return unreadable("the input cannot be read: %v", err)
	}
	if len(data) > maxWindow && kind == FormatError {
		rd.result.Format = kind
		return rd.largeJSON(data, r)
	}
	if len(data) > maxWindow && kind != FormatText {
		more, err := io.ReadAll(io.LimitReader(r, maxText-maxWindow))
		if err != nil {
			return unreadable("the input cannot be read: %v", err)
		}
		if data = append(data, more...); len(data) > maxText {
			return unreadable("the input is %s of over %d MB: cut out the part around the refusal", kind, maxText>>20)
		}
	}
	rd.result.Format = kind
	if len(data) > maxWindow && kind == FormatText {
		return rd.windows(io.MultiReader(bytes.NewReader(data), r))
	}
	text := string(bytes.ToValidUTF8(data, []byte("\uFFFD")))
	laid := plain(text)
	rd.vault.search(laid)
	if laid != text {
		rd.vault.search(text)
	}
	switch kind {
	case FormatError:
		if err := rd.errorBodies(data); err != nil {
			return err
		}
	case FormatCurl, FormatHTTP:
		rd.exchanges(text)
	}
	if kind == FormatText || rd.count == 0 && rd.result.Unjoined == 0 {
		rd.beside = nil
		rd.prose(text)
	}
	rd.result.Prose = rd.withoutOthers(wholeNames(laid))
	for _, u := range bareURL.FindAllString(text, 1000) {
		rd.host(u)
	}
	return nil
}
