package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"regexp"

	"github.com/scimlint/scimlint/pkg/profile"
)

// senders are the identity providers whose logs name themselves, by their profiles: keys of
// the log's own form, the columns of an export, the connector in Entra ID's sentences, and the
// gallery app.
var senders = map[string]*regexp.Regexp{
	"entra": regexp.MustCompile(`\\?"provisioning(?:Action|Steps|StatusInfo)\\?"\s*:|\bcustomappsso\b|\bGenesys Cloud for Azure\b|(?m:^"?Date"?,"?Identity"?,"?Action"?,.*\bStatus reason\b)`),
	"okta":  regexp.MustCompile(`\\?"eventType\\?"\s*:\s*\\?"application\.provision|\\?"debugContext\\?"\s*:\s*\{|\bAutomatic provisioning of user .{1,300} to app\b`),
}

// maxSniffed is how much of an input is looked at for its sender: several events of a log.
const maxSniffed = 256 << 10

// senderOf looks at the beginning of an input, and returns the input and the profile of the
// provider that wrote it: nil where no provider did, or more than one.
func senderOf(in io.Reader) (io.Reader, *profile.Profile) {
	whole := bufio.NewReaderSize(in, maxSniffed)
	begin, _ := whole.Peek(maxSniffed) // an error comes again when the rest is read
	text := asUTF8(textOf(begin))
	var found []string
	for name, form := range senders {
		if form.Match(text) {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		return whole, nil
	}
	p, err := profile.Find(found[0])
	if err != nil {
		return whole, nil
	}
	return whole, p
}

// textOf is as much of the text of a gzip file's beginning as can be read; other data
// remains as it is.
func textOf(begin []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(begin))
	if err != nil {
		return begin
	}
	text, _ := io.ReadAll(io.LimitReader(z, maxSniffed)) // it ends where the beginning ends
	return text
}
