package exposition

import (
	"context"
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Sample is one sample of the contract, for whoever needs it in another form than
// that of a scrape.
type Sample struct {
	Family string
	// Labels are names and values in turn, each followed by a byte 0xFF, which is
	// in neither; valid until the walk goes on.
	Labels []byte
	Value  float64
	// Since is set in place of Value where the sample counts the seconds that have
	// passed since an instant; never below 0.
	Since time.Time
}

// separator follows every name and value of a Sample's labels.
const separator = 0xFF

// Part is a set of families that are worked out together.
type Part uint8

// The parts. Families of what an indicator's catalogue and register say, without
// any figure, are in PartInfo.
const (
	PartFigures Part = iota + 1 // each figure, and what follows it
	PartReports
	PartRankings
	PartRollups
	PartDiscrepancies
	PartPublished
	PartGaps
	PartInfo
)

// Parts lists the parts.
func Parts() []Part {
	return []Part{PartFigures, PartReports, PartRankings, PartRollups, PartDiscrepancies, PartPublished, PartGaps, PartInfo}
}

// parts says of which part each family beside the indicators' own is.
var parts = [...]Part{
	familyTarget: PartFigures, familyAttainment: PartFigures, familyPrevious: PartFigures, familyYearAgo: PartFigures,
	familyUnchanged: PartFigures, familyPeriodEnd: PartFigures, familyRevisions: PartFigures, familyProvisional: PartFigures,
	familyReported: PartReports, familyDue: PartReports, familyHeld: PartReports, familyOverdue: PartReports,
	familyRank: PartRankings, familyPeers: PartRankings,
	familyRollup: PartRollups, familyRollupPrevious: PartRollups, familyRollupPeriodEnd: PartRollups, familyCoverage: PartRollups,
	familyReporting: PartRollups, familyExpected: PartRollups, familyCarried: PartRollups, familyCompared: PartRollups,
	familyDiscrepancy: PartDiscrepancies, familyPublished: PartPublished, familyGap: PartGaps,
	familyIndicatorInfo: PartInfo, familyRegionInfo: PartInfo, familyVillages: PartInfo, familyPopulation: PartInfo,
}

// Described is a family's name and HELP.
type Described struct {
	Name, Help string
	// Part is the family's; 0 is the family of an indicator's own stood.
	Part Part
}

// Walker walks through what is exposed of one configuration at a time. It is safe
// for concurrent use.
type Walker struct{ site *preparedSite }

// NewWalker returns a Walker of a site, whose Figures are not used; the error
// says what is wrong with the site.
func NewWalker(s Site) (*Walker, error) {
	s.Figures = nothing{}
	prepared, err := prepare(s)
	if err != nil {
		return nil, err
	}
	return &Walker{prepared}, nil
}

// nothing stands for figures that nobody will ask for.
type nothing struct{ Figures }

// Families describes all families, those of the indicators first.
func (w *Walker) Families() []Described {
	all := make([]Described, 0, len(w.site.Indicators)+len(families))
	for i := range w.site.Indicators {
		f := w.site.noticed(indicatorFamily(&w.site.Indicators[i]))
		all = append(all, Described{Name: f.name, Help: f.help})
	}
	for i := range families {
		f := families[i]
		switch i {
		case familyPublished, familyIndicatorInfo, familyRegionInfo, familyVillages, familyPopulation: // nothing in them is made up
		default:
			f = w.site.noticed(f)
		}
		all = append(all, Described{Name: f.name, Help: f.help, Part: parts[i]})
	}
	return all
}

// Series returns the labels that the figure of a region has, as a Sample's; ok is
// false for one that the catalogue or the register has no place for.
func (w *Walker) Series(i *fact.Indicator) func(region string, dimensions fact.Dimensions) (labels []byte, ok bool) {
	e := w.encoder(func(Sample) {})
	e.labels.reset()
	return func(code string, dimensions fact.Dimensions) ([]byte, bool) {
		region, split, ok := e.place(i, &fact.Figure{Region: code, Dimensions: dimensions})
		if !ok {
			return nil, false
		}
		e.scratch = append(e.labels.appendRegion(e.scratch[:0], region), split...)
		return e.scratch, true
	}
}

// Walk calls each for every sample of one part of an indicator, as a scrape would
// have it of these stood. Of PartInfo, no indicator is the register's part.
func (w *Walker) Walk(ctx context.Context, stood Stood, i *fact.Indicator, part Part, each func(Sample)) error {
	e := w.encoder(each)
	switch part {
	case PartFigures:
		e.indicator(i, stood.Newest(i))
	case PartReports:
		e.reports(i, stood.Reports(i))
	case PartRankings:
		e.rankings(i, stood.Rankings(i))
	case PartRollups:
		e.rollups(i, stood.Rollups(i))
	case PartDiscrepancies:
		e.discrepancies(i, stood.Discrepancies(i))
	case PartPublished:
		s := e.section(families[familyPublished])
		e.publishedOf(&s, i)
	case PartGaps:
		all, err := stood.ReconciliationsOf(ctx, i)
		if err != nil {
			return fmt.Errorf("set published figures of %s against collected ones: %w", i.ID, err)
		}
		s := e.section(families[familyGap])
		e.gaps(&s, all)
	case PartInfo:
		if i == nil {
			e.regionInfo()
			break
		}
		s := e.section(families[familyIndicatorInfo])
		e.infoOf(&s, i)
	}
	for _, moving := range e.overdue.samples {
		each(Sample{Family: families[familyOverdue].name, Labels: moving.stem, Since: time.Unix(0, moving.since)})
	}
	return nil
}

func (w *Walker) encoder(each func(Sample)) *encoder {
	wire := &walkWire{each: each}
	e := &encoder{
		encoded: encoded{overdue: &moving{wire: wire}}, site: w.site, wire: wire,
		labels: labeller{wire: wire, regions: w.site.Regions}, end: periodEnd{zone: w.site.Zone},
	}
	for i := range e.sections {
		e.sections[i] = section{family: families[i], wire: wire, pages: &e.beside[i]}
	}
	return e
}

// walkWire writes nothing down: it hands every sample on.
type walkWire struct{ each func(Sample) }

func (*walkWire) begin(*pages, family) {}

func (*walkWire) appendLabel(labels []byte, name, value string) []byte {
	labels = append(append(labels, name...), separator)
	return append(append(labels, validUTF8(value)...), separator)
}

func (w *walkWire) sample(_ *pages, name string, labels []byte, value float64) {
	w.each(Sample{Family: name, Labels: labels, Value: value})
}

func (*walkWire) appendStem(to []byte, _ string, labels []byte) []byte { return append(to, labels...) }

func (*walkWire) appendValue(to []byte, _ float64) []byte { return to }

func (*walkWire) end(*pages, int, int) {}
