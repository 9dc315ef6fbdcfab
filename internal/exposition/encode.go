package exposition

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// encoded is what one walk through a site's figures gave.
type encoded struct {
	pages pages
	// overdue is the rest of the last family in pages.
	overdue *moving
	// leftOut counts figures that belong to no series of the contract, and
	// example describes the first of them.
	leftOut int
	example string
}

// encoder walks through a site's figures once and writes all families in step,
// so that a figure, its target and its period end come from the same moment.
type encoder struct {
	encoded
	site     *preparedSite
	until    time.Time
	wire     wire
	labels   labeller
	beside   [inStep]pages // the families that are written in step with the indicators
	sections [inStep]section
	scratch  []byte
	end      periodEnd
}

// encode writes all figures of the site as they stand until a moment, zero is for
// ever. On an error of the reconciliation the rest is complete.
func encode(ctx context.Context, site *preparedSite, until time.Time, w wire) (*encoded, error) {
	e := &encoder{
		encoded: encoded{overdue: &moving{wire: w}},
		site:    site, until: until, wire: w,
		labels: labeller{wire: w, regions: site.Regions}, end: periodEnd{zone: site.Zone},
	}
	for i := range e.sections {
		e.sections[i] = section{family: site.noticed(families[i]), wire: w, pages: &e.beside[i]}
	}
	for i := range site.Indicators {
		e.indicator(&site.Indicators[i], site.Figures.Newest(&site.Indicators[i]))
		e.standing(&site.Indicators[i])
	}
	for i := range familyOverdue {
		e.sections[i].end()
		e.pages.take(&e.beside[i])
	}
	e.published()
	err := e.reconciliations(ctx)
	e.indicatorInfo()
	e.regionInfo()
	e.sections[familyOverdue].endBefore(len(e.overdue.samples), e.overdue.stems.written())
	e.pages.take(&e.beside[familyOverdue])
	return &e.encoded, err
}

func (e *encoder) section(f family) section {
	return section{family: f, wire: e.wire, pages: &e.pages}
}

// indicator writes one indicator's own family, and what follows from its figures
// where a region stands out.
func (e *encoder) indicator(i *fact.Indicator, newest iter.Seq[fact.Figure]) {
	own := e.section(e.site.noticed(indicatorFamily(i)))
	defer own.end()
	e.labels.reset()
	labels := e.labels.appendLabel(e.scratch[:0], labelIndicator, i.ID)
	prefix := len(labels)
	for f := range newest {
		region, dimensions, ok := e.place(i, &f)
		if !ok {
			continue
		}
		labels = e.labels.appendRegion(labels[:prefix], region)
		labels = append(labels, dimensions...)
		own.add(labels[prefix:], f.Value)
		if i.StandsOut(region.Level) {
			e.follow(i, labels, &f)
		}
	}
	e.scratch = labels
}

// place finds out which series a figure belongs to. One that a change of the
// catalogue or the register has orphaned is left out: it would count its region
// twice, or have labels that the contract doesn't know.
func (e *encoder) place(i *fact.Indicator, f *fact.Figure) (*fact.Region, []byte, bool) {
	region, ok := e.site.Regions.ByCode(f.Region)
	if !ok {
		e.leaveOut("%s of region %s, which is not in the register", i.ID, f.Region)
		return nil, nil, false
	}
	if !i.HasLevel(region.Level) {
		e.leaveOut("%s of %s %s, a level that does not report it", i.ID, region.Level, f.Region)
		return nil, nil, false
	}
	dimensions, ok := e.labels.ofDimensions(i, f.Dimensions)
	if !ok {
		e.leaveOut("%s of %s split by %s, which it does not declare", i.ID, f.Region, f.Dimensions)
	}
	return region, dimensions, ok
}

func (e *encoder) leaveOut(format string, args ...any) {
	if e.leftOut == 0 {
		e.example = fmt.Sprintf(format, args...)
	}
	e.leftOut++
}

func (e *encoder) follow(i *fact.Indicator, labels []byte, f *fact.Figure) {
	e.addOptional(familyTarget, labels, f.Target)
	e.addOptional(familyAttainment, labels, f.Attainment)
	e.addOptional(familyPrevious, labels, f.Previous)
	e.addOptional(familyYearAgo, labels, f.YearAgo)
	e.addOptional(familyUnchanged, labels, f.Unchanged)
	e.sections[familyPeriodEnd].add(labels, e.end.of(f.Period))
	e.sections[familyRevisions].add(labels, float64(f.Revision))
	if e.site.signsOff[i.ID] {
		e.sections[familyProvisional].add(labels, oneIf(f.State == fact.Provisional))
	}
}

func (e *encoder) addOptional(family int, labels []byte, v fact.Optional) {
	if v.OK {
		e.sections[family].add(labels, v.Value)
	}
}

func oneIf(so bool) float64 {
	if so {
		return 1
	}
	return 0
}

func (e *encoder) published() {
	s := e.section(families[familyPublished])
	defer s.end()
	for i := range e.site.Indicators {
		e.publishedOf(&s, &e.site.Indicators[i])
	}
}

func (e *encoder) publishedOf(s *section, i *fact.Indicator) {
	for _, p := range i.Published {
		if labels, ok := e.publishedLabels(i.ID, p); ok {
			s.add(labels, p.Value)
		}
	}
}

func (e *encoder) reconciliations(ctx context.Context) error {
	all, err := e.site.Figures.Reconciliations(ctx)
	if err != nil {
		return fmt.Errorf("set published figures against collected ones: %w", err)
	}
	s := e.section(e.site.noticed(families[familyGap]))
	defer s.end()
	e.gaps(&s, all)
	return nil
}

func (e *encoder) gaps(s *section, all []fact.Reconciliation) {
	for _, r := range all {
		if !r.Gap.OK {
			continue
		}
		if labels, ok := e.publishedLabels(r.Indicator, r.Published); ok {
			s.add(labels, r.Gap.Value)
		}
	}
}

// publishedLabels are valid until the next call of any method.
func (e *encoder) publishedLabels(indicator string, p fact.Published) ([]byte, bool) {
	region, ok := e.site.Regions.ByCode(p.Region)
	if !ok {
		e.leaveOut("published figure of %s for region %s, which is not in the register", indicator, p.Region)
		return nil, false
	}
	labels := e.labels.appendLabel(e.scratch[:0], labelIndicator, indicator)
	labels = e.labels.appendLabel(labels, labelPeriod, p.Period.String())
	labels = e.labels.appendLabel(labels, labelPrecision, p.Precision.String())
	e.scratch = e.labels.appendRegion(labels, region)
	return e.scratch, true
}

func (e *encoder) indicatorInfo() {
	s := e.section(families[familyIndicatorInfo])
	defer s.end()
	for i := range e.site.Indicators {
		e.infoOf(&s, &e.site.Indicators[i])
	}
}

func (e *encoder) infoOf(s *section, indicator *fact.Indicator) {
	theme := e.site.themes[indicator.Theme]
	labels := e.scratch[:0]
	for _, l := range [...][2]string{
		{labelIndicator, indicator.ID},
		{"title_zh", indicator.Title.ZH}, {"title_en", indicator.Title.EN},
		{"theme", indicator.Theme}, {"theme_zh", theme.ZH}, {"theme_en", theme.EN},
		{"unit", indicator.Unit.ID}, {"unit_zh", indicator.Unit.Title.ZH}, {"unit_en", indicator.Unit.Title.EN},
		{"kind", indicator.Kind.String()}, {"direction", indicator.Direction.String()},
		{"cadence", indicator.Cadence.String()}, {"levels", levelNames(indicator.Levels)},
	} {
		labels = e.labels.appendLabel(labels, l[0], l[1])
	}
	s.add(labels, 1)
	e.scratch = labels
}

// levelNames joins the names of the levels from the province downwards.
func levelNames(levels []fact.Level) string {
	names := make([]string, len(levels))
	for i, l := range slices.Sorted(slices.Values(levels)) {
		names[i] = l.String()
	}
	return strings.Join(names, ",")
}

func (e *encoder) regionInfo() {
	s := e.section(families[familyRegionInfo])
	for _, r := range e.site.regions {
		labels := e.labels.appendRegion(e.scratch[:0], r)
		labels = e.labels.appendLabel(labels, labelParent, r.Parent)
		s.add(labels, 1)
		e.scratch = labels
	}
	s.end()
	e.sizes(familyVillages, func(r *fact.Region) int32 { return r.Villages })
	e.sizes(familyPopulation, func(r *fact.Region) int32 { return r.Population })
}

// sizes writes a family of what the register knows of its regions; 0 is unknown.
func (e *encoder) sizes(family int, of func(*fact.Region) int32) {
	s := e.section(families[family])
	for _, r := range e.site.regions {
		if size := of(r); size > 0 {
			e.scratch = e.labels.appendRegion(e.scratch[:0], r)
			s.add(e.scratch, float64(size))
		}
	}
	s.end()
}
