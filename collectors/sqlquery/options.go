package sqlquery

import (
	"errors"
	"strings"
	"time"

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
	Query    string `yaml:"query,omitempty"`
	Lookback string `yaml:"lookback,omitempty"`
	RowLimit *int   `yaml:"row_limit,omitempty"`

	Period    string                    `yaml:"period,omitempty"`
	Indicator string                    `yaml:"indicator,omitempty"`
	Columns   collectors.ColumnsBlock   `yaml:"columns,omitempty"`
	Register  *collectors.RegisterBlock `yaml:"register,omitempty"`
	Totals    []string                  `yaml:"totals,omitempty"`
}

// settings is what both blocks come to.
type settings struct {
	address   address
	timeout   time.Duration
	statement statement
	lookback  time.Duration
	rowLimit  int
	layout    collectors.Layout
	fanOut    bool
	indicator func(id string) error // says why it can't be collected
}

func read(blocks collectors.Blocks) (settings, error) {
	s := settings{fanOut: blocks.FanOut, indicator: blocks.Indicator}
	sourceErr := s.readSource(blocks.Source)
	return s, errors.Join(sourceErr, s.readCollector(blocks.Collector, sourceErr == nil))
}

func (s *settings) readSource(options collectors.Options) error {
	var block sourceBlock
	if err := options.Decode(&block); err != nil {
		return err //nolint:wrapcheck // it says where
	}
	f := &collectors.Faults{Options: options}
	s.timeout = f.Duration("statement_timeout", block.StatementTimeout, "30s")
	path := "url"
	if block.URLFile != "" {
		path = "url_file"
	}
	url, err := options.Secret("url")
	switch url = strings.TrimSpace(url); {
	case err != nil:
		f.AddError(err)
	case block.URL != "" && block.URLFile != "":
		f.Add("url_file", "url and url_file are both given: keep one")
	case url == "":
		f.Add(path, "url is missing: give url, or url_file with the file that holds it; one of %s", examples())
	default:
		if s.address, err = readAddress(url, s.fanOut); err != nil {
			f.Add(path, "%w", err)
		}
	}
	return f.Err() //nolint:wrapcheck // they say where
}

// readCollector checks the query only where it is known in what dialect it is.
func (s *settings) readCollector(options collectors.Options, dialect bool) error {
	var block collectorBlock
	if err := options.Decode(&block); err != nil {
		return err //nolint:wrapcheck // it says where
	}
	f := &collectors.Faults{Options: options}
	if dialect {
		s.readQuery(f, &block)
	}
	s.rowLimit = f.Count("row_limit", block.RowLimit, "the most rows that a sound answer can have")
	s.layout = collectors.ReadLayout(f, &collectors.LayoutBlock{
		Period: block.Period, Indicator: block.Indicator, Columns: block.Columns, Register: block.Register, Totals: block.Totals,
	}, collectors.LayoutRules{FanOut: s.fanOut, Indicator: s.indicator})
	return f.Err() //nolint:wrapcheck // they say where
}

func (s *settings) readQuery(f *collectors.Faults, block *collectorBlock) {
	var err error
	if s.statement, err = parseStatement(block.Query, s.address.driver.lexis); err != nil {
		f.Add("query", "%w", err)
		return
	}
	switch {
	case s.statement.has(sinceParameter):
		s.lookback = f.Duration("lookback", block.Lookback, "400d, which says what :since is in an ordinary run")
	case block.Lookback != "":
		f.Add("lookback", "lookback is given, but the query has no :since that it would fill")
	}
	selects := len(s.statement.targets()) > 0
	switch {
	case selects && !s.fanOut:
		f.Add("query", "the query has parameters of a region, such as :region_code, but the collector has no for_each that names the regions to pull for")
	case s.fanOut && !selects && !s.address.template.OfTarget():
		f.Add("query", "for_each is given, but nothing says where a region's own figures are: select by :region_code in the query, or put {%s} into the url of the source", collectors.TargetPlaceholders()[0])
	}
}
