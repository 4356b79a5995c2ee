package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	_ "embed" // the picture's style

	"github.com/scimlint/scimlint/pkg/results"
)

//go:embed page/chain.css
var chainCSS string

// fileCSS is what a picture has that is not part of a page.
const fileCSS = ".chain { background: #ffffff; }\n@media (prefers-color-scheme: dark) { .chain { background: #14171b; } }\n"

// The measures of the picture, in its own units: it is as wide as a small screen, so that
// its text is readable there as it is.
const (
	pictureWidth = 360
	boxLeft      = 58
	boxWidth     = 244
	boxHeight    = 36
	boxGap       = 8
	tierHead     = 22
	labelSize    = 34 // characters of 11 units that fit a box
)

// writeSVG writes only the picture, as a file of its own. It has a background: what shows it may
// be light where the reader's system is dark.
func writeSVG(w io.Writer, r results.Report, _ Options) error {
	c := newChain(r)
	if c == nil {
		c = &chain{}
	}
	var out bytes.Buffer
	c.svg(&out, `<style>`+chainCSS+fileCSS+`</style>`)
	_, err := w.Write(out.Bytes())
	return err
}

// svg draws the chain from top to bottom. Shapes have attributes for outlines too: servers
// such as Jenkins show pages without their style. Lines between tiers run in lanes beside the
// boxes: on the left down to the permissions, on the right from there to the operations.
func (c *chain) svg(out *bytes.Buffer, style string) {
	places, height := c.layout()
	legend := len(c.Causes)
	_, _ = fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" class="chain" viewBox="0 0 %d %d" font-size="12" role="img" aria-labelledby="chain-title chain-words">`+"\n", pictureWidth, height+legend*18+8)
	_, _ = fmt.Fprintf(out, "<title id=\"chain-title\">From who asks to the operations</title>\n<desc id=\"chain-words\">%s</desc>\n%s\n", plainText(c.Words()), style)
	for tier, list := range c.Tiers {
		if len(list) > 0 {
			_, _ = fmt.Fprintf(out, `<text class="tier" x="%d" y="%d">%s</text>`+"\n", boxLeft, places[list[0]]-7, tierNames[tier])
		}
	}
	c.lines(out, places)
	for _, list := range c.Tiers {
		for _, n := range list {
			drawBox(out, n, places[n])
		}
	}
	for i, cause := range c.Causes {
		y := height + 14 + i*18
		drawMark(out, boxLeft+8, y-4, i+1)
		_, _ = fmt.Fprintf(out, `<text class="note" x="%d" y="%d">%s</text>`+"\n", boxLeft+22, y, plainText(shortened(cause.ID+", "+string(cause.Certainty), labelSize+8)))
	}
	out.WriteString("</svg>\n")
}

// layout gives each box the top of its place, and returns where the picture ends.
func (c *chain) layout() (map[*node]int, int) {
	places, y := map[*node]int{}, 0
	for _, list := range c.Tiers {
		if len(list) == 0 {
			continue
		}
		y += tierHead
		for _, n := range list {
			places[n] = y
			y += boxHeight + boxGap
		}
	}
	return places, y
}

// lines draws the edges. Those that leave a box in the same state share a lane.
func (c *chain) lines(out *bytes.Buffer, places map[*node]int) {
	type bundle struct {
		from  *node
		state results.Decision
	}
	lanes, used := map[bundle]int{}, map[bool]int{}
	for _, e := range c.Edges {
		right := e.From.Tier == tierPermission
		key := bundle{e.From, e.State}
		lane, ok := lanes[key]
		if !ok {
			lane = used[right] % 7
			lanes[key] = lane
			used[right]++
		}
		side, x := boxLeft, boxLeft-14-lane*6
		if right {
			side, x = boxLeft+boxWidth, boxLeft+boxWidth+14+lane*6
		}
		from, to := places[e.From]+boxHeight/2, places[e.To]+boxHeight/2
		_, _ = fmt.Fprintf(out, `<path class="line %s" fill="none" stroke="currentColor" d="M%d %dH%dV%dH%d"/>`+"\n", stateClass(e.State), side, from, x, to, side)
		if e.State == results.DecisionDenied || e.State == results.DecisionUnknown {
			drawBreak(out, side, to, right, e)
		}
	}
}

// drawBreak marks where a line breaks, before the box that it does not reach.
func drawBreak(out *bytes.Buffer, side, y int, right bool, e *edge) {
	x := side - 9
	if right {
		x = side + 9
	}
	if e.Cause > 0 {
		drawMark(out, x, y, e.Cause)
		return
	}
	_, _ = fmt.Fprintf(out, `<text class="sign %s" x="%d" y="%d">%s</text>`+"\n", stateClass(e.State), x, y+4, marks[string(e.State)])
}

// drawMark draws the number of a cause.
func drawMark(out *bytes.Buffer, x, y, cause int) {
	_, _ = fmt.Fprintf(out, `<circle class="break" fill="none" stroke="currentColor" cx="%d" cy="%d" r="8"/><text class="number" text-anchor="middle" x="%d" y="%d">%d</text>`+"\n", x, y, x, y+4, cause)
}

func drawBox(out *bytes.Buffer, n *node, y int) {
	sign := ""
	if n.Tier != tierRole && n.State != "" {
		sign = marks[string(n.State)] + " "
	}
	_, _ = fmt.Fprintf(out, `<g><title>%s</title><rect class="box %s" x="%d" y="%d" width="%d" height="%d" rx="4" fill="none" stroke="currentColor"/>`, plainText(strings.TrimSpace(n.Label+" "+n.Note)), stateClass(n.State), boxLeft, y, boxWidth, boxHeight)
	top := y + 22
	if n.Note != "" {
		top = y + 15
		_, _ = fmt.Fprintf(out, `<text class="note" x="%d" y="%d">%s</text>`, boxLeft+8, y+29, plainText(shortened(n.Note, labelSize+5)))
	}
	_, _ = fmt.Fprintf(out, `<text class="label" x="%d" y="%d">%s</text></g>`+"\n", boxLeft+8, top, plainText(shortened(sign+n.Label, labelSize)))
	if n.Cause > 0 {
		drawMark(out, boxLeft+boxWidth, y, n.Cause)
	}
}

// stateClass is the class of a box or a line: beyond a break nothing is decided.
func stateClass(d results.Decision) string {
	if d == "" {
		return "beyond"
	}
	return string(d)
}

// plainText makes a text from outside a text of XML.
func plainText(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(Inert(s))) // a buffer accepts everything
	return b.String()
}
