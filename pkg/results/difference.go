package results

// Change is one thing that differs; an empty side does not have it.
type Change struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Left  string `json:"left"`
	Right string `json:"right"`
}

// OperationChange is a needed operation that is decided otherwise.
type OperationChange struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Left  Decision `json:"left"`
	Right Decision `json:"right"`
	// Because names what of the operation is decided otherwise.
	Because string `json:"because"`
}

// Difference is what scimlint diff says of two orgs.
type Difference struct {
	SchemaVersion string            `json:"schemaVersion"`
	Tool          Tool              `json:"tool"`
	Left          string            `json:"left"`
	Right         string            `json:"right"`
	LeftVerdict   Verdict           `json:"leftVerdict"`
	RightVerdict  Verdict           `json:"rightVerdict"`
	Changes       []Change          `json:"changes"`
	Operations    []OperationChange `json:"operations"`
}
