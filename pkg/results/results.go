// Package results is the model that every report is made from: the verdict, the
// causes, the checks, the operations and the requests of one run. Reports differ
// only in form.
package results

import "slices"

// SchemaVersion is the version of the JSON report's form.
const SchemaVersion = "1"

// Verdict answers the question that the run was started for.
type Verdict string

// The verdicts.
const (
	Ready        Verdict = "ready"
	NotReady     Verdict = "not-ready"
	Inconclusive Verdict = "inconclusive"
)

// ExitCode is what the program ends with.
func (v Verdict) ExitCode() int {
	switch v {
	case Ready:
		return 0
	case NotReady:
		return 1
	}
	return 3
}

// Status is what a check found.
type Status string

// The statuses. Unknown is what a check says that could not see; it never
// counts as a pass.
const (
	Pass    Status = "pass"
	Warn    Status = "warn"
	Fail    Status = "fail"
	Unknown Status = "unknown"
	Skip    Status = "skip"
)

// Basis says what a statement rests on, the strongest first.
type Basis string

// The bases: what the org answered, what the vendor published, what someone
// said.
const (
	Observed  Basis = "observed"
	Published Basis = "published"
	Reported  Basis = "reported"
)

// Certainty ranks causes. Confirmed: the org's own answers show it. Likely:
// what the org showed falls short of a published rule. Possible: nothing
// speaks against it.
type Certainty string

// The certainties.
const (
	Confirmed Certainty = "confirmed"
	Likely    Certainty = "likely"
	Possible  Certainty = "possible"
)

// Rank orders certainties, the strongest first.
func (c Certainty) Rank() int { return slices.Index([]Certainty{Confirmed, Likely, Possible}, c) }

// Proof is one statement with what it rests on.
type Proof struct {
	Text  string `json:"text"`
	Basis Basis  `json:"basis"`
}

// Fix is the smallest change that ends a cause.
type Fix struct {
	// Text is one instruction.
	Text string `json:"text"`
	// Where is the way through the Admin UI, or empty.
	Where string `json:"where,omitempty"`
	// Permissions and Scopes are what to grant, if that is the fix.
	Permissions []string `json:"permissions,omitempty"`
	Scopes      []string `json:"scopes,omitempty"`
}

// Cause is one reason why a call is or would be refused.
type Cause struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Certainty   Certainty `json:"certainty"`
	Operations  []string  `json:"operations"`
	Explanation string    `json:"explanation"`
	Proof       []Proof   `json:"proof"`
	Counter     []Proof   `json:"counterEvidence"`
	Fix         Fix       `json:"fix"`
}

// Check is a check in a report.
type Check struct {
	ID       string   `json:"id"`
	Group    string   `json:"group"`
	Title    string   `json:"title"`
	Status   Status   `json:"status"`
	Message  string   `json:"message"`
	Basis    Basis    `json:"basis"`
	Evidence []string `json:"evidence"`
	Fix      Fix      `json:"fix"`
	// Required is set when an unknown here keeps the verdict from being ready.
	Required bool `json:"required"`
	// Accepted is set when the user accepted that this check cannot see.
	Accepted bool `json:"accepted,omitempty"`
	// Why says why the check matters, Remedy what to do when it fails, in general.
	Why    string `json:"why"`
	Remedy string `json:"remedy"`
	// Own is set for a check of the user's configuration.
	Own bool `json:"own,omitempty"`
	// Causes are the ids of the causes that the check points at, Operations those of
	// the operations that its findings are about.
	Causes     []string `json:"causes,omitempty"`
	Operations []string `json:"operations,omitempty"`
	// Fingerprint is the same for the same finding about the same client in every
	// run; it is empty where there is nothing to find again.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Severity is what the configuration lets the pipeline result count this check
	// as: fail, warn or off. It changes neither status nor verdict.
	Severity string `json:"severity,omitempty"`
	// LeftOut is set where --only or --skip keep the check out of the pipeline result; Known says
	// what the baseline says of the finding.
	LeftOut bool   `json:"leftOut,omitempty"`
	Known   *Known `json:"known,omitempty"`
}

// Known is a finding's entry in the baseline.
type Known struct {
	Reason string `json:"reason,omitempty"`
	// Expires is the last day, as YYYY-MM-DD, on which the finding does not fail.
	Expires string `json:"expires,omitempty"`
	// Expired is set after that day: the finding fails again.
	Expired bool `json:"expired,omitempty"`
}

// Holds says whether the pipeline result ignores the check.
func (c Check) Holds() bool { return c.LeftOut || c.Known != nil && !c.Known.Expired }

// Stale is an entry of the baseline whose finding no longer occurs.
type Stale struct {
	Check       string `json:"check"`
	Fingerprint string `json:"fingerprint"`
	Message     string `json:"message"`
	Reason      string `json:"reason,omitempty"`
}

// Pipeline is what a run means for the pipeline that started it, where it set
// terms of its own. The verdict is the org's; this is the user's.
type Pipeline struct {
	Passed   bool `json:"passed"`
	ExitCode int  `json:"exitCode"`
	// FailOn is fail, warn or unknown; empty when the verdict decides.
	FailOn string `json:"failOn,omitempty"`
	// Because says what was counted, and what was passed over.
	Because []string `json:"because"`
	// Baseline is the file that the known findings are in.
	Baseline string  `json:"baseline,omitempty"`
	Stale    []Stale `json:"stale"`
}

// Link is one chain from a grant to the action that covers a permission.
type Link struct {
	Role       string `json:"role"`
	RoleID     string `json:"roleId"`
	Division   string `json:"division"`
	DivisionID string `json:"divisionId"`
	Policy     string `json:"policy"`
	Action     string `json:"action"`
	Condition  string `json:"condition,omitempty"`
}

// Decision is allowed, denied or unknown.
type Decision string

// The decisions.
const (
	DecisionAllowed Decision = "allowed"
	DecisionDenied  Decision = "denied"
	DecisionUnknown Decision = "unknown"
)

// Gate is what the endpoint asks before the work.
type Gate struct {
	Type        string   `json:"type"`
	Permissions []string `json:"permissions"`
	Decision    Decision `json:"decision"`
	Basis       Basis    `json:"basis"`
	// Each says of every permission whether the subject has it anywhere.
	Each []Holding `json:"each,omitempty"`
}

// Holding is whether the subject has a permission, with the chain that grants it or comes
// near.
type Holding struct {
	Permission string   `json:"permission"`
	Decision   Decision `json:"decision"`
	Reason     string   `json:"reason,omitempty"`
	Proof      []Link   `json:"proof"`
}

// Feature is one part of the work behind the access check.
type Feature struct {
	Name       string `json:"name"`
	Permission string `json:"permission"`
	// Alternatives are permissions any one of which would do instead.
	Alternatives []string `json:"alternatives,omitempty"`
	Decision     Decision `json:"decision"`
	// Reason says why the decision is not allowed: a word for programs. Why says the
	// same in the org's words, Note what contradicts the decision.
	Reason string `json:"reason,omitempty"`
	Why    string `json:"why,omitempty"`
	Note   string `json:"note,omitempty"`
	// Division is the one in which the permission is missing or unknown; empty where
	// no division matters.
	Division string `json:"division,omitempty"`
	Basis    Basis  `json:"basis"`
	Proof    []Link `json:"proof"`
	// Check is the id of the check that judges the feature.
	Check string `json:"check"`
}

// Operation is one needed operation, decided.
type Operation struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Method   string   `json:"method"`
	Path     string   `json:"path"`
	Decision Decision `json:"decision"`
	// Why is set where the org's answer to this very call, or to the token, decides.
	Why  string `json:"why,omitempty"`
	Gate Gate   `json:"gate"`
	// Scopes are the published alternatives; Scope says whether the token's
	// scopes let it pass, Policy whether attribute-based policies do.
	Scopes   []string  `json:"scopes"`
	Scope    Decision  `json:"scopeDecision"`
	Policy   Decision  `json:"policyDecision"`
	Features []Feature `json:"features"`
}

// Request is one request of the run.
type Request struct {
	Fact          string `json:"fact"`
	Method        string `json:"method"`
	URL           string `json:"url"`
	Status        int    `json:"status"`
	CorrelationID string `json:"correlationId"`
	DurationMs    int64  `json:"durationMs"`
	Retries       int    `json:"retries,omitempty"`
	// Auditor is set for a request that the auditor's token made.
	Auditor bool `json:"auditor,omitempty"`
	// Note is the refusal's code or the failure's text.
	Note string `json:"note,omitempty"`
}

// Tool names the program and the catalogue that judged.
type Tool struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	Catalogue string `json:"catalogue"`
}

// Target is what was looked at.
type Target struct {
	Region       string   `json:"region,omitempty"`
	APIURL       string   `json:"apiUrl"`
	Organization string   `json:"organization,omitempty"`
	OrgID        string   `json:"organizationId,omitempty"`
	Client       string   `json:"client,omitempty"`
	ClientID     string   `json:"clientId,omitempty"`
	Subject      string   `json:"subject,omitempty"`
	Divisions    []string `json:"divisions,omitempty"`
	// Grants are the roles of the subject that could be read, with where they are granted.
	Grants []Grant  `json:"grants,omitempty"`
	Needs  []string `json:"needs"`
	Probe  string   `json:"probe"`
	// Working is whose the token is that is said to work elsewhere, where one was given
	// and the org says whose it is.
	Working *Holder `json:"working,omitempty"`
	// Profile is the profile of the system that calls SCIM, where one was named.
	Profile *Profile `json:"profile,omitempty"`
}

// Profile says which profile a run used, and what rests on it.
type Profile struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	// Own is set for a profile that a team supplied.
	Own    bool           `json:"own,omitempty"`
	Source string         `json:"source,omitempty"`
	Values []ProfileValue `json:"values"`
	// Unknown lists what no page says of the system.
	Unknown []string `json:"unknown"`
}

// ProfileValue is one setting of the run that a profile speaks of.
type ProfileValue struct {
	// Name is needs, token use, SCIM base or address.
	Name  string `json:"name"`
	Value string `json:"value"`
	// From is flag, configuration, profile or default: what the value was taken from.
	From string `json:"from"`
	// Source is the page that the profile names for the value, where it is the profile's.
	Source string `json:"source,omitempty"`
}

// Holder is a subject other than the one under test, with its roles.
type Holder struct {
	Subject string  `json:"subject"`
	Grants  []Grant `json:"grants"`
}

// Grant is a role in a division.
type Grant struct {
	Role       string `json:"role"`
	RoleID     string `json:"roleId"`
	Division   string `json:"division"`
	DivisionID string `json:"divisionId"`
}

// Replay says that a report is of a bundle and not of a live org.
type Replay struct {
	// Taken is when the bundle was captured, AgeSeconds how long ago.
	Taken      string `json:"taken"`
	AgeSeconds int64  `json:"ageSeconds"`
	CapturedBy string `json:"capturedBy"`
}

// Report is the whole result of one run.
type Report struct {
	SchemaVersion string  `json:"schemaVersion"`
	Replay        *Replay `json:"replay,omitempty"`
	Tool          Tool    `json:"tool"`
	Target        Target  `json:"target"`
	Taken         string  `json:"taken"`
	Verdict       Verdict `json:"verdict"`
	// Summary is the verdict in one sentence.
	Summary    string      `json:"summary"`
	Causes     []Cause     `json:"causes"`
	Checks     []Check     `json:"checks"`
	Operations []Operation `json:"operations"`
	Requests   []Request   `json:"requests"`
	// Readiness is nil unless the way around the permissions was looked at too.
	Readiness *Readiness `json:"readiness,omitempty"`
	// Pipeline is nil unless the run was given terms of its own.
	Pipeline *Pipeline `json:"pipeline,omitempty"`
}

// ExitCode is what the program ends with: the pipeline's terms decide where there
// are any, else the verdict.
func (r Report) ExitCode() int {
	if r.Pipeline != nil {
		return r.Pipeline.ExitCode
	}
	return r.Verdict.ExitCode()
}
