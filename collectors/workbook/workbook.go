// Package workbook is the kind of collector that reads Excel and CSV files which
// people put into a folder. It finds the table in each sheet by the names of its
// columns and hands on one reading a row (long form) or one for each of several
// columns (wide form), or the entries of a register of regions.
//
// Each file is one part of a pull: it is taken as a whole or, with any fault in
// it, not at all, and a receipt beside it says which. Rows flow through; no more
// than one file is held at a time.
package workbook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// Kind is the kind "workbook". docs/collectors/workbook.md describes its
// options.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name: "workbook",
		New: func(blocks collectors.Blocks) (collectors.Collector, error) {
			s, err := read(blocks)
			if err != nil {
				return nil, err
			}
			return &reader{settings: s}, nil
		},
	}
}

// reader is the collector. It keeps nothing between runs: what has been read is
// asked of the ledger.
type reader struct{ settings }

// Collect implements collectors.Collector. What is wrong with a file is a
// rejection; an error is what its sender can't mend, such as a folder that can't
// be read. The other files are read in either case.
func (r *reader) Collect(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
	if !request.Since.IsZero() {
		return collectors.Summary{}, fmt.Errorf("history since %s was asked for, but a folder has none to ask for: every file in it is read once it is new or changed", request.Since)
	}
	place, err := r.place(request.Target)
	if err != nil {
		return collectors.Summary{}, err
	}
	p := &pull{
		settings: &r.settings, request: request, sink: sink, place: place,
		question: r.question(request.Target), receipts: receiptWriter{folder: place.receipts, name: r.receiptName},
	}
	entries, err := list(ctx, place)
	p.fail(err)
	if err != nil && entries == nil {
		return collectors.Summary{}, err
	}
	for _, e := range entries {
		if !request.DryRun && !e.settled(request.Now, r.settle) {
			continue
		}
		if err := p.file(ctx, e.name); err != nil {
			return collectors.Summary{}, err
		}
	}
	summary := collectors.Summary{
		QueryDigest: p.question, InputDigest: digestOf(nil),
		Unchanged: len(entries) > 0 && p.delivered == 0,
	}
	return summary, errors.Join(append(p.failures, p.receipts.errs()...)...)
}

// Ping implements collectors.Collector.
func (r *reader) Ping(_ context.Context, target collectors.Target) error {
	place, err := r.place(target)
	if err != nil {
		return err
	}
	_, err = os.ReadDir(place.folder)
	return explainFolder(place.folder, err)
}

// place is where a target's files are.
type place struct {
	folder   string
	patterns []pattern
	receipts receiptPlace
}

// place puts the target's values into the folder and the globs.
func (r *reader) place(target collectors.Target) (place, error) {
	var p place
	var err error
	if p.folder, err = expandPath(r.folder, target); err != nil {
		return place{}, fmt.Errorf("folder: %w", err)
	}
	p.receipts.beside = r.receipts.beside
	if p.receipts.beside {
		p.receipts.folder = p.folder
	} else if p.receipts.folder, err = expandPath(r.receipts.folder, target); err != nil {
		return place{}, fmt.Errorf("receipts: %w", err)
	}
	for _, template := range r.files {
		text := template.Expand(func(name string) string {
			value, _ := target.Value(name)
			return quoteGlob(value)
		})
		compiled, err := parsePattern(text)
		if err != nil {
			return place{}, fmt.Errorf("files: %w", err)
		}
		p.patterns = append(p.patterns, compiled)
	}
	return p, nil
}

// explainFolder makes an error of listing a folder one for the operator.
func explainFolder(folder string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("folder %s does not exist: create it, or correct the folder in the source's options", folder)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("folder %s may not be read by the user that govkpi runs as: allow it to read and enter the folder: %w", folder, err)
	}
	return fmt.Errorf("list the folder %s: check that it is a folder and that its disk or share is there: %w", folder, err)
}

// fail keeps an error for the end of the pull.
func (p *pull) fail(err error) {
	if err != nil {
		p.failures = append(p.failures, err)
	}
}

// pull is one run over the files of one target.
type pull struct {
	*settings
	request   collectors.Request
	sink      collectors.Sink
	place     place
	question  string // digest of what is asked of a file
	receipts  receiptWriter
	delivered int
	failures  []error
}

// zhEN builds a text in both languages of the same arguments.
func zhEN(zh, en string, args ...any) fact.Text {
	return fact.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}
