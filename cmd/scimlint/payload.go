package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/internal/zendesk"
	"github.com/scimlint/scimlint/pkg/report"
)

func newPayload(std stdio) *cobra.Command {
	cmd := &cobra.Command{Use: "payload", Short: "Make the SCIM bodies of a migration", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	var output, file string
	var timeout time.Duration
	from := &cobra.Command{
		Use:   "from-zendesk",
		Short: "Make a SCIM body of each agent and admin of a Zendesk account",
		Long: `from-zendesk reads the agents and admins of an account and writes a Genesys Cloud SCIM
body of each, a line each, by the mapping of the configuration (zendesk.mapping in
scimlint.yaml). Who cannot be mapped (no e-mail address, no name, suspended) is left out
and listed. It only reads.

Credentials: ZENDESK_SUBDOMAIN with ZENDESK_EMAIL and ZENDESK_API_TOKEN, or
ZENDESK_OAUTH_TOKEN.

Exit codes: 0 everybody was mapped, 1 some were left out, 2 usage, or Zendesk refused.`,
		Example: `  scimlint payload from-zendesk -o users.ndjson
  scimlint ready --payload users.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fromZendesk(cmd.Context(), std, timeout, file, output)
		},
	}
	from.Flags().StringVarP(&output, "output", "o", "", "`file` for the bodies (default standard output)")
	from.Flags().DurationVar(&timeout, "timeout", 0, "time for the whole run (default 15m)")
	from.Flags().StringVar(&file, "config", "", "configuration `file` (default ./scimlint.yaml where it exists)")
	cmd.AddCommand(from)
	addDirectories(std, cmd)
	return cmd
}

// The bounds of from-zendesk.
const (
	// maxMade bounds the bodies, which are written when all are made, in bytes.
	maxMade = 96 << 20
	// maxLeftOut is how many of those who are left out are named.
	maxLeftOut = 10
)

func fromZendesk(ctx context.Context, std stdio, timeout time.Duration, file, output string) error {
	c, _, err := readConfig(file)
	if err != nil {
		return err
	}
	if err := c.Zendesk.Mapping.Validate(); err != nil {
		return fmt.Errorf("configuration: zendesk.mapping: %w", err)
	}
	client, place, err := zendeskClient(std, c)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	var left []string
	leftOut, written := 0, 0
	var tooMany error
	limited, stop := context.WithTimeout(ctx, firstOf(timeout, c.Timeout, readyTimeout))
	defer stop()
	err = client.Agents(limited, func(u zendesk.User) {
		body, why := c.Zendesk.Mapping.Body(u)
		if why != "" {
			if leftOut++; leftOut <= maxLeftOut {
				left = append(left, fmt.Sprintf("user %d (%s): %s", u.ID, u.Role, why))
			}
			return
		}
		if out.Len() > maxMade {
			tooMany = fmt.Errorf("the bodies come to more than %d MB", maxMade>>20)
			stop()
			return
		}
		_ = enc.Encode(body) // a map of texts, numbers and lists
		written++
	})
	if ctx.Err() != nil {
		return &exit{code: exitInterrupted, err: errors.New("interrupted: nothing was written")}
	}
	if err = cmp.Or(tooMany, err); err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	if output == "" {
		_, err = std.out.Write(out.Bytes())
	} else {
		// The bodies contain people's names and addresses.
		err = writeMode(output, []byte(std.secrets().Known(out.String())), 0o600)
	}
	if err != nil {
		return fmt.Errorf("payload cannot be written: %w", err)
	}
	_, _ = fmt.Fprintf(std.err, "%d bodies were made of the agents and admins of %s, %d users were left out\n", written, place, leftOut)
	for _, l := range left {
		_, _ = fmt.Fprintln(std.err, "  "+report.Inert(strings.TrimSpace(l)))
	}
	if leftOut > len(left) {
		_, _ = fmt.Fprintf(std.err, "  and %d more\n", leftOut-len(left))
	}
	if leftOut > 0 {
		return code(1)
	}
	return nil
}
