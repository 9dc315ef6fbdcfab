package interchange

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// figureColumns are the columns of a file of figures; any others are dimensions.
func figureColumns() []string { return []string{"indicator", "region", "period", "value"} }

// chineseColumns are what those columns may be called as well, in that order.
func chineseColumns() []string { return []string{"指标", "地区", "统计期", "数值"} }

// columnOf returns the name of a column that a header may call otherwise.
func columnOf(name string) string {
	if i := slices.Index(chineseColumns(), name); i >= 0 {
		return figureColumns()[i]
	}
	return name
}

// ReadOptions say what a file may hold. The limits are required.
type ReadOptions struct {
	// Dimensions are the names of all dimensions that the catalogue declares.
	Dimensions []string
	MaxBytes   int64
	MaxRows    int // without the header
}

// Summary describes a file that was read.
type Summary struct {
	Rows   int    // figures handed on
	Digest string // SHA-256 of the file, hex
}

// ReadFigures reads a CSV file of figures (RFC 4180, UTF-8 with or without a byte
// order mark) and calls each for every row, as it is read; nothing but the
// present row is kept. Rows without anything in them are passed over. Place holds
// the line in the file: any part of the row may be wrong.
//
// What the sender of the file can mend is a *Fault; an error of each is returned
// unchanged. After an error, rows before it have been handed on already.
func ReadFigures(ctx context.Context, r io.Reader, o ReadOptions, each func(fact.Reading) error) (Summary, error) {
	if o.MaxBytes <= 0 || o.MaxRows <= 0 {
		return Summary{}, fmt.Errorf("read figures: limits of %d bytes and %d rows let nothing through", o.MaxBytes, o.MaxRows)
	}
	digest := sha256.New()
	text := bufio.NewReader(io.TeeReader(&bounded{r: r, left: o.MaxBytes, limit: o.MaxBytes}, digest))
	if err := skipMark(text); err != nil {
		return Summary{}, err
	}
	f := &figureReader{csv: csv.NewReader(text), options: o}
	f.csv.ReuseRecord = true
	if err := f.header(); err != nil {
		return Summary{}, err
	}
	var summary Summary
	for {
		if err := ctx.Err(); err != nil {
			return summary, err
		}
		reading, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return summary, err
		}
		if summary.Rows++; summary.Rows > o.MaxRows {
			return summary, tooManyRows(o.MaxRows)
		}
		if err := each(reading); err != nil {
			return summary, err
		}
	}
	if summary.Rows == 0 {
		return summary, noFigures()
	}
	summary.Digest = hex.EncodeToString(digest.Sum(nil))
	return summary, nil
}

// bounded refuses a file that is longer than its limit.
type bounded struct {
	r           io.Reader
	left, limit int64
}

// Read returns a fault with what goes beyond the limit.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.limit)
	}
	return n, err //nolint:wrapcheck // io.Reader asks for io.EOF itself
}

// skipMark passes over a byte order mark, and refuses what is no text in UTF-8 at
// all by its first bytes.
func skipMark(text *bufio.Reader) error {
	const longest = 3
	first, err := text.Peek(longest)
	if err != nil && !errors.Is(err, io.EOF) {
		return unreadable(err)
	}
	switch {
	case len(first) == 0:
		return emptyFile()
	case bytes.Equal(first, []byte("\xEF\xBB\xBF")):
		_, err := text.Discard(longest)
		return err //nolint:wrapcheck // these bytes were there a moment ago
	case bytes.HasPrefix(first, []byte("\xFF\xFE")), bytes.HasPrefix(first, []byte("\xFE\xFF")):
		return notUTF8(1)
	case bytes.HasPrefix(first, []byte("PK")), bytes.HasPrefix(first, []byte("\xD0\xCF")):
		return workbook()
	}
	return nil
}

// unreadable hands on a fault, and says of any other error what failed.
func unreadable(err error) error {
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	return fmt.Errorf("read the file of figures: %w", err)
}

type figureReader struct {
	csv     *csv.Reader
	options ReadOptions

	indicator, region, period, value int // where these columns stand
	dimensions                       []dimensionColumn
}

type dimensionColumn struct {
	name string
	at   int
}

// header finds the columns, in any order.
func (f *figureReader) header() error {
	names, err := f.record()
	if errors.Is(err, io.EOF) {
		return emptyFile()
	}
	if err != nil {
		return err
	}
	if len(names) == 1 && strings.ContainsAny(names[0], ";\t") {
		return notCommas()
	}
	places := map[string]int{}
	for i, name := range names {
		written := strings.Clone(strings.TrimSpace(name))
		name = columnOf(written)
		if _, twice := places[name]; twice {
			return columnTwice(written)
		}
		places[name] = i
		known := slices.Contains(figureColumns(), name)
		if !known && !slices.Contains(f.options.Dimensions, name) {
			return columnUnknown(name, f.options.Dimensions)
		}
		if !known {
			f.dimensions = append(f.dimensions, dimensionColumn{name, i})
		}
	}
	for i, at := range []*int{&f.indicator, &f.region, &f.period, &f.value} {
		name := figureColumns()[i]
		place, ok := places[name]
		if !ok {
			return columnMissing(name)
		}
		*at = place
	}
	return nil
}

// next returns the next row that holds anything, or io.EOF.
func (f *figureReader) next() (fact.Reading, error) {
	for {
		record, err := f.record()
		if err != nil {
			return fact.Reading{}, err
		}
		if slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }) {
			return f.reading(record), nil
		}
	}
}

func (f *figureReader) reading(record []string) fact.Reading {
	line, _ := f.csv.FieldPos(0)
	reading := fact.Reading{
		Indicator: strings.TrimSpace(record[f.indicator]), Region: strings.TrimSpace(record[f.region]), Period: strings.TrimSpace(record[f.period]),
		Place: fact.Place{Row: int32(min(line, 1<<31-1))},
	}
	if value := strings.TrimSpace(record[f.value]); value != "" {
		reading.Value = fact.TextValue(value)
	}
	var pairs []fact.Pair
	for _, d := range f.dimensions {
		if record[d.at] != "" {
			pairs = append(pairs, fact.Pair{Name: d.name, Value: record[d.at]})
		}
	}
	reading.Dimensions = fact.MakeDimensions(pairs...)
	return reading
}

// record reads one row; every field of it is UTF-8.
func (f *figureReader) record() ([]string, error) {
	record, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, malformed(wrong)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	for i, field := range record {
		line, _ := f.csv.FieldPos(i)
		if !utf8.ValidString(field) {
			return nil, notUTF8(line)
		}
		if strings.Contains(field, "\x00") {
			return nil, notText(line)
		}
	}
	return record, nil
}
