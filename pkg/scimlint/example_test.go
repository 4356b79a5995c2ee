package scimlint_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/scimlint/scimlint/pkg/report"
	"github.com/scimlint/scimlint/pkg/scimlint"
	"github.com/scimlint/scimlint/pkg/simulator"
)

// serve starts a simulated org and returns the options that a check of it needs.
func serve(scenario *simulator.Scenario, client string) (*simulator.Server, scimlint.Options) {
	org, err := simulator.Start(scenario, "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	id, secret := org.Credentials(client)
	return org, scimlint.Options{
		Region: scenario.Org.Region, APIURL: org.URL, LoginURL: org.LoginURL,
		ClientID: id, ClientSecret: scimlint.NewSecret(secret),
		WorkingToken: scimlint.NewSecret(org.Token(scenario.Run.WorkingToken)),
	}
}

// An org in which the role was given to a user and not to the OAuth client. For a real
// org, set Region, ClientID and ClientSecret only.
func ExampleCheck() {
	scenario, err := simulator.Embedded("migration-thread")
	if err != nil {
		log.Fatal(err)
	}
	org, opts := serve(scenario, "Zendesk migration")
	defer org.Close()

	result, err := scimlint.Check(context.Background(), opts)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Verdict)
	fmt.Println(result.Causes[0].ID, result.Causes[0].Certainty)
	// Output:
	// not-ready
	// role-on-user-not-client confirmed
}

// A provisioning service that refuses to start where an org is not ready: only Ready is a
// pass, and an operation whose decision is unknown is none.
func ExampleCheck_gate() {
	scenario, err := simulator.Embedded("ready-least-privileged")
	if err != nil {
		log.Fatal(err)
	}
	org, opts := serve(scenario, "Zendesk migration")
	defer org.Close()

	opts.Needs = []string{"create", "update", "roles"}
	result, err := scimlint.Check(context.Background(), opts)
	if err != nil {
		log.Fatal(err)
	}
	if result.Verdict != scimlint.Ready {
		fmt.Println("not starting:", result.Verdict)
	}
	for _, op := range result.Operations {
		for _, feature := range op.Features {
			fmt.Println(op.Method, op.Path, feature.Permission, feature.Decision)
		}
	}
	// Output:
	// not starting: not-ready
	// POST /api/v2/scim/v2/users directory:user:add allowed
	// POST /api/v2/scim/v2/users authorization:grant:add denied
	// PATCH /api/v2/scim/v2/users/{userId} directory:user:edit allowed
	// PATCH /api/v2/scim/v2/users/{userId} authorization:grant:add denied
	// PATCH /api/v2/scim/v2/users/{userId} authorization:grant:delete denied
}

// A test of your own role: the org is a scenario in YAML, described in docs/scenarios.md,
// and the report is written as scimlint check writes it.
func ExampleCheck_scenario() {
	scenario, err := simulator.Load([]byte(`
name: our-role
title: The role that our Terraform makes
story: It has what creating users requires, and can be read.
org: {name: Acme, region: eu-central-1}
divisions: [{name: Home, home: true}]
roles:
  - name: SCIM
    policies: ["directory:user:add", "oauth:client:view", "authorization:role:view", "authorization:policy:view"]
clients:
  - name: Provisioning
    roles: [{role: SCIM}]
run: {client: Provisioning}
expect: {verdict: ready}
`))
	if err != nil {
		log.Fatal(err)
	}
	org, opts := serve(scenario, "Provisioning")
	defer org.Close()

	opts.Needs = []string{"create"}
	result, err := scimlint.Check(context.Background(), opts)
	if err != nil {
		log.Fatal(err)
	}
	if err := report.Write(os.Stdout, "text", result, report.Options{Quiet: true}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ✓ READY  OAuth client "Provisioning" may create users over SCIM.
}
