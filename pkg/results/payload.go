package results

// PayloadFinding is one fault of one body: the line on which the body begins, and the
// path of what is wrong in it.
type PayloadFinding struct {
	Line int    `json:"line"`
	Path string `json:"path"`
	Text string `json:"text"`
}

// PayloadKind are all faults of one kind.
type PayloadKind struct {
	Kind  string `json:"kind"`
	Title string `json:"title"`
	// Blocks is set when a body of this fault is refused; the others are taken, or what is
	// wrong with them is passed over.
	Blocks bool  `json:"blocks"`
	Basis  Basis `json:"basis"`
	Count  int   `json:"count"`
	// Findings are the faults in the order of the file.
	Findings []PayloadFinding `json:"findings"`
}

// Payload is what a file of SCIM bodies was found to be.
type Payload struct {
	File   string `json:"file"`
	Format string `json:"format"`
	Bodies int    `json:"bodies"`
	// Needs are what the bodies set, other than creating.
	Needs []string `json:"needs"`
	// Divisions are those that bodies name, * for more than a report can list; InHome is
	// set where a body names none, so that its user comes into the home division.
	Divisions []string `json:"divisions,omitempty"`
	InHome    bool     `json:"-"`
	// Managers are the ids of the managers that bodies name.
	Managers []string `json:"-"`
	// Schema says whose schema they were compared with: the platform's or the catalogue's.
	Schema string `json:"schema"`
	// NotChecked says which names of the bodies could not be compared with the org, and why.
	NotChecked []string      `json:"notChecked"`
	Kinds      []PayloadKind `json:"kinds"`
	// LeftOut is how many findings are counted and not listed.
	LeftOut int `json:"leftOut,omitempty"`
}

// Blocked says whether any body would be refused.
func (p Payload) Blocked() bool {
	for _, k := range p.Kinds {
		if k.Blocks && k.Count > 0 {
			return true
		}
	}
	return false
}
