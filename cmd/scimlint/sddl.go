package main

import (
	"regexp"
	"strconv"
	"strings"
)

// wide are the groups of Windows to which a secret must not be open, by the names and
// the ids that a security descriptor's text has for them.
var wide = map[string]string{
	"WD": "Everyone", "S-1-1-0": "Everyone",
	"AU": "Authenticated Users", "S-1-5-11": "Authenticated Users",
	"BU": "Users", "S-1-5-32-545": "Users",
	"BG": "Guests", "S-1-5-32-546": "Guests",
	"AN": "Anonymous", "S-1-5-7": "Anonymous",
	"IU": "Interactive Users", "S-1-5-4": "Interactive Users",
	"NU": "Network Users", "S-1-5-2": "Network Users",
	"DU": "Domain Users", "DG": "Domain Guests",
}

// The parts of a security descriptor's text (SDDL): the list behind "D:", and its
// entries, as (A;ID;FR;;;BU): type, flags, rights, two object ids, group.
var (
	dacl  = regexp.MustCompile(`D:([A-Z_]*)((?:\([^)]*\))*)`)
	entry = regexp.MustCompile(`\(([^;)]*);([^;)]*);([^;)]*);[^;)]*;[^;)]*;([^;)]*)[^)]*\)`)
)

// readersOf names the wide groups that a security descriptor lets read; empty where it
// lets none, or has no list that could be read. An entry that denies is not subtracted: it
// seldom denies the same, and a warning too many is the safe side.
func readersOf(sddl string) string {
	list := dacl.FindStringSubmatch(sddl)
	if list == nil {
		return ""
	}
	if strings.Contains(list[1], "NO_ACCESS_CONTROL") {
		return "Everyone"
	}
	var names []string
	for _, e := range entry.FindAllStringSubmatch(list[2], -1) {
		kind, inheritOnly, group := e[1], strings.Contains(e[2], "IO"), wide[e[4]]
		if group == "" || inheritOnly || kind != "A" && kind != "XA" || !mayRead(e[3]) || strings.Contains(strings.Join(names, ","), group) {
			continue
		}
		names = append(names, group)
	}
	return strings.Join(names, ", ")
}

// mayRead says whether an entry's rights include reading a file's content. They are
// either a number or names of two letters.
func mayRead(rights string) bool {
	if n, err := strconv.ParseUint(rights, 0, 32); err == nil {
		const readData, genericAll, genericRead = 0x1, 0x10000000, 0x80000000
		return n&(readData|genericAll|genericRead) != 0
	}
	for i := 0; i+2 <= len(rights); i += 2 {
		switch rights[i : i+2] {
		case "FA", "FR", "GA", "GR", "CC": // CC is the first bit, which for files is reading
			return true
		}
	}
	return false
}
