package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"github.com/scimlint/scimlint/pkg/results"
)

const (
	homePage = "https://github.com/scimlint/scimlint"
	// configFile is what the physical location of a result names. An org has no
	// files, and GitHub's code scanning accepts no result without one; the real place
	// is in the logical locations.
	configFile = "scimlint.yaml"
	// fingerprintKey names the version of the fingerprint.
	fingerprintKey = "scimlint/v1"
)

// writeSARIF writes a SARIF 2.1.0 log: a rule for each check, a result for each that
// warns, fails or is unknown.
func writeSARIF(w io.Writer, r results.Report, _ Options) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}, Invocations: []sarifInvocation{invocation(r)},
		AutomationDetails: sarifAutomation{ID: "scimlint/" + r.Target.ClientID + "/"},
		Tool: sarifTool{Driver: sarifDriver{Name: "scimlint", Version: plainVersion(r.Tool.Version), InformationURI: homePage,
			FullName: "scimlint " + r.Tool.Version + ", judged by the " + r.Tool.Catalogue, Rules: []sarifRule{}}}}
	for _, c := range r.Checks {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule(c))
	}
	for i, c := range r.Checks {
		if c.Status == results.Fail || c.Status == results.Warn || c.Status == results.Unknown && !c.Accepted {
			run.Results = append(run.Results, result(r, c, i))
		}
	}
	addSections(&run, r)
	return writeJSON(w, sarifLog{Version: "2.1.0", Schema: "https://json.schemastore.org/sarif-2.1.0.json", Runs: []sarifRun{run}})
}

// plainVersion is a version that begins with a number, as readers of SARIF compare it: that
// of a build without one is 0.0.0.
func plainVersion(version string) string {
	v := strings.TrimPrefix(version, "v")
	if v == "" || v[0] < '0' || v[0] > '9' {
		return "0.0.0-devel"
	}
	return v
}

// addSections adds a rule and, where it is no-go or was wanted and not checked, a result
// for each section of the readiness other than the permissions.
func addSections(run *sarifRun, r results.Report) {
	if r.Readiness == nil {
		return
	}
	for _, s := range r.Readiness.Sections {
		if s.Name == results.SectionPermissions {
			continue // the checks are its results
		}
		c := results.Check{ID: "readiness-" + s.Name, Group: "Readiness", Title: "The " + s.Name + " section of the readiness is go", Own: true,
			Why: "A permission that is right does not help a migration whose " + s.Name + " is wrong.", Remedy: "See what the section says.",
			Message: s.Summary, Status: results.Fail, Basis: results.Observed, Fix: results.Fix{Text: s.Fix}, Fingerprint: sectionPrint(r, s)}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule(c))
		switch {
		case s.State == results.NoGo:
		case s.State == results.NotChecked && s.Wanted:
			c.Status = results.Unknown
		default:
			continue
		}
		run.Results = append(run.Results, result(r, c, len(run.Tool.Driver.Rules)-1))
	}
}

// sectionPrint is the same for the same section about the same client in every run.
func sectionPrint(r results.Report, s results.Section) string {
	sum := sha256.Sum256([]byte("v1 section " + s.Name + " " + string(s.State) + " " + r.Target.ClientID))
	return hex.EncodeToString(sum[:12])
}

// invocation says how the run ended. It was successful even where the verdict is
// bad: success in SARIF means that the tool did its work.
func invocation(r results.Report) sarifInvocation {
	return sarifInvocation{ExecutionSuccessful: true, ExitCode: r.ExitCode(), StartTimeUTC: r.Taken,
		ExitCodeDescription: Inert(string(r.Verdict) + ": " + r.Summary)}
}

// rule describes a check for everyone.
func rule(c results.Check) sarifRule {
	d := sarifRule{ID: c.ID, ShortDescription: sarifText{Text: c.Title + "."}, FullDescription: sarifText{Text: c.Why},
		Help: sarifText{Text: c.Why + "\n\nWhen it fails: " + c.Remedy,
			Markdown: "**Why it matters.** " + escapeMarkdown(c.Why) + "\n\n**When it fails.** " + escapeMarkdown(c.Remedy)},
		DefaultConfiguration: sarifLevel{Level: "error"}, Properties: sarifProperties{Tags: []string{"scim", "oauth", Inert(c.Group)}}}
	if !c.Own {
		d.HelpURI = docsURL + "/" + c.ID + ".md"
	}
	return d
}

// result is one finding, with where it lies: the client, the roles, the operations.
func result(r results.Report, c results.Check, ruleIndex int) sarifResult {
	text := c.Message + "."
	if fix := FixWords(c.Fix); fix != "" {
		text += " " + fix
	}
	out := sarifResult{RuleID: c.ID, RuleIndex: ruleIndex, Message: sarifText{Text: plainSARIF(text)},
		PartialFingerprints: map[string]string{fingerprintKey: c.Fingerprint}, Locations: []sarifLocation{place(r, c)},
		Properties: sarifProperties{Basis: string(c.Basis), Causes: c.Causes}}
	out.Kind, out.Level = kindAndLevel(c)
	if words := standing(c); c.Holds() || c.Severity == "off" {
		out.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: Inert(words)}}
	}
	return out
}

// kindAndLevel says how grave a finding is. What is unknown is open: SARIF
// gives no level to anything but a failure.
func kindAndLevel(c results.Check) (kind, level string) {
	switch {
	case c.Status == results.Unknown:
		return "open", "none"
	case c.Severity == "warn", c.Status == results.Warn && c.Severity != "fail":
		return "fail", "warning"
	}
	return "fail", "error"
}

// plainSARIF makes a text from outside a plain one: square brackets would make links
// of it, and braces placeholders.
func plainSARIF(s string) string {
	return strings.NewReplacer("[", `\[`, "]", `\]`, "{", "{{", "}", "}}", `\`, `\\`).Replace(Inert(s))
}

// place names the client, the roles and the operations that a finding is about.
func place(r results.Report, c results.Check) sarifLocation {
	var l sarifLocation
	l.Physical.Artifact.URI, l.Physical.Region.StartLine = configFile, 1
	org := "org " + first(r.Target.OrgID, r.Target.APIURL)
	l.Logical = append(l.Logical, logical("client", first(r.Target.Client, r.Target.ClientID, "unknown"), org+"/client "+r.Target.ClientID))
	seen := map[string]bool{}
	for _, role := range rolesOf(r, c) {
		if !seen[role.RoleID] {
			seen[role.RoleID] = true
			l.Logical = append(l.Logical, logical("role", role.Role, org+"/role "+role.RoleID))
		}
	}
	about := operationsOf(r, c)
	for _, op := range r.Operations {
		if slices.Contains(about, op.ID) {
			l.Logical = append(l.Logical, logical("operation", op.ID, op.Method+" "+op.Path))
		}
	}
	return l
}

func logical(kind, name, full string) sarifLogical {
	return sarifLogical{Kind: kind, Name: Inert(name), FullyQualifiedName: Inert(full)}
}

// rolesOf returns the roles that a check's permission depends on: those of the proof
// where there is one, else all that the subject has.
func rolesOf(r results.Report, c results.Check) []results.Grant {
	var out []results.Grant
	for _, op := range r.Operations {
		for _, f := range op.Features {
			if f.Check != c.ID {
				continue
			}
			for _, l := range f.Proof {
				out = append(out, results.Grant{Role: l.Role, RoleID: l.RoleID})
			}
		}
	}
	if len(out) == 0 {
		return r.Target.Grants
	}
	return out
}

// operationsOf returns the operations that a check is about: those of its findings
// and those with a feature that it judges.
func operationsOf(r results.Report, c results.Check) []string {
	out := append([]string{}, c.Operations...)
	for _, op := range r.Operations {
		for _, f := range op.Features {
			if f.Check == c.ID {
				out = append(out, op.ID)
				break
			}
		}
	}
	return out
}
