package workbook

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// sourceBlock is the workbook block of a source.
type sourceBlock struct {
	Folder   string      `yaml:"folder,omitempty"`
	Receipts string      `yaml:"receipts,omitempty"`
	Settle   string      `yaml:"settle,omitempty"`
	Limits   limitsBlock `yaml:"limits,omitempty"`
}

type limitsBlock struct {
	File     string `yaml:"file,omitempty"`
	Unpacked string `yaml:"unpacked,omitempty"`
	Rows     *int   `yaml:"rows,omitempty"`
	Columns  *int   `yaml:"columns,omitempty"`
}

// collectorBlock is the workbook block of a collector.
type collectorBlock struct {
	Files       []string            `yaml:"files,omitempty"`
	Sheets      []string            `yaml:"sheets,omitempty"`
	Aliases     map[string][]string `yaml:"aliases,omitempty"`
	PeriodFrom  string              `yaml:"period_from,omitempty"`
	ReceiptName string              `yaml:"receipt_name,omitempty"`

	Period    string                    `yaml:"period,omitempty"`
	Indicator string                    `yaml:"indicator,omitempty"`
	Columns   collectors.ColumnsBlock   `yaml:"columns,omitempty"`
	Register  *collectors.RegisterBlock `yaml:"register,omitempty"`
	Totals    []string                  `yaml:"totals,omitempty"`
}

// settings is what both blocks come to.
type settings struct {
	folder   collectors.Template
	receipts receiptSettings
	settle   time.Duration
	limits   spreadsheet.Limits

	files       []collectors.Template
	sheets      []pattern
	receiptName string
	periodFrom  origin
	layout      collectors.Layout
	aliases     map[string][]string
	columns     []wanted
	totals      map[string]bool
	notes       notes
	indicator   func(id string) error // says why it can't be collected
}

// receiptSettings say where receipts go: beside the files, into a folder, or,
// with neither, nowhere.
type receiptSettings struct {
	beside bool
	folder collectors.Template
	given  bool // a folder
}

// origin is where a period that no column holds stands.
type origin string

const (
	fromColumn origin = ""
	fromTitle  origin = "title"
	fromSheet  origin = "sheet"
	fromFile   origin = "file"
)

func read(blocks collectors.Blocks) (settings, error) {
	s := settings{notes: newNotes(), indicator: blocks.Indicator}
	var placeholders []string
	if blocks.FanOut {
		placeholders = collectors.TargetPlaceholders()
	}
	sourceErr := s.readSource(blocks.Source, placeholders)
	collectorErr := s.readCollector(blocks.Collector, placeholders)
	err := errors.Join(sourceErr, collectorErr)
	if err == nil && blocks.FanOut {
		err = s.checkFanOut(blocks)
	}
	return s, err
}

func (s *settings) readSource(options collectors.Options, placeholders []string) error {
	var block sourceBlock
	if err := options.Decode(&block); err != nil {
		return err //nolint:wrapcheck // it says where
	}
	f := &collectors.Faults{Options: options}
	if strings.TrimSpace(block.Folder) == "" {
		f.Add("folder", "folder is missing: name the folder that the files are put into")
	}
	s.folder = parseTemplate(f, "folder", options.Path(block.Folder), placeholders)
	switch block.Receipts {
	case "":
		f.Add("receipts", "receipts is missing: write beside, none, or a folder that the receipts are put into")
	case "beside":
		s.receipts.beside = true
	case "none":
	default:
		if !strings.ContainsAny(block.Receipts, `/\`) { // a slip, such as besides, would make a folder
			f.Add("receipts", "receipts: %q is unknown: there are beside and none; a folder is written with a slash, such as ./%[1]s", block.Receipts)
		}
		s.receipts.given = true
		s.receipts.folder = parseTemplate(f, "receipts", options.Path(block.Receipts), placeholders)
	}
	s.settle = f.Duration("settle", block.Settle, "10s")
	s.limits = spreadsheet.Limits{
		FileBytes:     f.Size("limits.file", block.Limits.File, "20MB"),
		UnpackedBytes: f.Size("limits.unpacked", block.Limits.Unpacked, "200MB"),
		Rows:          f.Count("limits.rows", block.Limits.Rows, "the most rows that a sound sheet has"),
		Columns:       f.Count("limits.columns", block.Limits.Columns, "the most columns that a sound sheet has"),
	}
	return f.Err() //nolint:wrapcheck // they say where
}

func parseTemplate(f *collectors.Faults, path, text string, placeholders []string) collectors.Template {
	t, err := collectors.ParseTemplate(text, placeholders...)
	if err != nil {
		f.Add(path, "%s: %w", path, err)
	}
	return t
}

func (s *settings) readCollector(options collectors.Options, placeholders []string) error {
	var block collectorBlock
	if err := options.Decode(&block); err != nil {
		return err //nolint:wrapcheck // it says where
	}
	f := &collectors.Faults{Options: options}
	s.readFiles(f, &block, placeholders)
	s.readPeriodFrom(f, &block)
	s.layout = collectors.ReadLayout(f, &collectors.LayoutBlock{
		Period: block.Period, Indicator: block.Indicator, Columns: block.Columns, Register: block.Register, Totals: block.Totals,
	}, collectors.LayoutRules{
		FanOut: placeholders != nil, Indicator: s.indicator, PeriodElsewhere: s.periodFrom != fromColumn, PeriodKey: "period_from",
	})
	s.totals = totalTexts(s.layout.Totals)
	s.aliases = block.Aliases
	s.columns = wantedColumns(&s.layout, block.Aliases)
	s.checkAliases(f)
	return f.Err() //nolint:wrapcheck // they say where
}

func (s *settings) readFiles(f *collectors.Faults, block *collectorBlock, placeholders []string) {
	if len(block.Files) == 0 {
		f.Add("files", `files is missing: give globs such as "**/*.xlsx"`)
	}
	for _, glob := range block.Files {
		if _, err := parsePattern(glob); err != nil {
			f.Add("files", "files: %w", err)
			continue
		}
		s.files = append(s.files, parseTemplate(f, "files", glob, placeholders))
	}
	for _, glob := range block.Sheets {
		compiled, err := parsePattern(glob)
		if err != nil {
			f.Add("sheets", "sheets: %w", err)
		}
		s.sheets = append(s.sheets, compiled)
	}
	if strings.ContainsAny(block.ReceiptName, `/\`) {
		f.Add("receipt_name", "receipt_name: %q must be part of a file's name, without slashes", block.ReceiptName)
	}
	s.receiptName = block.ReceiptName
}

func (s *settings) readPeriodFrom(f *collectors.Faults, block *collectorBlock) {
	if block.Period != "" {
		// A file may be read long after it was written, and again with every change of
		// the options.
		f.Add("period", "period: %s is not for files, as they don't say when they were sent: say with period_from or columns.period where the period stands", block.Period)
	}
	s.periodFrom = origin(block.PeriodFrom)
	switch s.periodFrom {
	case fromColumn, fromTitle, fromSheet, fromFile:
	default:
		f.Add("period_from", "period_from: %q is unknown: there are title, sheet and file", block.PeriodFrom)
	}
	if s.periodFrom == fromColumn {
		return
	}
	for _, other := range []struct{ path, written string }{
		{"columns.period", block.Columns.Period}, {"columns.date", block.Columns.Date}, {"period", block.Period},
	} {
		if other.written != "" {
			f.Add("period_from", "period_from and %s are both given: keep the one that says where the period stands", other.path)
		}
	}
	if block.Register != nil {
		f.Add("period_from", "period_from is given beside register: a register has no periods")
	}
}

// checkAliases refuses other names of columns that are not read, and names that
// would stand for two columns.
func (s *settings) checkAliases(f *collectors.Faults) {
	owner := map[string]string{}
	for i := range s.columns {
		for _, name := range s.columns[i].names {
			if before, twice := owner[name.full]; twice && before != s.columns[i].column {
				f.Add("aliases", "aliases: %q stands for two columns, %q and %q", name.full, before, s.columns[i].column)
			}
			owner[name.full] = s.columns[i].column
		}
	}
	for _, column := range slices.Sorted(maps.Keys(s.aliases)) {
		known := slices.ContainsFunc(s.columns, func(w wanted) bool { return w.column == column })
		if !known {
			f.Add("aliases."+column, "aliases: the collector reads no column %q: give the other names of one that columns or register names", column)
		}
		if slices.ContainsFunc(s.aliases[column], func(name string) bool { return plain(name) == "" }) {
			f.Add("aliases."+column, "aliases: column %q has an empty name", column)
		}
	}
}

// checkFanOut refuses a collector whose targets would all read the same files,
// or write the same receipts.
func (s *settings) checkFanOut(blocks collectors.Blocks) error {
	ofTarget := s.folder.OfTarget()
	if !ofTarget && !slices.ContainsFunc(s.files, collectors.Template.OfTarget) {
		return blocks.Collector.Errorf("files", "for_each is given, but nothing says where a region's own files are: put {region.code} or {region.name} into the folder or the files")
	}
	if s.receipts.given && ofTarget && !s.receipts.folder.OfTarget() {
		return blocks.Source.Errorf("receipts", "receipts: all regions would share one folder, and files of the same name their receipt: put {region.code} into it")
	}
	return nil
}

// expandPath puts a target's values into a path. A name must not lead elsewhere.
func expandPath(t collectors.Template, target collectors.Target) (string, error) {
	var err error
	path := t.Expand(func(name string) string {
		value, _ := target.Value(name)
		if value == "" || value == "." || value == ".." || strings.ContainsAny(value, `/\`) {
			err = fmt.Errorf("{%s} of %s is %q, which can't be part of a path", name, target, value)
		}
		return value
	})
	return path, err
}
