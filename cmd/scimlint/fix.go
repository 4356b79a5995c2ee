package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/fix"
	"github.com/scimlint/scimlint/internal/fix/apply"
	"github.com/scimlint/scimlint/internal/fix/export"
	"github.com/scimlint/scimlint/internal/nearest"
	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/genesys"
	"github.com/scimlint/scimlint/pkg/lint"
	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/results"
)

// fixFlags are those of fix beside a check's own.
type fixFlags struct {
	flags
	format, role, from, output string
	apply, yes                 bool
}

func newFix(std stdio) *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix",
		Short: "Print the smallest change that ends the 403, ready to apply",
		Long: `fix finds which role to create or extend with exactly which permissions, in which
division, granted to whom, and which scopes a client that uses them lacks. It proves
its answer: the evidence with the changes applied is judged again, and each part that
is not needed is left out. What could be removed is listed separately.

It changes nothing, unless --apply is given with an auditor's credentials and either
--yes or the client's name typed at the prompt. --apply deletes no role, changes no
role of the vendor's own, and grants nothing that the needs do not require.

Exit codes: 0 ready after the changes (or already), 1 something remains that no role,
grant or scope ends, 2 usage, 3 something could not be read.`,
		Example: `  scimlint fix
  scimlint fix --from bundle.scimlint -o scim.tf
  scimlint fix --apply --auditor-client-id ID --auditor-secret-file FILE`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), std) },
	}
	f.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "", "`format` of the plan: "+strings.Join(export.Formats(), ", ")+" (default steps)")
	fs.StringVar(&f.role, "role", lint.DefaultRole, "`name` of the role to create, or to extend where the subject has it")
	fs.StringVar(&f.from, "from", "", "plan for the bundle `file` that scimlint capture wrote, and ask no org")
	fs.StringVarP(&f.output, "output", "o", "", "`format`, FILE or format=FILE: as --format, and where the plan is written (default standard output)")
	fs.BoolVar(&f.apply, "apply", false, "carry the plan out with the auditor's credentials, and check again")
	fs.BoolVar(&f.yes, "yes", false, "with --apply: do not ask")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(export.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// where reads -o: a format, a file, or both. A file gets the format of --format, or the
// one that its ending names.
func (f *fixFlags) where() error {
	spec := f.output
	format, file, err := parseOutput(spec, export.Formats())
	switch {
	case spec == "":
	case err == nil && (file != spec || f.format == ""):
		f.format, f.output = format, file
	case strings.HasSuffix(spec, "="):
		return err
	}
	f.format = firstOf(f.format, "steps")
	return nil
}

func (f *fixFlags) run(ctx context.Context, std stdio) error {
	if err := f.where(); err != nil {
		return err
	}
	switch {
	case !slices.Contains(export.Formats(), f.format):
		return fmt.Errorf("unknown format %q: the formats are %s.%s", f.format, strings.Join(export.Formats(), ", "), nearest.Question(f.format, export.Formats()))
	case f.apply && f.from != "":
		return errors.New("--apply changes a live org: it does not go with --from")
	case f.yes && !f.apply:
		return errors.New("--yes goes with --apply")
	case !visible(report.Inert(f.role)):
		return fmt.Errorf("role %q is no name for a role", f.role)
	}
	f.role = strings.TrimSpace(f.role)
	if f.output != "" {
		if info, err := os.Stat(filepath.Dir(f.output)); err != nil || !info.IsDir() {
			return fmt.Errorf("--output %s: the folder %s does not exist", f.output, filepath.Dir(f.output))
		}
	}
	if err := distinct([]named{{"--output", f.output}}, append(f.inputs(), named{"--from", f.from})); err != nil {
		return err
	}
	s, snapshot, judge, err := f.evidence(ctx, std)
	if err != nil {
		return err
	}
	p := fix.Make(snapshot, judge, fix.Options{Role: f.role}, tool())
	// What is shown is cleaned; what is carried out is the plan itself.
	if err := f.write(std, p); err != nil {
		return err
	}
	switch {
	case !f.apply || p.Verdict == results.Ready:
		return code(p.ExitCode())
	case p.Empty():
		why := fix.SameSubject(snapshot, p)
		if why == nil {
			why = errors.New("the plan has no role, grant or scope to change")
		}
		return &exit{code: p.ExitCode(), err: fmt.Errorf("nothing was changed: %w", why)}
	}
	return f.carryOut(ctx, std, s, snapshot, p)
}

// evidence is a bundle's or the live org's.
func (f *fixFlags) evidence(ctx context.Context, std stdio) (s settings, snapshot *evidence.Snapshot, judge lint.Options, err error) {
	if f.from != "" {
		src, err := f.flags.from(ctx, std, f.from, false)
		return src.settings, src.snapshot, src.judge, err
	}
	if s, err = f.resolve(ctx, std); err != nil {
		return s, nil, judge, err
	}
	if f.apply && !s.evidence.Auditor.Given() {
		return s, nil, judge, fmt.Errorf("--apply requires an auditor's credentials: --auditor-client-id with --auditor-secret-file, or --auditor-token-file (%s, %s, %s); "+
			"the client under test is not to grant itself roles", envAuditorID, envAuditorSecret, envAuditorToken)
	}
	if f.apply && s.evidence.Auditor.ClientID != "" && s.evidence.Auditor.ClientID == s.evidence.Target.ClientID {
		return s, nil, judge, errors.New("the auditor is the client under test: a client is not to grant itself roles; give another's credentials")
	}
	snapshot, err = collect(ctx, std, s, true)
	return s, snapshot, s.judge, err
}

func (f *fixFlags) write(std stdio, p fix.Plan) error {
	if f.output == "" {
		return export.Write(std.out, f.format, p, report.Options{Color: colorful(std) && f.format == "steps", Width: width(std.out), Secrets: std.secrets()})
	}
	var b strings.Builder
	if err := export.Write(&b, f.format, p, report.Options{Secrets: std.secrets()}); err != nil {
		return err
	}
	if err := writeWhole(f.output, []byte(std.secrets().Known(b.String()))); err != nil {
		return fmt.Errorf("plan cannot be written: %w", err)
	}
	return nil
}

// carryOut shows the calls, asks, makes them, and checks again. Nothing is changed before
// everything that names the client under test names the same one, and the
// auditor to be somebody else of the same org.
func (f *fixFlags) carryOut(ctx context.Context, std stdio, s settings, snapshot *evidence.Snapshot, p fix.Plan) error {
	if err := fix.SameSubject(snapshot, p); err != nil {
		return &exit{code: 1, err: fmt.Errorf("nothing was changed: %w", err)}
	}
	_, _ = fmt.Fprintf(std.err, "\nThese calls will change the org at %s:\n", report.Inert(p.Target.APIURL))
	for _, c := range p.Calls {
		_, _ = fmt.Fprintf(std.err, "  %s %s\n      %s\n", c.Method, report.Inert(c.Shown()), report.Inert(c.What))
	}
	if !f.yes {
		if err := confirm(ctx, std, typed(p.Subject())); err != nil {
			return err
		}
	}
	client, err := auditorClient(ctx, s)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := sameOrg(limited, client, p); err != nil {
		return &exit{code: 1, err: fmt.Errorf("nothing was changed: %w", err)}
	}
	progress := apply.Run(limited, client, p, func(what string) { _, _ = fmt.Fprintln(std.err, "…", report.Inert(what)) })
	for line := range strings.Lines(progress.Words()) {
		_, _ = fmt.Fprintln(std.err, report.Inert(strings.TrimSuffix(line, "\n")))
	}
	switch {
	case progress.Interrupted:
		return &exit{code: exitInterrupted, err: errors.New("interrupted: the plan was not carried out in full: see above what was done and how to take it back")}
	case !progress.Complete():
		return &exit{code: 1, err: errors.New("the plan was not carried out in full: see above what was done and how to take it back")}
	}
	return f.checkAgain(ctx, std, s)
}

// checkAgain judges the changed org.
func (f *fixFlags) checkAgain(ctx context.Context, std stdio, s settings) error {
	r, err := runCheck(ctx, std, s, true)
	if err != nil {
		return err
	}
	if f.format == "json" || f.output != "" {
		_, _ = fmt.Fprintf(std.err, "checked again: %s: %s\n", r.Verdict, report.Inert(r.Summary))
	} else if err := report.Write(std.out, "text", r, report.Options{Quiet: true, Secrets: std.secrets(), Color: colorful(std), Width: width(std.out)}); err != nil {
		return err
	}
	return code(r.ExitCode())
}

// sameOrg asks whose token the auditor's is: it has to be of the org that the plan was made
// for, and not of the client under test.
func sameOrg(ctx context.Context, client *genesys.Client, p fix.Plan) error {
	me, call := client.TokensMe(ctx)
	_, subject := p.Subject()
	switch {
	case me == nil:
		return fmt.Errorf("whose token the auditor's is could not be read: %s", evidence.DescribeRefusal(call))
	case p.Target.OrgID != "" && me.Organization.ID != p.Target.OrgID:
		return fmt.Errorf("the auditor's token is of the org %q (%s), the client under test is of %q (%s)", me.Organization.Name, me.Organization.ID, p.Target.Organization, p.Target.OrgID)
	case me.OAuthClient != nil && me.OAuthClient.ID == subject && me.OAuthClient.AuthorizedGrantType == genesys.GrantClientCredentials:
		return errors.New("the auditor's token is of the client under test: a client is not to grant itself roles; give another's credentials")
	}
	return nil
}

// typed is what has to be typed to confirm a change of somebody: the name, or the id where
// the name cannot be read or typed.
func typed(name, id string) string {
	name = strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, report.Inert(name))
	if name = strings.TrimSpace(name); visible(name) && len(name) <= 200 {
		return name
	}
	return strings.TrimSpace(report.Inert(id))
}

// visible says whether a person sees anything of a text.
func visible(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		const blankBraille = '\u2800'
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && r != blankBraille && !unseen(r)
	})
}

// unseen says whether a character has no shape of its own.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// confirm waits for the word to be typed, and returns when ctx ends.
func confirm(ctx context.Context, std stdio, word string) error {
	if !visible(word) {
		return errors.New("nothing was changed: the one whom the plan is for has neither a name nor an id that can be typed")
	}
	_, _ = fmt.Fprintf(std.err, "Type %s to go on: ", word)
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(std.in, 4096)).ReadString('\n')
		typed <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return &exit{code: exitInterrupted, err: errors.New("interrupted: nothing was changed")}
	case a := <-typed:
		switch {
		case ctx.Err() != nil:
			return &exit{code: exitInterrupted, err: errors.New("interrupted: nothing was changed")}
		case strings.TrimSpace(a.line) == word:
			return nil
		case a.err != nil && a.line == "":
			return fmt.Errorf("cancelled: nothing was typed, nothing was changed: type %q, or pass --yes", word)
		}
		return errors.New("cancelled: that does not match; nothing was changed")
	}
}

// auditorClient is a client with the auditor's token.
func auditorClient(ctx context.Context, s settings) (*genesys.Client, error) {
	client := genesys.NewClient(genesys.Options{API: s.api, Login: s.login, UserAgent: "scimlint/" + toolVersion(), Redactor: s.secrets})
	a := s.evidence.Auditor
	if !a.Token.Empty() {
		return client.WithToken(a.Token), nil
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	token, _, call := client.AcquireToken(limited, a.ClientID, a.Secret)
	if token.Empty() {
		return nil, &exit{code: 1, err: fmt.Errorf("the auditor got no token and nothing was changed: %s", evidence.DescribeRefusal(call))}
	}
	return client.WithToken(token), nil
}
