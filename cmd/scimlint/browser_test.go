package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scimlint/scimlint/pkg/simulator"
)

// The browser test needs Chromium and axe-core, which .ci/run installs:
//
//	SCIMLINT_BROWSER      path of the browser
//	SCIMLINT_AXE          path of axe.min.js
//	SCIMLINT_MERMAID      path of mermaid.min.js
//	SCIMLINT_SCREENSHOTS  folder for the screenshots; none are taken otherwise
const (
	envBrowser     = "SCIMLINT_BROWSER"
	envAxe         = "SCIMLINT_AXE"
	envMermaid     = "SCIMLINT_MERMAID"
	envScreenshots = "SCIMLINT_SCREENSHOTS"
)

// browser starts a headless Chromium that may not look for anything of its own.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv(envBrowser)
	if path == "" {
		t.Skipf("set %s and %s to test the HTML report in a browser, as .ci/run does", envBrowser, envAxe)
	}
	_, err := exec.LookPath(path)
	require.NoError(t, err)
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU}
	for _, f := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 9*time.Minute) // a browser that hangs ends the test; each page has a minute
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	return ctx
}

// visit is what a page did while it was looked at.
type visit struct {
	mu       sync.Mutex
	requests []string
	console  []string
}

func (v *visit) watch(t *testing.T, ctx context.Context) {
	t.Helper()
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		v.mu.Lock()
		defer v.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			v.requests = append(v.requests, e.Request.URL)
		case *runtime.EventConsoleAPICalled:
			v.console = append(v.console, "console: "+string(e.Type))
		case *runtime.EventExceptionThrown:
			v.console = append(v.console, "exception: "+e.ExceptionDetails.Text)
		case *cdplog.EventEntryAdded: // the policy's refusals come here
			v.console = append(v.console, e.Entry.Text)
		}
	}))
	call(t, ctx, network.Enable, network.EnableParams{})
	call(t, ctx, runtime.Enable, cdp.Empty{})
	call(t, ctx, cdplog.Enable, cdp.Empty{})
}

// call sends a command to the tab.
func call[P, R any](t *testing.T, ctx context.Context, c cdp.Command[P, R], params P) {
	t.Helper()
	_, err := chromedp.Call(ctx, c, params)
	require.NoError(t, err)
}

// userGesture lets a script do what a person's click may.
func userGesture(p *runtime.EvaluateParams) { p.UserGesture = new(true) }

// eval evaluates a script in the tab.
func eval[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise, userGesture))
	require.NoError(t, err)
	return v
}

// TestTheHTMLReportInABrowser renders the report of each embedded scenario: it asks
// for nothing, says nothing to the console, breaks no rule of accessibility in either
// colour scheme, and fits a telephone.
func TestTheHTMLReportInABrowser(t *testing.T) {
	ctx := browser(t)
	axe, err := os.ReadFile(os.Getenv(envAxe))
	require.NoError(t, err, envAxe)
	shots := os.Getenv(envScreenshots)
	for _, name := range append(simulator.Names(), "hostile names", "ready") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "report.html")
			switch name {
			case "hostile names":
				_, env := hostileOrg(t)
				scimlint(t, env, "check", "-o", "html="+file)
			case "ready":
				_, _, env := migration(t, nil)
				bodies := filepath.Join(t.TempDir(), "users.csv")
				require.NoError(t, os.WriteFile(bodies, []byte("userName,displayName\njean.dupont@acme.example,\n"), 0o600))
				scimlint(t, env, "ready", "--payload", bodies, "--source", "zendesk", "--canary", "--yes", "-o", "html="+file)
			default:
				got := scimlint(t, nil, "demo", name, "-o", "html="+file)
				require.Equal(t, 0, got.code, got.err)
			}
			tab, cancel := chromedp.NewContext(ctx)
			defer cancel()
			tab, cancelTime := context.WithTimeout(tab, time.Minute)
			defer cancelTime()
			v := &visit{}
			v.watch(t, tab)
			require.NoError(t, chromedp.Do(tab, chromedp.Navigate("file://"+file), chromedp.WaitReady("footer")))
			for _, width := range []int64{360, 1280} {
				require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(width, 900)))
				assert.False(t, eval[bool](t, tab, `document.documentElement.scrollWidth > document.documentElement.clientWidth`), "the page is wider than %d px", width)
				if shots == "" {
					continue // pictures are for looking at, and cost half of the time
				}
				picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(shots, fmt.Sprintf("%s-%d.png", strings.ReplaceAll(name, " ", "-"), width)), picture, 0o644))
			}
			for _, scheme := range []string{"light", "dark"} {
				assert.Empty(t, violations(t, tab, string(axe), scheme), "axe-core in %s", scheme)
			}
			v.mu.Lock()
			defer v.mu.Unlock()
			assert.Equal(t, []string{"file://" + file}, v.requests, "the page asks for nothing")
			assert.Empty(t, v.console)
		})
	}
}

// TestTheFleetPageInABrowser: the page of many orgs asks for nothing, breaks no rule of
// accessibility, filters, sorts and opens reports; without scripts it has every row.
func TestTheFleetPageInABrowser(t *testing.T) {
	ctx := browser(t)
	axe, err := os.ReadFile(os.Getenv(envAxe))
	require.NoError(t, err, envAxe)
	f := newTestFleet(t, map[string]string{"acme-prod": "migration-thread", "acme-test": "ready-admin", "beta": "division-not-covered"})
	file := f.at("fleet.html")
	got := f.check(t, "-o", "html="+file)
	require.Equal(t, 1, got.code, got.err)
	v := &visit{}
	v.watch(t, ctx)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("file://"+file), chromedp.WaitReady("footer"), chromedp.EmulateViewport(360, 900)))
	assert.False(t, eval[bool](t, ctx, `document.documentElement.scrollWidth > document.documentElement.clientWidth`), "the page is wider than a telephone")
	for _, scheme := range []string{"light", "dark"} {
		assert.Empty(t, violations(t, ctx, string(axe), scheme), "axe-core in %s", scheme)
	}
	shown := `[...document.querySelectorAll("#orgs tbody tr:not([hidden])")].map(r => r.dataset.org).join(" ")`
	all := eval[string](t, ctx, shown)
	assert.Len(t, strings.Fields(all), 3)
	filter := `document.forms.filter.elements.text.value = "acme"; document.forms.filter.elements.verdict.value = "ready"; document.forms.filter.dispatchEvent(new Event("input")); `
	assert.Equal(t, "acme-test", eval[string](t, ctx, filter+shown))
	assert.Equal(t, "1 of 3 shown", eval[string](t, ctx, `document.getElementById("shown").textContent`))
	byName := `document.forms.filter.reset(); document.forms.filter.dispatchEvent(new Event("input")); document.querySelector("#orgs thead th button").click(); `
	assert.Equal(t, "acme-prod acme-test beta", eval[string](t, ctx, byName+shown))
	assert.True(t, eval[bool](t, ctx, `document.querySelector('a[href="#org-beta"]').click(); new Promise(done => setTimeout(() => done(document.getElementById("report-beta").open), 100))`), "a click opens the report")
	v.mu.Lock()
	assert.Equal(t, []string{"file://" + file}, v.requests[:1])
	assert.Empty(t, slices.DeleteFunc(slices.Clone(v.requests), func(u string) bool { return strings.HasPrefix(u, "file://"+file) }), "the page asks for nothing")
	assert.Empty(t, v.console)
	v.mu.Unlock()

	call(t, ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("file://"+file), chromedp.WaitReady("footer")))
	assert.Equal(t, all, eval[string](t, ctx, shown), "the worst first")
	assert.True(t, eval[bool](t, ctx, `document.getElementById("filter").hidden`), "what needs a script is not shown")
}

// violations runs axe-core in a colour scheme and returns what it finds.
func violations(t *testing.T, tab context.Context, axe, scheme string) []string {
	t.Helper()
	call(t, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	eval[int](t, tab, axe+";0")
	rules := `{}`
	if scheme == "dark" { // only the colours differ from the light page
		rules = `{runOnly: ["color-contrast"]}`
	}
	found := eval[string](t, tab, `axe.run(`+rules+`).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3).join(" ; "))))`)
	var out []string
	require.NoError(t, json.Unmarshal([]byte(found), &out))
	return out
}

// TestCopyButtons: with scripts there are buttons, without them nothing is missing.
func TestCopyButtons(t *testing.T) {
	ctx := browser(t)
	file := filepath.Join(t.TempDir(), "report.html")
	require.Equal(t, 0, scimlint(t, nil, "demo", "-o", "html="+file).code)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("file://"+file), chromedp.WaitReady("footer")))
	// A page that nobody looks at may not copy.
	call(t, ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	buttons := eval[int](t, ctx, `document.querySelectorAll("button.copy").length`)
	assert.Positive(t, buttons)
	assert.Equal(t, eval[int](t, ctx, `document.querySelectorAll("code[data-copy]").length`), buttons)
	said := eval[string](t, ctx, `document.querySelector("button.copy").click();
		new Promise((done, late) => { setTimeout(late, 5000, "nothing was said"); const said = document.getElementById("copied");
			setInterval(() => { if (said.textContent) done(said.textContent) }, 20) })`)
	assert.Contains(t, said, "Copied ")

	read := `[...document.querySelectorAll("button")].forEach(b => b.remove()); document.querySelector("main").innerText`
	with := eval[string](t, ctx, read)
	call(t, ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("file://"+file), chromedp.WaitReady("footer")))
	assert.Equal(t, squeeze(with), squeeze(eval[string](t, ctx, read)), "what is to be read needs no script")
}

// TestTheMarkdownPictureIsDrawn: Mermaid itself draws the picture of every scenario, and of
// an org with hostile names, as GitHub and GitLab do.
func TestTheMarkdownPictureIsDrawn(t *testing.T) {
	ctx := browser(t)
	mermaid, err := os.ReadFile(os.Getenv(envMermaid))
	require.NoError(t, err, envMermaid)
	eval[int](t, ctx, string(mermaid)+`;mermaid.initialize({startOnLoad: false, securityLevel: "strict"});0`)
	for _, name := range append(simulator.Names(), "hostile names") {
		text := ""
		if name == "hostile names" {
			_, env := hostileOrg(t)
			text = scimlint(t, env, "check", "-o", "markdown").out
		} else {
			text = scimlint(t, nil, "demo", name, "-o", "markdown").out
		}
		_, block, ok := strings.Cut(text, "```mermaid\n")
		if !ok {
			continue // nothing was judged
		}
		block, _, _ = strings.Cut(block, "```")
		source, err := json.Marshal(block)
		require.NoError(t, err)
		drawn := eval[string](t, ctx, `mermaid.render("picture", `+string(source)+`).then(r => r.svg, e => "refused: " + e.message)`)
		assert.True(t, strings.HasPrefix(drawn, "<svg"), "%s: %s\n%s", name, shortText(drawn), block)
		assert.NotContains(t, strings.ToLower(drawn), "<script", name)
	}
}

func shortText(s string) string { return s[:min(len(s), 300)] }

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
