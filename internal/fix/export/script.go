package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"sort"
	"strings"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/pkg/report"
)

// tool writes a plan's calls for one command line tool.
type tool struct {
	// needs names the programs, credentials says where the token comes from.
	needs, credentials string
	// preamble defines what the calls use, given the API's base.
	preamble func(base string) string
	// call gives the commands that read what a call changes, and that make it; the body
	// lies in the file $body. variable names where the id of a role lies that an earlier
	// call made.
	call func(c fix.APICall, variable string) (get, send string)
}

var curlTool = tool{
	needs:       "bash, curl 7.76 or newer, jq",
	credentials: "an admin's token in GENESYSCLOUD_ACCESS_TOKEN; it is handed to curl in a file descriptor, not on its command line",
	preamble: func(base string) string {
		return `: "${GENESYSCLOUD_ACCESS_TOKEN:?set it to the access token of an admin}"
base=` + shell(base) + `
# api METHOD PATH [BODY FILE]
api() {
  curl --silent --show-error --fail-with-body --max-redirs 0 --request "$1" \
    --header @<(printf 'Authorization: Bearer %s' "$GENESYSCLOUD_ACCESS_TOKEN") \
    ${3:+--header 'Content-Type: application/json' --data-binary "@$3"} "$base$2"
}
`
	},
	call: func(c fix.APICall, variable string) (string, string) {
		path, text := "", ""
		for _, p := range c.Path {
			text += "/"
			if p.Role != "" {
				path, text = path+shell(text)+`"$`+variable+`"`, ""
				continue
			}
			text += url.PathEscape(p.Text)
		}
		get := "api GET " + path + shell(text)
		if len(c.Query) > 0 {
			text += "?" + c.Values().Encode()
		}
		send := "api " + c.Method + " " + path + shell(text)
		if c.Body != nil || c.Append != nil {
			send += ` "$body"`
		}
		return get, send
	},
}

var gcTool = tool{
	needs:       "bash, the vendor's gc CLI, jq",
	credentials: "a profile of gc for this org (gc profiles new)",
	preamble: func(base string) string {
		return "# The profile must be one of the org at " + report.Inert(base) + "\n"
	},
	call: gcCall,
}

// gcCall names gc's command for a call. Source: the CLI's published commands.
func gcCall(c fix.APICall, variable string) (get, send string) {
	word := func(i int) string {
		if c.Path[i].Role != "" {
			return `"$` + variable + `"`
		}
		return shell(c.Path[i].Text)
	}
	last := word(len(c.Path) - 1)
	switch c.Kind {
	case fix.CallMakeRole:
		return "", `gc authorization roles create --file "$body"`
	case fix.CallExtendRole:
		return "gc authorization roles get " + last, "gc authorization roles update " + last + ` --file "$body"`
	case fix.CallAddScopes:
		return "gc oauth clients get " + last, "gc oauth clients update " + last + ` --file "$body"`
	}
	// api v2 authorization subjects {subject} divisions {division} roles {role}
	return "", fmt.Sprintf("gc authorization subjects divisions roles create %s %s %s --subjectType %s", word(4), word(6), last, shell(c.Query["subjectType"]))
}

// writeScript writes a plan as a script that stops at the first refusal.
func writeScript(w io.Writer, p fix.Plan, t tool) error {
	var out bytes.Buffer
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(&out, format+"\n", args...) }
	say("#!/usr/bin/env bash")
	say("# %s", report.Inert(planWords(p)))
	say("# It needs %s, and %s.", t.needs, t.credentials)
	say("set -euo pipefail")
	if len(p.Calls) > 0 {
		say("body=$(mktemp)\ntrap 'rm -f \"$body\"' EXIT")
		say("%s", t.preamble(p.Target.APIURL))
	}
	variables := map[string]string{}
	for _, c := range p.Calls {
		say("# %s", report.Inert(c.What))
		say("# to undo it: %s", report.Inert(undoWords(c)))
		if err := scriptCall(say, c, t, variables); err != nil {
			return err
		}
		say("")
	}
	for _, c := range p.Remaining {
		say("# remains: %s: %s", report.Inert(c.ID), report.Inert(report.FixWords(c.Fix)))
	}
	for _, u := range p.Unseen {
		say("# could not be read: %s", report.Inert(u))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// undoWords says how to undo a call; its path is named where it has an id already.
func undoWords(c fix.APICall) string {
	if path, err := c.Resolve(nil); err == nil && c.UndoDelete {
		return c.Undo + ": DELETE " + path
	}
	return c.Undo
}

func scriptCall(say func(string, ...any), c fix.APICall, t tool, variables map[string]string) error {
	variable := ""
	ids := map[string]string{} // the variable's value is checked by the script
	for role := range variables {
		ids[role] = "id"
	}
	if _, err := c.Resolve(ids); err != nil {
		return fmt.Errorf("to %s cannot be written as a script: %w", c.What, err)
	}
	for _, p := range c.Path {
		if p.Role != "" {
			variable = variables[p.Role]
		}
	}
	get, send := t.call(c, variable)
	switch {
	case c.Append != nil:
		filter, err := jqFilter(c)
		if err != nil {
			return err
		}
		say(`%s | jq %s >"$body"`, get, shell(filter))
	case c.Body != nil:
		data, err := json.Marshal(c.Body)
		if err != nil {
			return err
		}
		say(`printf '%%s' %s >"$body"`, shell(string(report.EscapeJSON(data))))
	}
	if c.Makes == "" {
		say("%s", send)
		return nil
	}
	name := fmt.Sprintf("role%d", len(variables)+1)
	variables[c.Makes] = name
	say("%s=$(%s | jq -er %s)", name, send, shell(`.id | select(test("^[0-9A-Za-z][0-9A-Za-z._~-]*$"))`))
	return nil
}

// jqFilter keeps the fields that an update accepts and adds to its lists.
func jqFilter(c fix.APICall) (string, error) {
	var keep, more []string
	for _, k := range c.Keep {
		keep = append(keep, fmt.Sprintf(`select(.key == %q)`, k))
	}
	var keys []string
	for k := range c.Append {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		data, err := json.Marshal(c.Append[k])
		if err != nil {
			return "", err
		}
		more = append(more, fmt.Sprintf(".%s = ((.%s // []) + %s)", k, k, report.EscapeJSON(data)))
	}
	id, err := json.Marshal(c.Path[len(c.Path)-1].Text)
	if err != nil {
		return "", err
	}
	return "if .id != " + string(id) + " then error(\"the answer is of another object\") elif .default or .base then error(\"a default role is not to be changed\") else . end | with_entries(" + strings.Join(keep, ", ") + ") | " + strings.Join(more, " | "), nil
}

// shell quotes a text so that a shell reads it unchanged.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
