package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/results"
)

// names are what an org's admin could have called a role, a client or a user.
var names = []string{
	hostile,
	`<script>alert(1)</script><img src=x onerror=alert(1)>`,
	`"><svg onload=alert(1)>`,
	`]]><injected/>`,
	`| cell | cell |`,
	"`code` **bold** [link](https://evil.example) ![img](https://evil.example/x.png)",
	"[click](https://evil.example) {0} {{1}}",
	`=HYPERLINK("https://evil.example")`,
	`@everyone see #1 and https://evil.example www.evil.example`,
	"-- \n# Heading\n- item",
	"\u200fmirrored\u202e\u2067",
	"</details></td></tr></table>",
	"javascript:alert(1)",
	"\ufffe\uffff\xff",
}

// named is a report in which every text from outside is the given one.
func named(name string) results.Report {
	r := poisoned()
	data, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		panic(err)
	}
	old, err := json.Marshal(hostile)
	if err != nil {
		panic(err)
	}
	var out results.Report
	if err := json.Unmarshal(bytes.ReplaceAll(data, old, quoted), &out); err != nil {
		panic(err)
	}
	return out
}

func written(t *testing.T, format string, r results.Report) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, format, r, Options{Verbose: true}))
	return out.String()
}

// TestNamesAreInert is the test of every format: what an org calls its things shows
// itself and does nothing.
func TestNamesAreInert(t *testing.T) {
	for _, name := range names {
		for _, format := range Formats() {
			out := written(t, format, named(name))
			for _, r := range out {
				require.False(t, obeyed(r) && r != '\n' && r != '\t', "%s lets %U of %q through", format, r, name)
			}
			switch format {
			case "html":
				assertInertHTML(t, out)
			case "markdown":
				assertInertMarkdown(t, out)
			case "junit":
				assertWellFormed(t, out)
			case "svg":
				assertWellFormed(t, out)
				assertInertSVG(t, out)
			case "json":
				assert.True(t, json.Valid([]byte(out)))
			case "sarif":
				text := sarifOf(t, out).Runs[0].Results[0].Message.Text
				assert.NotRegexp(t, `(^|[^\\])\[`, text, "a link")
				assert.NotRegexp(t, `(^|[^{]){[0-9]`, text, "a placeholder")
			}
		}
	}
}

var tag = regexp.MustCompile(`<(/?[a-zA-Z!][a-zA-Z0-9]*)[^>]*>`)

// assertInertHTML looks at the elements and attributes of a page.
func assertInertHTML(t *testing.T, page string) {
	t.Helper()
	assert.Equal(t, 1, strings.Count(page, "<script>"))
	from, to := strings.Index(page, "<svg "), strings.Index(page, "</svg>")
	require.True(t, from > 0 && from < to, "the picture")
	assertInertSVG(t, page[from:to+len("</svg>")])
	for _, m := range tag.FindAllString(page[:from]+page[to+len("</svg>"):], -1) {
		assert.NotRegexp(t, `(?i)^<(img|svg|iframe|object|embed|form|injected|base|link)\b`, m)
		assert.NotRegexp(t, `(?i)\son[a-z]+\s*=`, m)
		m = strings.Replace(m, `href="`+docsURL+`#`, `href="#`, 1)
		assert.NotRegexp(t, `(?i)(href|src)="[^#]`, m, "the page points nowhere but into itself and to the pages of checks")
	}
}

// assertInertSVG lets only the elements and attributes of the picture stand.
func assertInertSVG(t *testing.T, picture string) {
	t.Helper()
	assert.Equal(t, 1, strings.Count(picture, "<svg "))
	for _, m := range tag.FindAllString(picture, -1) {
		assert.Regexp(t, `^</?(svg|title|desc|style|text|path|rect|circle|g)[ />]`, m)
		assert.NotRegexp(t, `(?i)\s(on[a-z]+|href|src|style|xlink:href)\s*=`, m)
	}
}

var mermaidLine = regexp.MustCompile(`^(flowchart LR|classDef \w+ [\w#:,-]+( \d)?|[srpo]\d+\["[^"<>&` + "`" + `]*"\](:::\w+)?|[srpo]\d+ (-->|-\.->|-\. "[^"<>&` + "`" + `]*" \.->) [srpo]\d+)$`)

// withoutPicture takes the block of the picture out of a comment; each of its lines is
// one of the picture's own.
func withoutPicture(t *testing.T, text string) string {
	t.Helper()
	before, rest, ok := strings.Cut(text, "```mermaid\n")
	require.True(t, ok, "the picture")
	block, after, ok := strings.Cut(rest, "```\n")
	require.True(t, ok)
	for line := range strings.Lines(block) {
		assert.Regexp(t, mermaidLine, strings.TrimSpace(line))
	}
	return before + after
}

// assertInertMarkdown looks for what GitHub would obey.
func assertInertMarkdown(t *testing.T, text string) {
	t.Helper()
	text = withoutPicture(t, text)
	assert.NotRegexp(t, `(?i)<(script|img|svg|injected|/td|/table)`, text)
	assert.Equal(t, 1, strings.Count(text, "</details>"))
	assert.NotRegexp(t, `(^|[^\\])!?\[`, text, "a link")
	assert.NotRegexp(t, `https?://|www\.`, text, "a link that makes itself")
	assert.NotRegexp(t, `@[a-z]`, text, "a mention")
	assert.NotRegexp(t, `[^&]#[0-9]`, text, "a reference")
	assert.NotRegexp(t, `(?m)^(# H|- item)`, text)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") {
			cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			assert.Contains(t, []int{4, 5}, cells, "a name makes no cell: %s", line)
		}
	}
}

// sarifOf reads a log that is valid by the published schema.
func sarifOf(t *testing.T, text string) sarifLog {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "schemas", "sarif-2.1.0.json"))
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(instance))
	var log sarifLog
	require.NoError(t, json.Unmarshal([]byte(text), &log))
	return log
}

// TestSARIFIsPlain: no field says -1 for nothing, and the version begins with a number.
func TestSARIFIsPlain(t *testing.T) {
	out := written(t, "sarif", poisoned())
	assert.NotContains(t, out, "-1")
	for version, want := range map[string]string{"v1.2.3": "1.2.3", "1.2.3-rc1": "1.2.3-rc1", "(devel)": "0.0.0-devel", "": "0.0.0-devel"} {
		assert.Equal(t, want, plainVersion(version), version)
	}
}

func assertWellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok {
			assert.NotEqual(t, "injected", e.Name.Local)
		}
	}
}

func TestTheHTMLPolicyLetsItsOwnPartsRun(t *testing.T) {
	page := written(t, "html", poisoned())
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	require.NotNil(t, policy)
	assert.Equal(t, contentPolicy(), html.UnescapeString(policy[1]))
	assert.Contains(t, page, "<style>"+pageCSS+chainCSS+"</style>", "the policy's hash is of the style as it stands")
	assert.Contains(t, page, "<script>"+pageJS+"</script>")
	assert.NotContains(t, pageJS+pageCSS+chainCSS, "http", "nothing is fetched")
}

func TestALongMarkdownReportFitsAComment(t *testing.T) {
	r := poisoned()
	for range 500 {
		r.Checks = append(r.Checks, results.Check{ID: "a-check", Status: results.Fail, Message: strings.Repeat("long ", 200)})
	}
	text := written(t, "markdown", r)
	assert.Less(t, len([]rune(text)), 65_000)
	assert.Contains(t, text, "Not ready", "what matters most is kept")
	assert.Contains(t, text, "The rest is left out")
}

func TestJUnitSaysWhatTheExitCodeSays(t *testing.T) {
	r := results.Report{Verdict: results.NotReady, Checks: []results.Check{
		{ID: "a", Group: "G", Status: results.Fail, Message: "m"}, {ID: "b", Group: "G", Status: results.Unknown, Required: true, Message: "m"},
		{ID: "c", Group: "G", Status: results.Fail, Message: "m", Known: &results.Known{Reason: "ticket 12"}},
		{ID: "d", Group: "H", Status: results.Warn, Message: "m"}, {ID: "e", Group: "H", Status: results.Skip, Message: "m"},
		{ID: "f", Group: "H", Status: results.Unknown, Message: "m"}, {ID: "g", Group: "H", Status: results.Pass, Message: "m"}},
		Operations: []results.Operation{{ID: "scim-user-create", Decision: results.DecisionDenied}, {ID: "scim-user-read", Decision: results.DecisionAllowed}}}
	out := written(t, "junit", r)
	assert.Contains(t, out, `<testsuites name="scimlint" tests="9" failures="2" errors="1">`)
	assert.Contains(t, out, "known: ticket 12")
	r.Pipeline = &results.Pipeline{Passed: true}
	assert.Contains(t, written(t, "junit", r), `the pipeline's terms let it pass`)
}

func TestSARIFShowsWhatIsKnownAsSuppressed(t *testing.T) {
	r := poisoned()
	r.Checks[0].Known = &results.Known{Reason: "ticket 12", Expires: "2027-01-31"}
	r.Checks[0].Fingerprint = "0123456789abcdef01234567"
	first := sarifOf(t, written(t, "sarif", r)).Runs[0].Results[0]
	require.Len(t, first.Suppressions, 1)
	assert.Equal(t, "known until 2027-01-31: ticket 12", first.Suppressions[0].Justification)
	assert.Equal(t, "0123456789abcdef01234567", first.PartialFingerprints[fingerprintKey])
	r.Checks[0].Known.Expired = true
	assert.Empty(t, sarifOf(t, written(t, "sarif", r)).Runs[0].Results[0].Suppressions)
}

func TestTextShowsThePipelinesTerms(t *testing.T) {
	r := poisoned()
	r.Checks[0].Known = &results.Known{Reason: "ticket 12"}
	r.Pipeline = &results.Pipeline{Passed: true, Because: []string{"1 known from the baseline"}, Stale: []results.Stale{{Check: "z", Message: hostile, Reason: "old"}}}
	out := written(t, "text", r)
	assert.Contains(t, out, "  Pipeline result: passes, exit code 0: 1 known from the baseline")
	assert.Contains(t, out, "stale in the baseline: z no longer finds this")
	assert.Contains(t, out, "(known: ticket 12)")
}

func FuzzMarkdown(f *testing.F) {
	for _, n := range names {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := md(s)
		assert.NotRegexp(t, `[<>\n]`, out)
		assert.NotRegexp(t, `(^|[^\\])(\\\\)*[\[\]|`+"`"+`]`, out)
	})
}
