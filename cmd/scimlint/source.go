package main

import (
	"context"

	"github.com/scimlint/scimlint/pkg/evidence"
)

// source is the evidence of a run with what it is judged against: of a live org, or
// of the bundle that was captured from one.
type source struct {
	settings
	snapshot *evidence.Snapshot
	// bundle describes the bundle; nil for a live org.
	bundle *evidence.Manifest
}

// from reads the bundle of this name, or asks the org where there is none. The same
// flags are refused in both cases.
func (f *flags) from(ctx context.Context, std stdio, bundle string, progress bool) (src source, err error) {
	if bundle == "" {
		if src.settings, err = f.resolve(ctx, std); err != nil {
			return src, err
		}
		src.snapshot, err = collect(ctx, std, src.settings, progress)
		return src, err
	}
	c, _, err := readConfig(f.config)
	if err != nil {
		return src, err
	}
	if src.settings, err = f.offline(std, c); err != nil {
		return src, err
	}
	snapshot, m, err := readBundle(bundle)
	if err != nil {
		return src, err
	}
	if src.evidence.Target.SCIMURL != "" {
		snapshot.Target.SCIMURL, snapshot.Target.SCIMURLParts = src.evidence.Target.SCIMURL, src.evidence.Target.SCIMURLParts
	}
	src.snapshot, src.bundle = snapshot, &m
	return src, nil
}
