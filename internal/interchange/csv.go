package interchange

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// revisionColumns are those that a file with all revisions has beside the others.
func revisionColumns() []string {
	return []string{"revision", "recorded", "origin", "by", "collector", "run"}
}

// CSVOptions say how facts are written as CSV.
type CSVOptions struct {
	// Dimensions are the names of all dimensions that the catalogue declares; each
	// has a column.
	Dimensions []string
	// Revisions adds the columns revision, recorded, origin, by, collector and
	// run. Such a file is for people: ReadFigures refuses it.
	Revisions bool
	// Run returns the run of a fact, and Zone is that of the recorded times; both
	// are required with Revisions.
	Run  func(id int64) (fact.Run, bool)
	Zone *time.Location
}

// CSVWriter writes facts as CSV, one row each, in the order they come. It is not
// safe for concurrent use.
type CSVWriter struct {
	options    CSVOptions
	out        *csv.Writer
	dimensions []string
	row        []string
	skipped    int
}

// NewCSVWriter writes the header. It refuses dimensions that are called like a
// column.
func NewCSVWriter(w io.Writer, o CSVOptions) (*CSVWriter, error) {
	dimensions := slices.Clone(o.Dimensions)
	slices.Sort(dimensions)
	dimensions = slices.Compact(dimensions)
	header := slices.Concat(figureColumns(), dimensions)
	if o.Revisions {
		if o.Run == nil || o.Zone == nil {
			return nil, fmt.Errorf("write figures as CSV: revisions need to know runs and a zone")
		}
		header = append(header, revisionColumns()...)
	}
	for i, name := range header {
		if slices.Contains(header[:i], name) {
			return nil, fmt.Errorf("write figures as CSV: dimension %q is called like a column", name)
		}
	}
	c := &CSVWriter{options: o, out: csv.NewWriter(w), dimensions: dimensions}
	if err := c.write(header); err != nil {
		return nil, err
	}
	return c, nil
}

// Add writes a fact. One with a dimension that has no column (the catalogue has
// dropped it) is left out and counted.
func (c *CSVWriter) Add(f fact.Fact) error {
	places := len(figureColumns())
	c.row = append(c.row[:0], f.Indicator, f.Region, f.Period.String(), fact.NumberValue(f.Value).String())
	for range c.dimensions {
		c.row = append(c.row, "")
	}
	for _, pair := range f.Dimensions.Pairs() {
		at, ok := slices.BinarySearch(c.dimensions, pair.Name)
		if !ok {
			c.skipped++
			return nil
		}
		c.row[places+at] = pair.Value
	}
	if c.options.Revisions {
		run, _ := c.options.Run(f.Run)
		c.row = append(c.row, strconv.Itoa(int(f.Revision)), time.UnixMilli(f.Recorded).In(c.options.Zone).Format(time.RFC3339),
			f.Origin.String(), run.By, run.Collector, strconv.FormatInt(f.Run, 10))
	}
	return c.write(c.row)
}

func (c *CSVWriter) write(row []string) error {
	if err := c.out.Write(row); err != nil {
		return fmt.Errorf("write figures as CSV: %w", err)
	}
	return nil
}

// Skipped returns how many facts were left out.
func (c *CSVWriter) Skipped() int { return c.skipped }

// Close writes what is still buffered. It does not close the writer below.
func (c *CSVWriter) Close() error {
	c.out.Flush()
	if err := c.out.Error(); err != nil {
		return fmt.Errorf("write figures as CSV: %w", err)
	}
	return nil
}
