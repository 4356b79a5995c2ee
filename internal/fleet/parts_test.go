package fleet

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// entriesOf writes so many entries with what is before and behind each.
func entriesOf(n int, form string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, form, i, i)
	}
	return b.String()
}

const partDefaults = "defaults:\n  region: eu-west-1\n  secret: {env: S}\n"

func TestAListIsReadInParts(t *testing.T) {
	const many = 5000
	for name, text := range map[string]string{
		"indented":         partDefaults + "orgs:\n" + entriesOf(many, "  - name: o-%d\n    clientId: c-%d\n\n    # a comment\n    labels:\n      env: prod\n"),
		"not indented":     partDefaults + "orgs:  # all\n" + entriesOf(many, "- name: o-%d\n  clientId: c-%d\n"),
		"in braces":        partDefaults + "orgs:\n" + entriesOf(many, "  - {name: o-%d,\n     clientId: c-%d}\n"),
		"lines of Windows": strings.ReplaceAll(partDefaults+"orgs:\n"+entriesOf(many, "  -\n    name: o-%d\n    clientId: c-%d\n"), "\n", "\r\n"),
		"defaults behind":  "# yaml-language-server: x\n---\norgs:\n" + entriesOf(many, "- {name: o-%d, clientId: c-%d}\n") + "# more\n" + partDefaults,
		"documents":        partDefaults + "---\norgs:\n" + entriesOf(many/2, "  - {name: o-%d, clientId: c-%d}\n") + "---\norgs:\n" + entriesOf(many/2, "  - {name: p-%d, clientId: c-%d}\n") + "---\n",
		"texts in lines":   partDefaults + "orgs:\n" + entriesOf(many, "  - name: o-%d\n    clientId: c-%d\n    labels:\n      note: |\n        - a\n\n        # b\n") + "checks:\n  - {id: mine, title: t, expression: 'true', message: m, fix: {text: f}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			parts, whole := newParser("fleet.yaml", false), newParser("fleet.yaml", false)
			largest := 0
			require.NoError(t, inParts(strings.NewReader(text), func(text []byte, _ int) error {
				largest = max(largest, len(text))
				return nil
			}))
			assert.Less(t, largest, 2*maxPart)
			require.NoError(t, parts.readParts(strings.NewReader(text)))
			require.NoError(t, whole.read(strings.NewReader(text)))
			assert.Equal(t, many, parts.list.Len())
			one, err := parts.list.Digest()
			require.NoError(t, err)
			other, err := whole.list.Digest()
			require.NoError(t, err)
			assert.Equal(t, other, one)
			assert.Equal(t, org(t, whole.list, many-1), org(t, parts.list, many-1))
		})
	}
}

// What is written in any other way is read as a whole: nothing of it is lost.
func TestAListThatIsNotPlain(t *testing.T) {
	for name, text := range map[string]string{
		"JSON":                `{"defaults": {"region": "eu-west-1", "secret": {"env": "S"}}, "orgs": [{"name": "a", "clientId": "c"}, {"name": "b", "clientId": "d"}]}`,
		"a list in brackets":  partDefaults + "orgs:\n  [{name: a, clientId: c}, {name: b, clientId: d}]\n",
		"a document's text":   partDefaults + "--- {orgs: [{name: a, clientId: c}, {name: b, clientId: d}]}\n",
		"the end of one":      partDefaults + "orgs:\n- {name: a, clientId: c}\n...\n---\norgs:\n- {name: b, clientId: d}\n",
		"a quoted key":        partDefaults + "\"orgs\":\n- {name: a, clientId: c}\n- {name: b, clientId: d}\n",
		"a byte order mark":   "\ufeff" + partDefaults + "orgs:\n- {name: a, clientId: c}\n- {name: b, clientId: d}\n",
		"a brace at the edge": partDefaults + "orgs:\n- {name: a,\nclientId: c}\n- {name: b, clientId: d}\n",
	} {
		l, err := load(t, text)
		require.NoError(t, err, name)
		assert.Equal(t, 2, l.Len(), name)
	}
	_, err := load(t, partDefaults+"orgs:\n- {name: a, clientId: c}\norgs:\n- {name: b, clientId: d}\n")
	require.ErrorContains(t, err, "fleet.yaml:6: the key orgs is there twice")
}

func TestASpool(t *testing.T) {
	for name, folder := range map[string]string{"a file": t.TempDir(), "no room for one": "/nowhere/at/all"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", folder)
			t.Setenv("TMP", folder)
			var s spool
			defer s.close()
			long := strings.Repeat("x", 1000)
			var places []place
			for i := range 5000 {
				at, err := s.add(fmt.Sprint(i, long))
				require.NoError(t, err)
				places = append(places, at)
			}
			for i, at := range places {
				var got string
				require.NoError(t, s.get(at, &got))
				require.Equal(t, fmt.Sprint(i, long), got)
			}
			if s.alone {
				return
			}
			assert.LessOrEqual(t, len(s.kept), maxKept)
			s.close()
			left, err := os.ReadDir(folder)
			require.NoError(t, err)
			assert.Empty(t, left, "nothing is left behind")
		})
	}
}
