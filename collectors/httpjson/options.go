package httpjson

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/govkpi/govkpi/collectors"
)

// settings is what both blocks come to. It is immutable.
type settings struct {
	access   access
	timeout  time.Duration // of one request, to its last byte
	retries  retries
	question question
	paging   paging
	limits   limits
	envelope *envelope
	plan     *plan
	layout   collectors.Layout
	lookback time.Duration
	fanOut   bool
	rules    collectors.LayoutRules
	redact   *redaction
	wait     func(ctx context.Context, d time.Duration) error
}

// sizeText is what is sent as the rows of a page; empty where nothing is.
func (s *settings) sizeText() string {
	if s.paging.size == 0 {
		return ""
	}
	return strconv.Itoa(s.paging.size)
}

// limits are the most that a sound answer can have.
type limits struct {
	pageBytes int64 // unpacked
	pages     int
	rows      int // of all pages
	depth     int
}

// limitsBlock is the key limits.
type limitsBlock struct {
	PageBytes string `yaml:"page_bytes,omitempty"`
	Pages     *int   `yaml:"pages,omitempty"`
	Rows      *int   `yaml:"rows,omitempty"`
	Depth     *int   `yaml:"depth,omitempty"`
}

// collectorBlock is the httpjson block of a collector.
type collectorBlock struct {
	Path     string            `yaml:"path,omitempty"`
	Method   string            `yaml:"method,omitempty"`
	Query    map[string]string `yaml:"query,omitempty"`
	Headers  map[string]string `yaml:"headers,omitempty"`
	Body     *string           `yaml:"body,omitempty"`
	Lookback string            `yaml:"lookback,omitempty"`

	Paging  *pagingBlock `yaml:"paging,omitempty"`
	Limits  *limitsBlock `yaml:"limits,omitempty"`
	OK      string       `yaml:"ok,omitempty"`
	Message string       `yaml:"message,omitempty"`
	Rows    string       `yaml:"rows,omitempty"`

	Period    string                    `yaml:"period,omitempty"`
	Indicator string                    `yaml:"indicator,omitempty"`
	Columns   collectors.ColumnsBlock   `yaml:"columns,omitempty"`
	Register  *collectors.RegisterBlock `yaml:"register,omitempty"`
	Totals    []string                  `yaml:"totals,omitempty"`
	Total     *totalBlock               `yaml:"total,omitempty"`
}

func read(blocks collectors.Blocks) (*settings, error) {
	s := &settings{fanOut: blocks.FanOut, rules: collectors.LayoutRules{FanOut: blocks.FanOut, Indicator: blocks.Indicator}, envelope: &envelope{tree: &branch{}}}
	source, err := s.readSource(blocks.Source)
	return s, errors.Join(err, s.readCollector(blocks.Collector, source))
}

// readCollector checks the request only where the source's part of it could be
// read.
func (s *settings) readCollector(options collectors.Options, source *sourceBlock) error {
	var block collectorBlock
	if err := options.Decode(&block); err != nil {
		return err //nolint:wrapcheck // it says where
	}
	f := &collectors.Faults{Options: options}
	s.layout = collectors.ReadLayout(f, &collectors.LayoutBlock{
		Period: block.Period, Indicator: block.Indicator, Columns: block.Columns, Register: block.Register, Totals: block.Totals,
	}, s.rules)
	s.plan = compile(f, &s.layout)
	s.paging = readPaging(f, block.Paging, s.envelope)
	s.readLimits(f, block.Limits)
	s.readEnvelope(f, &block)
	if source != nil {
		s.readQuestion(f, source, &block)
	}
	return f.Err() //nolint:wrapcheck // they say where
}

func (s *settings) readEnvelope(f *collectors.Faults, block *collectorBlock) {
	v := s.envelope
	v.ok, v.okAt = v.readCondition(f, "ok", block.OK)
	v.message = v.read(f, "message", block.Message)
	if block.Message != "" && block.OK == "" {
		f.Add("message", "message is given without ok: it says what failed where ok does not hold, such as .code == 0")
	}
	v.redact = s.redact
	v.readTotal(f, block.Total, &s.layout, s.rules)
	v.readRows(f, block.Rows)
	s.paging.checkItems(f, block.Paging, v)
}

func (s *settings) readLimits(f *collectors.Faults, block *limitsBlock) {
	if block == nil {
		f.Add("limits", "limits is missing: give page_bytes, pages, rows and depth, such as {page_bytes: 8MiB, pages: 500, rows: 200000, depth: 20}")
		return
	}
	s.limits.pageBytes = f.Size("limits.page_bytes", block.PageBytes, "8MiB")
	if s.limits.pageBytes > largestPage {
		f.Add("limits.page_bytes", "limits.page_bytes is %s: expected at most 1GiB, for a page is held in memory", block.PageBytes)
	}
	s.limits.rows = f.Count("limits.rows", block.Rows, "the most rows that all pages of a sound answer can have")
	s.limits.depth = f.Count("limits.depth", block.Depth, "how deep objects and lists may be nested, such as 20")
	if s.limits.depth > deepest {
		f.Add("limits.depth", "limits.depth is %d: expected 1 to %d", s.limits.depth, deepest)
	}
	if block.Pages == nil && s.paging.by == "" {
		s.limits.pages = 1
		return
	}
	s.limits.pages = f.Count("limits.pages", block.Pages, "the most pages that a sound answer can have")
}

const (
	deepest = 1000
	// largestPage bounds what one page may take of the memory.
	largestPage = 1 << 30
)
