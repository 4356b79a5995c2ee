package results

// Notice is something that an input shows beside its refusals: advice that is
// wrong, a request that lacks something, a claim that cannot be.
type Notice struct {
	// ID is that of the check or cause that it is about.
	ID    string `json:"id"`
	Text  string `json:"text"`
	Basis Basis  `json:"basis"`
}

// Leak is a secret in an input, never the secret itself.
type Leak struct {
	Kind  string `json:"kind"`
	Where string `json:"where"`
	// Rotate says what to do about it.
	Rotate string `json:"rotate"`
}

// Named is what a refusal names.
type Named struct {
	Permissions []string `json:"permissions,omitempty"`
	Scopes      []string `json:"scopes,omitempty"`
	Divisions   []string `json:"divisions,omitempty"`
	PolicyIDs   []string `json:"policyIds,omitempty"`
	IP          string   `json:"ip,omitempty"`
}

// Refusal is one kind of refusal of an input, with all its occurrences.
type Refusal struct {
	Count int `json:"count"`
	// Where names the first occurrences.
	Where  []string `json:"where"`
	Method string   `json:"method,omitempty"`
	URL    string   `json:"url,omitempty"`
	Status int      `json:"status"`
	Code   string   `json:"code,omitempty"`
	// Message is the org's own.
	Message string `json:"message,omitempty"`
	// Meaning says what the answer means.
	Meaning        string   `json:"meaning"`
	CorrelationIDs []string `json:"correlationIds"`
	Named          Named    `json:"named"`
	// Operation is what was called, where it is a published one.
	Operation *CalledOperation `json:"operation,omitempty"`
	Causes    []Cause          `json:"causes"`
	// Next is the one step that tells the causes apart.
	Next string `json:"next"`
	// Explained is false where the answer says too little.
	Explained bool `json:"explained"`
}

// CalledOperation is the operation that a refused call was of.
type CalledOperation struct {
	ID       string   `json:"id"`
	Method   string   `json:"method"`
	Path     string   `json:"path"`
	Gate     Gate     `json:"gate"`
	Scopes   []string `json:"scopes"`
	Features []string `json:"features"`
}

// Explanation is what scimlint explain says of an input.
type Explanation struct {
	SchemaVersion string    `json:"schemaVersion"`
	Tool          Tool      `json:"tool"`
	Format        string    `json:"format"`
	Requests      int       `json:"requests"`
	Refusals      []Refusal `json:"refusals"`
	Notices       []Notice  `json:"notices"`
	Leaks         []Leak    `json:"leaks"`
	// Unjoined counts what looks like a refusal and could be joined to no call.
	Unjoined   int      `json:"unjoined"`
	UnjoinedAt []string `json:"unjoinedAt"`
	// Others are the hosts, or else the names, of other services that refused something, which is
	// not explained.
	Others []string `json:"others"`
}

// ExitCode is 0 when every refusal was explained, or only advice was there to
// judge; 3 when something that looks like a refusal was not explained; 2 when
// nothing in the input was a refusal or advice.
func (e Explanation) ExitCode() int {
	switch {
	case e.Unjoined > 0:
		return 3
	case len(e.Refusals) == 0 && len(e.Notices) == 0:
		return 2
	}
	for _, r := range e.Refusals {
		if !r.Explained {
			return 3
		}
	}
	return 0
}
