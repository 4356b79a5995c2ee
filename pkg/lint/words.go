package lint

import (
	"strconv"
	"strings"
)

// Itoa writes a number.
func Itoa(n int) string { return strconv.Itoa(n) }

// Counted is a number with its noun.
func Counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Itoa(n) + " " + noun
}

// Quote puts a name in quotes.
func Quote(s string) string { return "\"" + strings.TrimSpace(s) + "\"" }

// List joins names for a sentence, only the first few when there are many.
func List(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + Itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}

// Unique keeps the first of equal words.
func Unique(words []string) []string {
	var out []string
	seen := make(map[string]bool, len(words))
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// Upper begins a sentence with a text.
func Upper(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
