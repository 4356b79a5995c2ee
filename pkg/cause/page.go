package cause

import (
	"fmt"
	"strings"
)

// Page is a cause's part of docs/causes.md, and what `scimlint rules ID` prints.
func Page(c Info) string {
	text := fmt.Sprintf("## %s\n\n%s.\n\n%s\n\nHow to recognise it: %s\n\nHow to fix it: %s\n", c.ID, c.Title, c.About, c.Tell, c.Remedy)
	if c.OfSCIM != "" {
		text += "\nFor SCIM: " + c.OfSCIM + "\n"
	}
	if len(c.Explains) > 0 {
		text += fmt.Sprintf("\nWhen this cause is found, these are not reported separately, because it explains them: %s.\n", names(c.Explains))
	}
	return text
}

// Pages is docs/causes.md.
func Pages() string {
	var b strings.Builder
	b.WriteString("# Causes\n\nWhy a SCIM call is refused, ranked as reports rank causes of equal certainty. " +
		"Generated from the diagnosis itself by `go test ./pkg/cause -run Docs -update`.\n\n" +
		"Confirmed: the org's own answers show it. Likely: what the org showed does not meet a published rule. " +
		"Possible: nothing contradicts it.\n")
	for _, c := range All() {
		b.WriteString("\n" + Page(c))
	}
	return b.String()
}

func names(ids []ID) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return strings.Join(out, ", ")
}
