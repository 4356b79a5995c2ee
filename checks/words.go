package checks

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

func quote(s string) string { return "\"" + strings.TrimSpace(s) + "\"" }

// list joins names for a sentence, the first few alone when there are many.
func list(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}
