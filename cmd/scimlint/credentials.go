package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"

	"github.com/scimlint/scimlint/pkg/evidence"
	"github.com/scimlint/scimlint/pkg/secret"
)

// secrets finds what to authenticate with: a token or a client's secret, from a
// file that a flag names, from the environment, from a file that the
// configuration names, or from a prompt.
func (f *flags) secrets(ctx context.Context, std stdio, c config, o *evidence.Options) (err error) {
	if o.WorkingToken, err = findToken(std, "working token", f.workingTokenFile, std.env(envWorking), c.WorkingTokenFile); err != nil {
		return err
	}
	if o.Auditor, err = f.auditor(std); err != nil {
		return err
	}
	for _, source := range []struct {
		token      bool
		file, text string
	}{
		{true, f.tokenFile, ""}, {false, f.secretFile, ""},
		{true, "", std.env(envToken)}, {false, "", std.env(envSecret)},
		{true, c.TokenFile, ""}, {false, c.SecretFile, ""},
	} {
		if source.file == "" && strings.TrimSpace(source.text) == "" {
			continue
		}
		if source.token {
			o.Target.TokenSupplied = true
			o.Supplied, err = findToken(std, "access token", source.file, source.text, "")
			return err
		}
		return f.secret(std, source.file, source.text, o)
	}
	return promptSecret(ctx, std, o)
}

// auditor finds the credentials that read what the client under test may not.
func (f *flags) auditor(std stdio) (a evidence.Auditor, err error) {
	if a.Token, err = findToken(std, "auditor's token", f.auditorTokenFile, std.env(envAuditorToken), ""); err != nil || !a.Token.Empty() {
		return a, err
	}
	a.ClientID, a.Secret = firstOf(f.auditorID, std.env(envAuditorID)), secret.New(std.env(envAuditorSecret))
	if f.auditorSecretFile != "" {
		if a.Secret, err = secretFile(std, f.auditorSecretFile); err != nil {
			return a, err
		}
	}
	if a.Secret.Empty() != (a.ClientID == "") {
		return a, fmt.Errorf("the auditor needs an id and a secret: set %s and %s, or %s", envAuditorID, envAuditorSecret, envAuditorToken)
	}
	return a, nil
}

func (f *flags) secret(std stdio, file, text string, o *evidence.Options) (err error) {
	if o.Target.ClientID == "" {
		return fmt.Errorf("there is a client secret but no client id: set %s or --client-id", envClientID)
	}
	if file != "" {
		o.Secret, err = secretFile(std, file)
		return err
	}
	o.Secret = secret.New(text)
	return nil
}

// promptSecret asks at a terminal, and elsewhere says what is missing.
func promptSecret(ctx context.Context, std stdio, o *evidence.Options) error {
	file, _ := std.in.(*os.File)
	if o.Target.ClientID == "" || !atTerminal(std.in) {
		return fmt.Errorf("no credentials: set %s and %s, or %s (files: --secret-file, --token-file)", envClientID, envSecret, envToken)
	}
	_, _ = fmt.Fprintf(std.err, "Secret of the OAuth client %s: ", o.Target.ClientID)
	type answer struct {
		text []byte
		err  error
	}
	read := make(chan answer, 1)
	fd := int(file.Fd()) // the reading goes on where it is given up, and touches the file no more
	state, _ := term.GetState(fd)
	go func() {
		text, err := term.ReadPassword(fd)
		read <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		_ = term.Restore(fd, state)
		return &exit{code: exitInterrupted, err: errors.New("interrupted: nothing was checked")}
	case a := <-read:
		_, _ = fmt.Fprintln(std.err)
		o.Secret = secret.New(string(a.text))
		if a.err != nil || o.Secret.Empty() {
			return errors.New("no secret was typed")
		}
		return nil
	}
}

// findToken reads a token, and refuses one that cannot be sent in a header,
// without showing it.
func findToken(std stdio, what, flagFile, text, configFile string) (secret.Secret, error) {
	token := secret.New(text)
	if file := firstOf(flagFile, configFile); flagFile != "" || token.Empty() && file != "" {
		var err error
		if token, err = secretFile(std, file); err != nil {
			return token, err
		}
	}
	if scheme, rest, found := strings.Cut(token.Reveal(), " "); found && strings.EqualFold(scheme, "Bearer") {
		// Whoever saved the header's value may have pasted it somewhere else as well.
		_, _ = fmt.Fprintf(std.err, "scimlint: warning: the %s begins with the word Bearer, which is not part of it and was left out; an identity provider needs the token without it, too\n", what)
		token = secret.New(strings.TrimSpace(rest))
	}
	for _, r := range token.Reveal() {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' || r == '\'' || r > unicode.MaxASCII {
			return secret.Secret{}, fmt.Errorf("the %s has a quote, a line break, white space or another character inside that no token has: copy it again", what)
		}
	}
	return token, nil
}

// maxSecret bounds a file that should have one line.
const maxSecret = 64 << 10

// secretFile reads a secret, and warns of a file that others can read.
func secretFile(std stdio, path string) (secret.Secret, error) {
	file, err := os.Open(path)
	if err != nil {
		return secret.Secret{}, fmt.Errorf("secret file: %w", err)
	}
	defer func() { _ = file.Close() }()
	if who, advice := openTo(file); who != "" {
		_, _ = fmt.Fprintf(std.err, "scimlint: warning: %s can be read by %s: %s\n", path, who, advice)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("secret file: %w", err)
	}
	s := secret.New(string(asUTF8(data)))
	if s.Empty() || len(data) > maxSecret {
		return secret.Secret{}, fmt.Errorf("secret file %s is empty or far too large: it must contain only the secret", path)
	}
	return s, nil
}
