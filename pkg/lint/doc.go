// Package lint is the engine that checks run on: what a check is, what it reads
// (Input), what it says (Findings), and the decisions that every check, cause
// and plan shares. The rules themselves live in the package checks; the engine
// knows none of them.
package lint
