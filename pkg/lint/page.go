package lint

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/evidence"
)

// Page is a check's page in Markdown: what docs/checks contains and what
// `scimlint rules ID` prints.
func Page(c Check) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "# %s\n\n%s.\n\nGroup: %s", c.ID, c.Title, c.Group)
	if c.Required {
		b.WriteString(". What this check cannot see keeps the verdict from being ready.")
	}
	_, _ = fmt.Fprintf(&b, "\n\n## Why it matters\n\n%s\n\n## When it fails\n\n%s\n", c.Why, c.Remedy)
	if len(c.Needs) > 0 {
		b.WriteString("\n## What it reads\n\n")
		for _, k := range c.Needs {
			_, _ = fmt.Fprintf(&b, "- %s%s\n", k, reading(k))
		}
	}
	return b.String()
}

func reading(k evidence.Kind) string {
	if p := evidence.RequiredPermission(k); p != "" {
		return " (requires `" + p + "`)"
	}
	return ""
}

// IndexPage lists checks in Markdown. Each is a heading, to which reports link.
func IndexPage(list []Check) string {
	var b strings.Builder
	b.WriteString("# Checks\n\nGenerated from the checks themselves by `go test ./checks -run Docs -update`.\n")
	group := Group("")
	for _, c := range list {
		if c.Group != group {
			group = c.Group
			_, _ = fmt.Fprintf(&b, "\n## %s\n\n", group)
		}
		_, _ = fmt.Fprintf(&b, "### [%s](%s.md)\n\n%s.\n\n", c.ID, c.ID, c.Title)
	}
	return b.String()
}
