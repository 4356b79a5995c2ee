package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/checks"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/profile"
)

// flags are the command line of a check; they win over the environment, which
// wins over the configuration file.
type flags struct {
	config, region, clientID, secretFile, tokenFile, workingTokenFile, apiURL, loginURL, scimURL string
	need, needOperation, division, accept, requireScope, requirePermission, refusals             []string
	auditorID, auditorSecretFile, auditorTokenFile                                               string
	probe, expectOrg                                                                             string
	replace                                                                                      bool
	tokenUse, tokenIssued, profile                                                               string
	// operation is the only one that is needed where a command is about one.
	operation      *catalog.NeededOperation
	usage, changes int
	timeout        time.Duration
}

func (f *flags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.config, "config", "", "configuration `file` (default ./scimlint.yaml if it exists)")
	fs.StringVar(&f.region, "region", "", "`region` of the org: an AWS name such as eu-west-1, or a domain such as mypurecloud.ie")
	fs.StringVar(&f.clientID, "client-id", "", "`id` of the OAuth client under test")
	fs.StringVar(&f.secretFile, "secret-file", "", "`file` with the client's secret")
	fs.StringVar(&f.tokenFile, "token-file", "", "`file` with an access token, to check instead of acquiring one")
	fs.StringVar(&f.workingTokenFile, "working-token-file", "", "`file` with a token that works elsewhere, to compare with")
	fs.StringVar(&f.apiURL, "api-url", "", "other API `base` (http on loopback only)")
	fs.StringVar(&f.loginURL, "login-url", "", "other login `base` (http on loopback only)")
	fs.StringVar(&f.auditorID, "auditor-client-id", "", "`id` of another OAuth client, which reads what the client under test cannot read")
	fs.StringVar(&f.auditorSecretFile, "auditor-secret-file", "", "`file` with the auditor's secret")
	fs.StringVar(&f.auditorTokenFile, "auditor-token-file", "", "`file` with the auditor's token, instead of its id and secret")
	fs.StringVar(&f.scimURL, "scim-url", "", "the `URL` that the integration calls; it is checked and never called")
	fs.StringSliceVar(&f.need, "need", nil, "`what` the integration will do: "+strings.Join(needNames(), ", ")+" (default create,read,update,delete); auto reads it from --usage")
	fs.StringArrayVar(&f.needOperation, "need-operation", nil, "another `operation` that must work, as \"POST /api/v2/routing/queues\"; repeatable; without --need, only these are judged")
	fs.StringVar(&f.probe, "probe", "", "`how` to test access: read, write or none (default read); write posts a body that cannot create anyone")
	fs.StringArrayVar(&f.division, "division", nil, "`name or id` of a division that the users will be in; repeatable, * for all (default the home division)")
	fs.StringVar(&f.expectOrg, "expect-org", "", "`name or id` of the org that the token must belong to")
	fs.StringArrayVar(&f.requireScope, "require-scope", nil, "also require a `scope` of the token; repeatable")
	fs.StringArrayVar(&f.requirePermission, "require-permission", nil, "also require a `permission` (domain:entity:action); repeatable")
	fs.BoolVar(&f.replace, "require-only", false, "use only --require-* and ignore the built-in requirements")
	fs.StringArrayVar(&f.accept, "accept-unknown", nil, "an unknown result of this `check` does not block READY; repeatable")
	fs.StringArrayVar(&f.refusals, "refusal", nil, "`file` with a refused call, in any form that scimlint explain reads, to compare with the org; repeatable")
	fs.StringVar(&f.tokenUse, "token-use", "", "`how` the integration gets its token: renewed (by itself) or pasted (by a person, as in an identity provider)")
	fs.StringVar(&f.tokenIssued, "token-issued", "", "`date` (2026-01-31) on which the token of --token-file was issued: no endpoint shows it")
	fs.StringVar(&f.profile, "profile", "", "`name` of the system that calls SCIM (scimlint profiles lists them), or a file of your own")
	fs.IntVar(&f.usage, "usage", 0, "read the client's own traffic of so many `days`: does the failing integration use this client at all?")
	fs.IntVar(&f.changes, "changes", 0, "read what changed in roles, grants, clients and policies in so many `days` (14 at most)")
	fs.Lookup("usage").NoOptDefVal, fs.Lookup("changes").NoOptDefVal = "7", "14"
	fs.DurationVar(&f.timeout, "timeout", 0, "time for the whole run (default 60s; 15m for payloads, userNames and Zendesk)")
	for name, values := range map[string][]string{"probe": {"read", "write", "none"}, "region": regionNames(), "profile": profile.Names(), "accept-unknown": checkIDs(),
		"token-use": {lint.TokenRenewed, lint.TokenPasted}} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	_ = cmd.RegisterFlagCompletionFunc("need", completeList(needNames()))
	_ = cmd.RegisterFlagCompletionFunc("need-operation", completeOperation)
}

// completeList offers the names of a flag whose value is a list: the word after the
// last comma is completed with the names that are not in the list yet.
func completeList(names []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		chosen := strings.Split(before, ",")
		var out []string
		for _, name := range names {
			if strings.HasPrefix(before+name, typed) && !slices.Contains(chosen, name) {
				out = append(out, before+name)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeOperation offers the published operations that begin as what was typed.
func completeOperation(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, op := range catalog.All().Operations {
		if call := op.Method + " " + op.Path; strings.HasPrefix(call, typed) {
			out = append(out, call)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func needNames() []string {
	var out []string
	for _, n := range catalog.AllNeeds() {
		out = append(out, string(n))
	}
	return out
}

func regionNames() []string {
	var out []string
	for _, r := range genesys.Regions() {
		out = append(out, r.AWSName+"\t"+r.Domain)
	}
	return out
}

func checkIDs() []string {
	var out []string
	for _, c := range checks.All() {
		out = append(out, c.ID)
	}
	return out
}

// inputs are the files that the flags name to be read.
func (f *flags) inputs() []named {
	list := []named{{"--config", firstOf(f.config, configName)}, {"--secret-file", f.secretFile}, {"--token-file", f.tokenFile}, {"--working-token-file", f.workingTokenFile},
		{"--auditor-secret-file", f.auditorSecretFile}, {"--auditor-token-file", f.auditorTokenFile}}
	if profile.IsFile(f.profile) {
		list = append(list, named{"--profile", f.profile})
	}
	for _, r := range f.refusals {
		list = append(list, named{"--refusal", r})
	}
	return list
}

func firstOf[T comparable](values ...T) T {
	var zero T
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

func pick(flag, config []string) []string {
	if len(flag) > 0 {
		return flag
	}
	return config
}
