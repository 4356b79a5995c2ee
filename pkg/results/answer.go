package results

// Answer is what scimlint can-i says of one operation.
type Answer struct {
	SchemaVersion string `json:"schemaVersion"`
	Tool          Tool   `json:"tool"`
	// Method and URL path as asked; the operation has the catalogue's template.
	Method string `json:"method"`
	Path   string `json:"path"`
	// OperationID is the definition's.
	OperationID string    `json:"operationId"`
	Subject     string    `json:"subject"`
	Operation   Operation `json:"operation"`
	Because     []Proof   `json:"because"`
}

// ExitCode is 0 for allowed, 1 for denied, 3 for unknown.
func (a Answer) ExitCode() int {
	switch a.Operation.Decision {
	case DecisionAllowed:
		return 0
	case DecisionDenied:
		return 1
	}
	return 3
}
