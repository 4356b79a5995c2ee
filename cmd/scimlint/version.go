package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/scimlint/scimlint/pkg/catalog"
	"github.com/scimlint/scimlint/pkg/results"
)

// version is set by the linker in releases; otherwise the build says it.
var version = ""

func toolVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func tool() results.Tool {
	return results.Tool{Name: "scimlint", Version: toolVersion(), Catalogue: catalog.Default().Label()}
}

func newVersion(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of scimlint and of its catalogue",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return printVersion(std) },
	}
}

func printVersion(std stdio) error {
	_, err := fmt.Fprintf(std.out, "scimlint %s (%s %s/%s)\ncatalogue: %s\n", toolVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH, catalog.Default().Label())
	return err
}
