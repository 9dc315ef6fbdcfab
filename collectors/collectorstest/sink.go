package collectorstest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// Sink remembers what a collector hands over. It has no gate: a part is taken
// unless it was rejected by the collector itself or Judge says so. One goroutine
// uses it; use one for several runs to let a collector find its deliveries.
type Sink struct {
	Readings   []fact.Reading
	Entries    []fact.RegionEntry
	Rejections []fact.Rejection
	// Parts are those that were delivered, with what they consist of.
	Parts []Delivered
	// Judge returns the gate's rejections of a part; nil rejects nothing.
	Judge func(readings []fact.Reading) []fact.Rejection
	// Err, where it is set, is what Add and AddRegion answer.
	Err error

	history                          []fact.Delivered
	readings, entries, rejectedSoFar int // where the part under way begins
}

// Delivered is a part that a collector delivered.
type Delivered struct {
	collectors.Part
	Readings   []fact.Reading
	Entries    []fact.RegionEntry
	Rejections []fact.Rejection // the collector's own and those of Judge
	Taken      bool
}

var _ collectors.Sink = (*Sink)(nil)

// Add implements collectors.Sink.
func (s *Sink) Add(r fact.Reading) error {
	s.Readings = append(s.Readings, r)
	return s.Err
}

// AddRegion implements collectors.Sink.
func (s *Sink) AddRegion(e fact.RegionEntry) error {
	s.Entries = append(s.Entries, e)
	return s.Err
}

// Reject implements collectors.Sink.
func (s *Sink) Reject(r fact.Rejection) error {
	s.Rejections = append(s.Rejections, r)
	return nil
}

// Deliver implements collectors.Sink.
func (s *Sink) Deliver(ctx context.Context, part collectors.Part) (collectors.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return collectors.Receipt{}, fmt.Errorf("deliver %s: %w", part.Name, err)
	}
	d := Delivered{
		Part: part, Readings: s.Readings[s.readings:], Entries: s.Entries[s.entries:],
		Rejections: slices.Clone(s.Rejections[s.rejectedSoFar:]),
	}
	s.readings, s.entries, s.rejectedSoFar = len(s.Readings), len(s.Entries), len(s.Rejections)
	var judged []fact.Rejection
	if s.Judge != nil {
		judged = s.Judge(d.Readings)
		d.Rejections = append(d.Rejections, judged...)
	}
	d.Taken = part.Takes(d.Rejections)
	s.Parts = append(s.Parts, d)
	delivered := fact.Delivered{
		Run: int64(len(s.Parts)), Target: part.Name, Rows: part.Rows, Rejected: len(d.Rejections),
		QueryDigest: part.QueryDigest, InputDigest: part.InputDigest,
	}
	if d.Taken {
		delivered.Accepted = len(d.Readings) + len(d.Entries) - len(judged)
		delivered.Changed = delivered.Accepted
	}
	s.history = append(s.history, delivered)
	return collectors.Receipt{Accepted: delivered.Accepted, Changed: delivered.Changed, Rejections: d.Rejections, Taken: d.Taken}, nil
}

// Delivered implements collectors.Sink.
func (s *Sink) Delivered(_ context.Context, q fact.DeliveryQuery) ([]fact.Delivered, error) {
	var found []fact.Delivered
	for _, d := range slices.Backward(s.history) {
		if (q.Target == "" || q.Target == d.Target) && (q.QueryDigest == "" || q.QueryDigest == d.QueryDigest) &&
			(q.InputDigest == "" || q.InputDigest == d.InputDigest) && (q.Limit == 0 || len(found) < q.Limit) {
			found = append(found, d)
		}
	}
	return found, nil
}

// Lines writes the readings one a line: see Line.
func (s *Sink) Lines() []string {
	var lines []string
	for _, r := range s.Readings {
		lines = append(lines, Line(r))
	}
	return lines
}

// EntryLines writes the entries of a register one a line: see EntryLine.
func (s *Sink) EntryLines() []string {
	var lines []string
	for _, e := range s.Entries {
		lines = append(lines, EntryLine(e))
	}
	return lines
}

// EntryLine writes an entry of a register in one line: code, name, level, code
// of the region above, place. What is empty is a dash.
func EntryLine(e fact.RegionEntry) string {
	parts := []string{e.Code, e.Name, e.Level, e.Parent, e.Place.String()}
	for i, part := range parts {
		parts[i] = cmp.Or(part, "-")
	}
	return strings.Join(parts, " | ")
}

// Line writes a reading in one line: indicator, region, what it lies within,
// period, value, dimensions, place. Values that came as text are quoted, a
// missing one is a dash; a total says so.
func Line(r fact.Reading) string {
	value := r.Value.String()
	if _, isNumber := r.Value.Number(); r.Value.IsAbsent() {
		value = "-"
	} else if !isNumber {
		value = `"` + value + `"`
	}
	if r.Total {
		value = "total " + value
	}
	period := r.Period
	if r.Date != "" {
		period += "day " + r.Date
	}
	if r.LastEnded {
		period += "last ended"
	}
	parts := []string{r.Indicator, strings.Join(append([]string{r.Region}, r.Within...), " < "), period, value}
	if r.Dimensions != "" {
		parts = append(parts, string(r.Dimensions))
	}
	return strings.Join(append(parts, r.Place.String()), " | ")
}
