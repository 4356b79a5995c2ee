package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/scimlint/scimlint/pkg/results"
)

const (
	homePage = "https://github.com/scimlint/scimlint"
	// configFile is what the physical location of a result names. An org has no
	// files, and GitHub's code scanning takes no result without one; the real place
	// stands in the logical locations.
	configFile = "scimlint.yaml"
	// fingerprintKey names the version of the fingerprint.
	fingerprintKey = "scimlint/v1"
)

// writeSARIF writes a SARIF 2.1.0 log: a rule for each check, a result for each that
// warns, fails or could not see.
func writeSARIF(w io.Writer, r results.Report, _ Options) error {
	run := sarif.NewRunWithInformationURI("scimlint", homePage)
	run.Tool.Driver.Version = &r.Tool.Version
	run.Tool.Driver.FullName = pointer("scimlint " + r.Tool.Version + ", judged by the " + r.Tool.Catalogue)
	run.ColumnKind = pointer("unicodeCodePoints")
	run.AutomationDetails = sarif.NewRunAutomationDetails()
	run.AutomationDetails.ID = pointer("scimlint/" + r.Target.ClientID + "/")
	run.AddInvocation(invocation(r))
	for _, c := range r.Checks {
		run.Tool.Driver.AddRule(rule(c))
	}
	for i, c := range r.Checks {
		if c.Status == results.Fail || c.Status == results.Warn || c.Status == results.Unknown && !c.Accepted {
			run.AddResult(result(r, c, i))
		}
	}
	addSections(run, r)
	log := sarif.NewReport().AddRun(run)
	var out bytes.Buffer
	if err := log.PrettyWrite(&out); err != nil {
		return err
	}
	_, err := w.Write(append(EscapeJSON(out.Bytes()), '\n'))
	return err
}

// addSections adds a rule and, where it is no-go or was wanted and not checked, a result
// for each section of the readiness beside the permissions.
func addSections(run *sarif.Run, r results.Report) {
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
		run.Tool.Driver.AddRule(rule(c))
		switch {
		case s.State == results.NoGo:
		case s.State == results.NotChecked && s.Wanted:
			c.Status = results.Unknown
		default:
			continue
		}
		run.AddResult(result(r, c, len(run.Tool.Driver.Rules)-1))
	}
}

// sectionPrint is the same for the same section about the same client in every run.
func sectionPrint(r results.Report, s results.Section) string {
	sum := sha256.Sum256([]byte("v1 section " + s.Name + " " + string(s.State) + " " + r.Target.ClientID))
	return hex.EncodeToString(sum[:12])
}

func pointer[T any](v T) *T { return &v }

// invocation says how the run ended. It was successful even where the verdict is
// bad: success in SARIF means that the tool did its work.
func invocation(r results.Report) *sarif.Invocation {
	i := sarif.NewInvocation()
	i.ExecutionSuccessful = pointer(true)
	i.ExitCode = pointer(r.ExitCode())
	i.ExitCodeDescription = pointer(Inert(string(r.Verdict) + ": " + r.Summary))
	i.StartTimeUtc = &r.Taken
	return i
}

// rule describes a check for everyone.
func rule(c results.Check) *sarif.ReportingDescriptor {
	d := sarif.NewReportingDescriptor()
	d.ID = pointer(c.ID)
	d.ShortDescription = multiformat(c.Title+".", "")
	d.FullDescription = multiformat(c.Why, "")
	d.Help = multiformat(c.Why+"\n\nWhen it fails: "+c.Remedy, "**Why it matters.** "+escapeMarkdown(c.Why)+"\n\n**When it fails.** "+escapeMarkdown(c.Remedy))
	if !c.Own {
		d.HelpURI = pointer(homePage + "/blob/main/docs/checks/" + c.ID + ".md")
	}
	d.DefaultConfiguration = sarif.NewReportingConfiguration()
	d.DefaultConfiguration.Level = "error"
	d.Properties = sarif.NewPropertyBag()
	d.Properties.Tags = []string{"scim", "oauth", Inert(c.Group)}
	return d
}

func multiformat(text, markdown string) *sarif.MultiformatMessageString {
	m := sarif.NewMultiformatMessageString()
	m.Text = &text
	if markdown != "" {
		m.Markdown = &markdown
	}
	return m
}

// result is one finding, with where it lies: the client, the roles, the operations.
func result(r results.Report, c results.Check, ruleIndex int) *sarif.Result {
	out := sarif.NewResult()
	out.RuleID, out.RuleIndex = pointer(c.ID), ruleIndex
	out.Kind, out.Level = kindAndLevel(c)
	text := c.Message + "."
	if fix := FixWords(c.Fix); fix != "" {
		text += " " + fix
	}
	out.Message = sarif.NewMessage()
	out.Message.Text = pointer(sarifText(text))
	out.PartialFingerprints = map[string]string{fingerprintKey: c.Fingerprint}
	out.Locations = []*sarif.Location{place(r, c)}
	if words := standing(c); c.Holds() || c.Severity == "off" {
		s := sarif.NewSuppression()
		s.Kind, s.Status, s.Justification = pointer("external"), pointer("accepted"), pointer(Inert(words))
		out.Suppressions = []*sarif.Suppression{s}
	}
	out.Properties = sarif.NewPropertyBag()
	out.Properties.Add("basis", string(c.Basis))
	out.Properties.Add("causes", c.Causes)
	return out
}

// kindAndLevel says how grave a finding is. What could not be seen is open: SARIF
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

// sarifText makes a text from outside a plain one: square brackets would make links
// of it, and braces placeholders.
func sarifText(s string) string {
	return strings.NewReplacer("[", `\[`, "]", `\]`, "{", "{{", "}", "}}", `\`, `\\`).Replace(Inert(s))
}

// place names the client, the roles and the operations that a finding is about.
func place(r results.Report, c results.Check) *sarif.Location {
	l := sarif.NewLocation()
	l.ID = 0
	l.PhysicalLocation = sarif.NewPhysicalLocation()
	l.PhysicalLocation.ArtifactLocation = sarif.NewArtifactLocation()
	l.PhysicalLocation.ArtifactLocation.URI = pointer(configFile)
	l.PhysicalLocation.Region = sarif.NewRegion()
	l.PhysicalLocation.Region.StartLine = pointer(1)
	org := "org " + first(r.Target.OrgID, r.Target.APIURL)
	l.LogicalLocations = append(l.LogicalLocations, logical("client", first(r.Target.Client, r.Target.ClientID, "unknown"), org+"/client "+r.Target.ClientID))
	seen := map[string]bool{}
	for _, role := range rolesOf(r, c) {
		if !seen[role.RoleID] {
			seen[role.RoleID] = true
			l.LogicalLocations = append(l.LogicalLocations, logical("role", role.Role, org+"/role "+role.RoleID))
		}
	}
	about := operationsOf(r, c)
	for _, op := range r.Operations {
		if slices.Contains(about, op.ID) {
			l.LogicalLocations = append(l.LogicalLocations, logical("operation", op.ID, op.Method+" "+op.Path))
		}
	}
	return l
}

func logical(kind, name, full string) *sarif.LogicalLocation {
	l := sarif.NewLogicalLocation()
	l.Kind, l.Name, l.FullyQualifiedName = pointer(kind), pointer(Inert(name)), pointer(Inert(full))
	return l
}

// rolesOf returns the roles that a check's permission hangs on: those of the proof
// where there is one, else all that the subject holds.
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
