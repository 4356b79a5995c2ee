package simulator

import (
	"slices"
	"time"
)

// Run says how a check of this org is started: the flags of scimlint check, and whose
// credentials it is given.
type Run struct {
	// Client is whose credentials are used; Token the name of a token that is
	// given instead. Both may be given: the token is then expected to be the
	// client's.
	Client string `yaml:"client"`
	Token  string `yaml:"token"`
	// WorkingToken is a token that is said to work elsewhere.
	WorkingToken string `yaml:"workingToken"`
	// Auditor is a client, AuditorToken a token, that reads what the client may not.
	Auditor      string `yaml:"auditor"`
	AuditorToken string `yaml:"auditorToken"`
	// WrongSecret and UnknownClient spoil the credentials.
	WrongSecret   bool `yaml:"wrongSecret"`
	UnknownClient bool `yaml:"unknownClient"`
	// Region replaces the org's own on the command line.
	Region string `yaml:"region"`
	// SCIMURL is the address that the integration calls; {api} in it means
	// the simulator's own base.
	SCIMURL           string        `yaml:"scimUrl"`
	Need              []string      `yaml:"need"`
	NeedOperation     []string      `yaml:"needOperation"`
	Probe             string        `yaml:"probe"`
	Division          []string      `yaml:"division"`
	ExpectOrg         string        `yaml:"expectOrg"`
	RequireScope      []string      `yaml:"requireScope"`
	RequirePermission []string      `yaml:"requirePermission"`
	RequireOnly       bool          `yaml:"requireOnly"`
	AcceptUnknown     []string      `yaml:"acceptUnknown"`
	Timeout           time.Duration `yaml:"timeout"`
	// TokenIssuedAgo is how long ago the token was issued, as --token-issued says it.
	TokenIssuedAgo time.Duration `yaml:"tokenIssuedAgo"`
	// Refusals are texts that --refusal reads.
	Refusals []string `yaml:"refusals"`
	// Payload is the text of the file that --payload reads, PayloadName its name.
	Payload     string `yaml:"payload"`
	PayloadName string `yaml:"payloadName"`
	// Checks are checks of a configuration, as scimlint.yaml has them.
	Checks []OwnCheck `yaml:"checks"`
	// Args are further arguments of scimlint check, as they are typed. {api} means the
	// simulator's base, {dir} for a folder with Files.
	Args []string `yaml:"args"`
	// Files are files that Args name, by their names.
	Files map[string]string `yaml:"files"`
}

// OwnCheck is a check of a configuration.
type OwnCheck struct {
	ID         string `yaml:"id"`
	Title      string `yaml:"title"`
	Severity   string `yaml:"severity"`
	Expression string `yaml:"expression"`
	Message    string `yaml:"message"`
	Fix        string `yaml:"fix"`
}

// Expect is what a check of this org must find. What is absent is not looked at, but for
// the verdict and the first cause.
type Expect struct {
	Verdict string `yaml:"verdict"`
	// Cause is the first cause; empty when there must be none.
	Cause string `yaml:"cause"`
	// Also are causes that must be named too.
	Also []string `yaml:"also"`
	// Not are causes that must not be named.
	Not []string `yaml:"not"`
	// Certainty is that of the first cause: confirmed, likely or possible.
	Certainty string `yaml:"certainty"`
	// Breaks are the ids of all operations that the first cause breaks.
	Breaks []string `yaml:"breaks"`
	// Operations are decisions (allowed, denied, unknown) by the id of the operation.
	Operations map[string]string `yaml:"operations"`
	// Headline, Fix and Plan are what the report's first sentence, the first cause's fix and
	// the steps of scimlint fix must contain.
	Headline []string `yaml:"headline"`
	Fix      []string `yaml:"fix"`
	Plan     []string `yaml:"plan"`
	// UsageError is what the error of a run that was not started must contain.
	UsageError string `yaml:"usageError"`
}

func (s *Scenario) validateRun(p *problems) {
	for key, name := range map[string]string{"client": s.Run.Client, "auditor": s.Run.Auditor} {
		if name != "" && s.client(name) == nil {
			p.add("run.%s %q is not defined", key, name)
		}
	}
	for _, name := range []string{s.Run.Token, s.Run.WorkingToken, s.Run.AuditorToken} {
		if name != "" && s.token(name) == nil {
			p.add("run names the token %q, which is not defined", name)
		}
	}
	if s.Run.TokenIssuedAgo < 0 {
		p.add("run.tokenIssuedAgo is %s: write how long ago it was, as in 240h", s.Run.TokenIssuedAgo)
	}
	if c := s.Expect.Certainty; c != "" && !slices.Contains([]string{"confirmed", "likely", "possible"}, c) {
		p.add("expect.certainty is %q: write confirmed, likely or possible", c)
	}
	for id, decision := range s.Expect.Operations {
		if !slices.Contains([]string{"allowed", "denied", "unknown"}, decision) {
			p.add("expect.operations: %s is %q: write allowed, denied or unknown", id, decision)
		}
	}
}
