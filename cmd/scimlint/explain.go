package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/pkg/diagnose"
	"github.com/scimlint/scimlint/pkg/profile"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
	"github.com/scimlint/scimlint/pkg/transcript"
)

func newExplain(std stdio) *cobra.Command {
	var o outputs
	var by string
	cmd := &cobra.Command{
		Use:   "explain [FILE|-]",
		Short: "Say what a pasted refusal means, without asking any org",
		Long: `explain reads whatever there is of a refused call and says what it means, which
causes remain, and the one step that tells them apart. It asks no org and needs no
credentials. What it reads, it recognises by its content: error bodies (the
platform's, SCIM's, OAuth's), HTTP exchanges, curl -i and curl -v transcripts, HAR
files, newman JSON reports, JMeter JTL files, logs with an SDK's exception in
them, Terraform runs, identity providers' logs, and plain text; gzip and UTF-16
too. A page that only gives advice is judged by the published names.

Exit codes: 0 every refusal was explained, or there was only advice to judge, 3 one
was not, 2 nothing in the input was a refusal or advice.`,
		Example: `  scimlint explain error.json
  pbpaste | scimlint explain -
  scimlint explain -o json session.har`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := o.parse(report.PlainFormats())
			if err != nil {
				return err
			}
			if err := distinct(files(list), []named{{"explain", firstArg(args, "-")}}); err != nil {
				return err
			}
			p, err := namedProfile(by)
			if err != nil {
				return err
			}
			in, err := open(cmd.Context(), std, firstArg(args, "-"))
			if err != nil {
				return err
			}
			defer func() { _ = in.Close() }()
			text, sender := senderOf(in)
			e, err := explainInput(text)
			if err != nil {
				return interruptedReading(cmd.Context(), fmt.Errorf("%s: %w", firstArg(args, "-"), err))
			}
			if len(e.Refusals) == 0 && len(e.Notices) == 0 && len(e.Leaks) == 0 && e.Unjoined == 0 {
				return fmt.Errorf("%s: %s", firstArg(args, "-"), nothingToExplain(e))
			}
			inTheirWords(cmp.Or(p, sender), e.Refusals)
			err = o.write(std, list, func(w io.Writer, format string, opts report.Options) error {
				return report.WriteExplanation(w, format, e, opts)
			})
			if err != nil {
				return err
			}
			return code(e.ExitCode())
		},
	}
	cmd.Flags().StringVar(&by, "profile", "", "`name` of the system that was refused (scimlint profiles lists them), or a file: fixes say where they are in its screens (a log of Entra ID or Okta needs no name)")
	_ = cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(profile.Names(), cobra.ShellCompDirectiveDefault))
	cmd.Flags().StringArrayVarP(&o.specs, "output", "o", nil, "`format`, FILE or format=FILE: text, json; repeatable (default text)")
	return cmd
}

// nothingToExplain says what an input has in place of a refusal of the platform.
func nothingToExplain(e results.Explanation) string {
	if len(e.Others) > 0 {
		return fmt.Sprintf("what it shows is refused by another service (%s), and by Genesys Cloud nothing: ask that service, or paste the answer of api.<domain>", strings.Join(e.Others, ", "))
	}
	return fmt.Sprintf("nothing in it is a refusal or advice (read as %s; looked for error codes, the platform's sentences, HTTP statuses and names of scopes and permissions): paste the response body, or the log lines around the 403", e.Format)
}

// explainInput reads an input to its end and explains what was refused in it.
func explainInput(in io.Reader) (results.Explanation, error) {
	var x diagnose.Explainer
	read, err := transcript.Read(in, x.Add)
	if err != nil {
		return results.Explanation{}, err
	}
	return x.Finish(read, tool()), nil
}

// readRefusals reads the files of check --refusal.
func readRefusals(files []string) ([]results.Refusal, error) {
	var out []results.Refusal
	for _, name := range files {
		in, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("refusal: %w", err)
		}
		e, err := explainInput(in)
		_ = in.Close()
		if err != nil {
			return nil, fmt.Errorf("refusal %s: %w", name, err)
		}
		if len(e.Refusals) == 0 {
			return nil, fmt.Errorf("refusal %s: %s", name, nothingToExplain(e))
		}
		out = append(out, e.Refusals...)
	}
	return out, nil
}
