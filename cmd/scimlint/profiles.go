package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	shared "github.com/scimlint/scimlint/internal/settings"
	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/cause"
	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

func newProfiles(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List what scimlint knows of the systems that call SCIM, or explain one",
		Long: `profiles lists the identity providers and other SCIM clients that --profile names.
A profile sets the needs, how the token is obtained and which SCIM address is entered,
each with its source; flags and the configuration win over it.`,
		Example: `  scimlint profiles
  scimlint profiles show entra
  scimlint check --profile entra --token-file token.txt --scim-url https://api.mypurecloud.ie/api/v2/scim/v2/`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return listProfiles(std) },
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the profiles", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return listProfiles(std) }},
		&cobra.Command{Use: "show NAME|FILE", Short: "Explain a profile: what it sets, by which source, and what is unknown",
			Args: cobra.ExactArgs(1), ValidArgsFunction: cobra.FixedCompletions(profile.Names(), cobra.ShellCompDirectiveDefault),
			RunE: func(_ *cobra.Command, args []string) error {
				p, err := profile.Find(args[0])
				if err != nil {
					return err
				}
				return showProfile(std.out, p)
			}})
	return cmd
}

func listProfiles(std stdio) error {
	var rows [][]string
	for _, name := range profile.Names() {
		p, err := profile.Find(name)
		if err != nil {
			return err
		}
		rows = append(rows, []string{p.Name, p.Title})
	}
	return table(std.out, width(std.out), rows)
}

// showProfile writes a profile as a person reads it. A team's own text is inert.
func showProfile(out io.Writer, p *profile.Profile) error {
	var b strings.Builder
	say := func(format string, args ...any) { b.WriteString(report.Inert(fmt.Sprintf(format, args...)) + "\n") }
	part := func(name, value, note, source string) {
		say("%-12s %s", name, firstOf(value, "unknown"))
		for _, line := range []string{note, source} {
			if line != "" {
				say("             %s", line)
			}
		}
	}
	say("%s  %s", p.Name, p.Title)
	if p.Source != "" {
		say("%s", p.Source)
	}
	b.WriteString("\n")
	part("needs", strings.Join(p.Needs.Value, ", "), p.Needs.Note, p.Needs.Source)
	use := p.Token.Use
	if p.Token.Field != "" {
		use += ", in: " + p.Token.Field
	}
	part("token", use, p.Token.Note, p.Token.Source)
	if p.HasAddress() {
		path := "path unknown (" + catalog.SCIMBase + " and " + catalog.SCIMBaseUnversioned + " are published)"
		if p.Address.Path != "" {
			path = "https://api.<domain>" + p.Address.Path
		}
		part("address", p.Address.Field+": "+path, p.Address.Note, p.Address.Source)
	}
	for _, a := range p.Attributes {
		part("attribute", a.Name+" ("+firstOf(strings.Join(a.Operations, ", "), "operations unknown")+")", a.Note, a.Source)
	}
	part("existing", existingWords(p.Existing), strings.Join(p.Existing.Notes, " "), p.Existing.Source)
	for _, id := range p.FixedCauses() {
		say("%-12s %s: %s", "fix", id, p.Fix(id))
	}
	for _, u := range p.Unknown {
		say("%-12s %s", "unknown", u)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func existingWords(e profile.Existing) string {
	var out []string
	if e.Active == profile.Updates {
		out = append(out, "a user of the same userName is updated")
	}
	if e.Deleted == profile.Reactivates {
		out = append(out, "a deleted user comes back")
	}
	return strings.Join(out, ", ")
}

// profiled finds the profile of a run, and fills in what the configuration leaves open.
// What it fills in loses against every flag.
func (f *flags) profiled(c config) (config, *profile.Profile, error) {
	name := firstOf(f.profile, c.Profile)
	if name == "" {
		return c, nil, nil
	}
	p, err := namedProfile(name)
	if err != nil {
		return c, nil, err
	}
	c.Need, c.TokenUse = pick(c.Need, p.NeedNames()), firstOf(c.TokenUse, p.Token.Use)
	return c, p, nil
}

// namedProfile finds a profile; nil where none is named.
func namedProfile(name string) (*profile.Profile, error) {
	if name == "" {
		return nil, nil
	}
	return profile.Find(name)
}

// inTheirWords lets the fixes of explained refusals say where they are in the screens of
// the system that was refused.
func inTheirWords(p *profile.Profile, list []results.Refusal) {
	for i := range list {
		for j := range list[i].Causes {
			c := &list[i].Causes[j]
			c.Fix.Text = diagnose.InTheirWords(p, causeInWords(c.ID, list[i].Status), c.Fix.Text)
		}
	}
}

// causeInWords is the cause whose screens matter: where the answer says no cause, those of
// the token for a 401, and of its roles for a 403.
func causeInWords(id string, status int) string {
	switch {
	case id == string(cause.Undetermined) && status == http.StatusUnauthorized:
		return string(cause.TokenExpired)
	case id == string(cause.Undetermined) && status == http.StatusForbidden:
		return string(cause.RoleLacksPermission)
	}
	return id
}

// given says which values of a profile a flag or the configuration, as it was read, replaces.
func (f *flags) given(c config) shared.Given {
	from := func(flag, configured bool) string {
		switch {
		case flag:
			return "flag"
		case configured:
			return "configuration"
		}
		return ""
	}
	return shared.Given{Needs: from(len(f.need) > 0, len(c.Need) > 0), TokenUse: from(f.tokenUse != "", c.TokenUse != ""), SCIMURL: from(f.scimURL != "", c.SCIMURL != "")}
}
