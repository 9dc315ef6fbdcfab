package sqlquery

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/govkpi/govkpi/collectors"
)

// sourceBlock is the sqlquery block of a source.
type sourceBlock struct {
	// The URL is a secret and read as one; these two say that the keys exist.
	URL     string `yaml:"url,omitempty"`
	URLFile string `yaml:"url_file,omitempty"`

	StatementTimeout string `yaml:"statement_timeout,omitempty"`
}

// collectorBlock is the sqlquery block of a collector.
type collectorBlock struct {
	Query     string       `yaml:"query,omitempty"`
	Lookback  string       `yaml:"lookback,omitempty"`
	RowLimit  *int         `yaml:"row_limit,omitempty"`
	Period    string       `yaml:"period,omitempty"`
	Indicator string       `yaml:"indicator,omitempty"`
	Columns   columnsBlock `yaml:"columns,omitempty"`
}

type columnsBlock struct {
	Region     string            `yaml:"region,omitempty"`
	Within     []string          `yaml:"within,omitempty"`
	Period     string            `yaml:"period,omitempty"`
	Date       string            `yaml:"date,omitempty"`
	Indicator  string            `yaml:"indicator,omitempty"`
	Value      string            `yaml:"value,omitempty"`
	Figures    map[string]string `yaml:"figures,omitempty"`
	Dimensions map[string]string `yaml:"dimensions,omitempty"`
}

// faults collects what is wrong with a block.
type faults struct {
	options collectors.Options
	all     []error
}

func (f *faults) add(path, format string, args ...any) {
	f.all = append(f.all, f.options.Errorf(path, format, args...))
}

func (f *faults) err() error { return errors.Join(f.all...) }

// duration reads a required duration, which must be more than nothing.
func (f *faults) duration(path, written, example string) time.Duration {
	if written == "" {
		f.add(path, "%s is missing: give a duration such as %s", path, example)
		return 0
	}
	d, err := model.ParseDuration(written)
	if err != nil || d <= 0 {
		f.add(path, "%s: %q is no duration: write one such as %s", path, written, example)
		return 0
	}
	return time.Duration(d)
}

// settings is what both blocks come to.
type settings struct {
	driver    driver
	source    source
	timeout   time.Duration
	statement statement
	lookback  time.Duration
	rowLimit  int
	layout    layout
}

func read(sourceOptions, collectorOptions collectors.Options) (settings, error) {
	var s settings
	sourceErr := s.readSource(sourceOptions)
	return s, errors.Join(sourceErr, s.readCollector(collectorOptions, sourceErr == nil))
}

func (s *settings) readSource(options collectors.Options) error {
	var block sourceBlock
	if err := options.Decode(&block); err != nil {
		return err //nolint:wrapcheck // it says where
	}
	f := &faults{options: options}
	s.timeout = f.duration("statement_timeout", block.StatementTimeout, "30s")
	path := "url"
	if block.URLFile != "" {
		path = "url_file"
	}
	url, err := options.Secret("url")
	switch url = strings.TrimSpace(url); {
	case err != nil:
		f.all = append(f.all, err)
	case block.URL != "" && block.URLFile != "":
		f.add("url_file", "url and url_file are both given: keep one")
	case url == "":
		f.add(path, "url is missing: give url, or url_file with the file that holds it; one of %s", examples())
	default:
		d, ok := driverOf(url)
		if !ok {
			f.add(path, "the URL has an unknown scheme: expected one of %s", examples())
			break
		}
		s.driver = d
		if s.source, err = d.locate(url); err != nil {
			f.add(path, "%s; expected a URL such as %s", err, d.example)
		}
	}
	return f.err()
}

// readCollector checks the query only where it is known in what dialect it is.
func (s *settings) readCollector(options collectors.Options, dialect bool) error {
	var block collectorBlock
	if err := options.Decode(&block); err != nil {
		return err //nolint:wrapcheck // it says where
	}
	f := &faults{options: options}
	if dialect {
		s.readQuery(f, &block)
	}
	switch {
	case block.RowLimit == nil:
		f.add("row_limit", "row_limit is missing: give the most rows that a sound answer can have")
	case *block.RowLimit < 1 || *block.RowLimit > math.MaxInt32:
		f.add("row_limit", "row_limit is %d: expected 1 to %d", *block.RowLimit, math.MaxInt32)
	default:
		s.rowLimit = *block.RowLimit
	}
	readColumns(f, &block)
	s.layout = layoutOf(&block)
	return f.err()
}

func (s *settings) readQuery(f *faults, block *collectorBlock) {
	var err error
	if s.statement, err = parseStatement(block.Query, s.driver.lexis); err != nil {
		f.add("query", "%s", err)
		return
	}
	switch {
	case s.statement.parameters() > 0:
		s.lookback = f.duration("lookback", block.Lookback, "400d, which says what :since is in an ordinary run")
	case block.Lookback != "":
		f.add("lookback", "lookback is given, but the query has no :since that it would fill")
	}
}

func readColumns(f *faults, block *collectorBlock) {
	columns := &block.Columns
	if columns.Region == "" {
		f.add("columns.region", "columns.region is missing: name the column that holds the region's code or name")
	}
	readPeriod(f, block)
	switch {
	case columns.Value != "" && len(columns.Figures) > 0:
		f.add("columns.figures", "columns.value and columns.figures are both given: value is for rows of one figure each, figures for rows of several")
	case columns.Value != "":
		readLong(f, block)
	case len(columns.Figures) > 0:
		readWide(f, block)
	default:
		f.add("columns", "neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators")
	}
	readNames(f, columns)
	readTwice(f, columns)
}

func readPeriod(f *faults, block *collectorBlock) {
	const choice = "keep one of columns.period, columns.date and period: last_ended"
	if block.Period != "" && block.Period != "last_ended" {
		f.add("period", "period: %q is unknown: there is last_ended, for sources without a column of the period or date", block.Period)
	}
	given := 0
	for _, written := range []string{block.Columns.Period, block.Columns.Date, block.Period} {
		if written != "" {
			given++
		}
	}
	switch {
	case given == 0:
		f.add("columns.period", "the period is missing: name the column in columns.period or columns.date, or write period: last_ended")
	case given > 1 && block.Period != "":
		f.add("period", "the period comes from more than one place: %s", choice)
	case given > 1:
		f.add("columns.date", "the period comes from more than one place: %s", choice)
	}
}

func readLong(f *faults, block *collectorBlock) {
	switch {
	case block.Columns.Indicator != "" && block.Indicator != "":
		f.add("indicator", "indicator and columns.indicator are both given: keep indicator where all rows are of one, columns.indicator where each row names its own")
	case block.Columns.Indicator == "" && block.Indicator == "":
		f.add("columns.value", "it isn't said which indicator columns.value is of: give indicator, or columns.indicator with the column that names it")
	}
}

func readWide(f *faults, block *collectorBlock) {
	if block.Indicator != "" {
		f.add("indicator", "indicator is given, but columns.figures names the indicators: remove it")
	}
	if block.Columns.Indicator != "" {
		f.add("columns.indicator", "columns.indicator is given, but columns.figures names the indicators: remove it")
	}
	columns := map[string]string{}
	for _, column := range slices.Sorted(maps.Keys(block.Columns.Figures)) {
		indicator := block.Columns.Figures[column]
		switch before, twice := columns[indicator]; {
		case indicator == "":
			f.add("columns.figures."+column, "columns.figures: column %q has no indicator", column)
		case twice:
			f.add("columns.figures."+column, "columns.figures: columns %q and %q are both of indicator %s", before, column, indicator)
		}
		columns[indicator] = column
	}
}

func readNames(f *faults, columns *columnsBlock) {
	for _, column := range columns.Within {
		if column == "" {
			f.add("columns.within", "columns.within has an empty name of a column")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(columns.Dimensions)) {
		if name == "" || columns.Dimensions[name] == "" {
			f.add("columns.dimensions", "columns.dimensions: %q: %q names no dimension or no column", name, columns.Dimensions[name])
		}
	}
	if _, unnamed := columns.Figures[""]; unnamed {
		f.add("columns.figures", "columns.figures has an empty name of a column")
	}
}

// readTwice refuses a column that is used for two things: one of them must be a
// slip. Names are compared as columns are found, without regard to case.
func readTwice(f *faults, columns *columnsBlock) {
	uses := map[string]string{}
	use := func(path, column string) {
		if column == "" {
			return
		}
		folded := strings.ToLower(column)
		if before, twice := uses[folded]; twice {
			f.add(path, "column %q is used twice, for %s and for %s", column, before, path)
			return
		}
		uses[folded] = path
	}
	use("columns.region", columns.Region)
	for _, column := range columns.Within {
		use("columns.within", column)
	}
	use("columns.period", columns.Period)
	use("columns.date", columns.Date)
	use("columns.indicator", columns.Indicator)
	use("columns.value", columns.Value)
	for _, column := range slices.Sorted(maps.Keys(columns.Figures)) {
		use("columns.figures."+column, column)
	}
	for _, name := range slices.Sorted(maps.Keys(columns.Dimensions)) {
		use("columns.dimensions."+name, columns.Dimensions[name])
	}
}
