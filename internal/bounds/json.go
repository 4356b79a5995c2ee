// Package bounds limits what readers accept, before anything is decoded: a small input
// must not become a large one in memory, and none may cost more than its size.
package bounds

import (
	"fmt"
)

// The bounds of JSON. The largest answers of real orgs have a tenth of each.
const (
	// Depth is how deep objects and lists may be nested.
	Depth = 64
	// Entries is how many entries one list, or members one object, may have.
	Entries = 100_000
	// Values is how many values there may be in all.
	Values = 500_000
)

// JSON says that data goes beyond the bounds, in the second half of a sentence ("it is
// nested more than 64 deep"). It reads data once and keeps nothing; whether data is JSON
// is for the decoder to say.
func JSON(data []byte) error {
	var entries [Depth + 1]int // behind each open bracket
	depth, values := 0, 1
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = closing(data, i+1)
			continue
		case '{', '[':
			if depth++; depth > Depth {
				return fmt.Errorf("it is nested more than %d deep", Depth)
			}
			entries[depth] = 1
		case '}', ']':
			depth = max(0, depth-1)
			continue
		case ',':
			if entries[depth]++; entries[depth] > Entries {
				return fmt.Errorf("a list in it has more than %d entries", Entries)
			}
		default:
			continue
		}
		if values++; values > Values {
			return fmt.Errorf("it has more than %d values", Values)
		}
	}
	return nil
}

// closing is where the string ends that begins at i.
func closing(data []byte, i int) int {
	for ; i < len(data) && data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i
}
