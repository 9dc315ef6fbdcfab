package exposition

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// labeller makes the labels of figures for one wire. Regions come sorted by
// code, so that the thousands of grids of one village follow each other: the
// names above them are looked up and escaped once.
type labeller struct {
	wire    wire
	regions Regions

	parent string // whose names above holds
	above  []byte

	dimensions map[fact.Dimensions][]byte // nil where they are not the indicator's
}

// reset forgets what belongs to one indicator.
func (l *labeller) reset() { l.dimensions = map[fact.Dimensions][]byte{} }

// appendLabel leaves an empty label out: to Prometheus it would be none.
func (l *labeller) appendLabel(to []byte, name, value string) []byte {
	if value == "" {
		return to
	}
	return l.wire.appendLabel(to, name, value)
}

// appendRegion appends level, code and the names down to the region's own.
func (l *labeller) appendRegion(to []byte, r *fact.Region) []byte {
	to = l.appendLabel(to, labelLevel, r.Level.String())
	to = l.appendLabel(to, labelCode, r.Code)
	if r.Level == fact.Province {
		return to
	}
	if r.Parent != l.parent {
		l.parent, l.above = r.Parent, l.appendAncestors(l.above[:0], r.Parent)
	}
	to = append(to, l.above...)
	return l.appendLabel(to, r.Level.String(), r.Name)
}

func (l *labeller) appendAncestors(to []byte, code string) []byte {
	for level := fact.City; level < fact.Grid; level++ {
		if r, ok := l.regions.Above(code, level); ok {
			to = l.appendLabel(to, level.String(), r.Name)
		}
	}
	return to
}

// ofDimensions returns the labels of dimensions; ok is false where one of them
// is not declared by the indicator.
func (l *labeller) ofDimensions(i *fact.Indicator, d fact.Dimensions) (labels []byte, ok bool) {
	if d == "" { // nearly always; a total stands beside no parts
		return nil, len(i.Dimensions) == 0
	}
	labels, known := l.dimensions[d]
	if !known {
		labels = l.makeDimensions(i, d)
		l.dimensions[d] = labels
	}
	return labels, labels != nil
}

func (l *labeller) makeDimensions(i *fact.Indicator, d fact.Dimensions) []byte {
	if !i.HasDimensions(d) {
		return nil
	}
	labels := []byte{}
	for _, pair := range d.Pairs() {
		labels = l.appendLabel(labels, pair.Name, pair.Value)
	}
	return labels
}

// periodEnd remembers the end of the period it was asked for last: a family has
// few periods and many regions.
type periodEnd struct {
	zone    *time.Location
	period  fact.Period
	seconds float64
}

func (e *periodEnd) of(p fact.Period) float64 {
	if p != e.period {
		e.period, e.seconds = p, float64(p.End(e.zone).Unix())
	}
	return e.seconds
}
