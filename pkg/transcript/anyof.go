package transcript

import "strings"

// anyOf finds whether a text has any of some words, in one pass over it: of a big log, most
// time goes into looking for what is not there.
type anyOf struct {
	// at is, by the first two bytes of a word, where in lists its words are; zero for none.
	at    [1 << 16]uint8
	lists [][]string
}

// anyOfThese prepares words of at least two bytes each.
func anyOfThese(words ...string) *anyOf {
	a := &anyOf{lists: make([][]string, 1)}
	for _, w := range words {
		pair := uint16(w[0])<<8 | uint16(w[1])
		if a.at[pair] == 0 {
			a.at[pair] = uint8(len(a.lists)) //nolint:gosec // there are some twenty words
			a.lists = append(a.lists, nil)
		}
		a.lists[a.at[pair]] = append(a.lists[a.at[pair]], w)
	}
	return a
}

func (a *anyOf) in(text string) bool {
	if text == "" {
		return false
	}
	pair := uint16(text[0])
	for i := 1; i < len(text); i++ {
		pair = pair<<8 | uint16(text[i])
		if list := a.at[pair]; list != 0 && a.startsAt(list, text[i-1:]) {
			return true
		}
	}
	return false
}

func (a *anyOf) startsAt(list uint8, text string) bool {
	for _, w := range a.lists[list] {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}
