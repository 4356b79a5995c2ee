package report

import (
	"fmt"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

// mermaidStyles colour boxes on a light and on a dark ground; dashes and signs say the
// same without colour.
const mermaidStyles = `  classDef allowed stroke:#1a7f37,stroke-width:2px
  classDef denied stroke:#cf222e,stroke-width:2px,stroke-dasharray:6 4
  classDef unknown stroke:#9a6700,stroke-width:2px,stroke-dasharray:2 3
`

// mermaid is the chain as a block that GitHub and GitLab draw.
func (c *chain) mermaid() string {
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart LR\n")
	ids := map[*node]string{}
	for tier, list := range c.Tiers {
		for i, n := range list {
			ids[n] = fmt.Sprintf("%c%d", "srpo"[tier], i)
			text := n.Label
			if n.Note != "" {
				text += " (" + n.Note + ")"
			}
			if n.Tier != tierRole && n.State != "" {
				text = marks[string(n.State)] + " " + text
			}
			class := ""
			if n.State != "" {
				class = ":::" + string(n.State)
			}
			_, _ = fmt.Fprintf(&b, "  %s[\"%s\"]%s\n", ids[n], mermaidText(text+causeSign(n.Cause, c.Causes)), class)
		}
	}
	for _, e := range c.Edges {
		arrow := "-->"
		switch e.State {
		case results.DecisionDenied, results.DecisionUnknown:
			arrow = fmt.Sprintf("-. \"%s\" .->", mermaidText(marks[string(e.State)]+causeSign(e.Cause, c.Causes)))
		case "":
			arrow = "-.->"
		}
		_, _ = fmt.Fprintf(&b, "  %s %s %s\n", ids[e.From], arrow, ids[e.To])
	}
	b.WriteString(mermaidStyles + "```\n")
	return b.String()
}

// causeSign names the cause that breaks the chain in a place.
func causeSign(cause int, causes []results.Cause) string {
	if cause == 0 {
		return ""
	}
	return fmt.Sprintf(" %d: %s", cause, causes[cause-1].ID)
}

// mermaidText makes a text from outside a quoted label that is only shown: Mermaid reads
// HTML, Markdown and entities in labels.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range shortened(Inert(s), maxCell) {
		if strings.ContainsRune("\"<>&#`*_[]{}()|\\", r) {
			_, _ = fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
