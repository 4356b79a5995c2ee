//go:build manpages

// The man pages and the completions of a release are made from the commands by
//
//	go run -tags manpages ./cmd/scimlint man FOLDER
//
// and not by the program that users get, which would be larger by the generator.

package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func init() { extra = append(extra, newMan) }

func newMan(stdio) *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the man pages and the completions of a release",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeManPages(cmd.Root(), args[0])
		},
	}
}

// writeManPages writes FOLDER/man and FOLDER/completions. Files of the same commit are
// the same: SOURCE_DATE_EPOCH is the date of the pages, and gzip is given none.
func writeManPages(root *cobra.Command, folder string) error {
	man, completions := filepath.Join(folder, "man"), filepath.Join(folder, "completions")
	for _, dir := range []string{man, completions} {
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // packaged as it is
			return err
		}
	}
	forPages(root)
	header := &doc.GenManHeader{Section: "1", Source: "scimlint " + toolVersion(), Manual: "scimlint"}
	if err := doc.GenManTree(root, header, man); err != nil {
		return err
	}
	pages, err := filepath.Glob(filepath.Join(man, "*.1"))
	if err != nil {
		return err
	}
	for _, page := range pages {
		if err := compress(page); err != nil {
			return err
		}
	}
	for name, write := range map[string]func(string) error{
		"scimlint.bash": func(f string) error { return root.GenBashCompletionFileV2(f, true) },
		"scimlint.zsh":  root.GenZshCompletionFile,
		"scimlint.fish": func(f string) error { return root.GenFishCompletionFile(f, true) },
		"scimlint.ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := write(filepath.Join(completions, name)); err != nil {
			return err
		}
	}
	return nil
}

// indented is a line that is shown as it is, such as one of a list of variables.
var indented = regexp.MustCompile(`(?m)^  (\S.*)$`)

// forPages prepares the texts of a command and of those below it: the pages are made
// through Markdown, which joins lines that are not a block of their own.
func forPages(cmd *cobra.Command) {
	cmd.DisableAutoGenTag = true
	var b strings.Builder
	inBlock := false
	for line := range strings.Lines(cmd.Long) {
		block := indented.MatchString(line) || inBlock && strings.HasPrefix(line, "    ")
		if block != inBlock {
			b.WriteString("\n")
		}
		if inBlock = block; block {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	cmd.Long = b.String()
	for _, sub := range cmd.Commands() {
		forPages(sub)
	}
}

// compress replaces a file by its gzip, which has neither name nor time in it.
func compress(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(file+".gz", out.Bytes(), 0o644); err != nil { //nolint:gosec // packaged as it is
		return err
	}
	return os.Remove(file)
}
