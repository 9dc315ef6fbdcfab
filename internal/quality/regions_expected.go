package quality

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/govkpi/govkpi/internal/fact"
)

// regionsExpected misses what the terms expect: regions without a reading of the
// newest period, and indicators without any. What was delivered and refused or
// held is not missing; that says why already.
type regionsExpected struct {
	terms      Terms
	target     target
	indicators map[string]*fact.Indicator
	scope      regionInScope
	names      names
}

// arrived is what came of one indicator.
type arrived struct {
	newest  fact.Period     // zero where no period could be read
	regions map[string]bool // those of the newest period, or of one that can't be told
}

func (s regionsExpected) conclude(id string, d *delivery, list []rejected) []rejected {
	if len(s.terms.Expected)+len(s.terms.Indicators) == 0 {
		return list
	}
	miss := func(r fact.Reading, reason *fact.Text) {
		list = append(list, rejected{
			Rejection: fact.Rejection{Reading: r, Stage: id, Reason: *reason},
			moment:    moment{after: math.MaxInt32, nth: math.MaxInt32},
		})
	}
	expected := s.expected()
	if d.nothing && len(s.terms.Indicators) == 0 {
		if len(expected) > 0 {
			miss(fact.Reading{}, s.nothing(len(expected)))
		}
		return list
	}
	came, nameless := s.arrivals(d, list)
	for _, indicator := range s.terms.Indicators {
		// Where nobody can say what the readings are of, they may be of this.
		if came[indicator] == nil && (len(came) > 0 || nameless == 0) {
			miss(fact.Reading{Indicator: indicator}, s.noIndicator(indicator))
		}
	}
	for _, indicator := range slices.Sorted(maps.Keys(came)) {
		of := came[indicator]
		if of.newest.IsZero() {
			continue // each of its readings has been refused, and says why
		}
		for _, region := range expected {
			if !of.regions[region.Code] && s.reports(s.indicators[indicator], region) {
				miss(
					fact.Reading{Indicator: indicator, Region: region.Code, Period: of.newest.String()},
					s.noRegion(indicator, region, of.newest),
				)
			}
		}
	}
	return list
}

// expected returns the regions that the terms expect of this target, each once.
func (s regionsExpected) expected() []*fact.Region {
	var regions []*fact.Region
	seen := map[string]bool{}
	for _, region := range s.terms.Expected {
		if !seen[region.Code] && s.target.holds(region.Code) {
			seen[region.Code] = true
			regions = append(regions, region)
		}
	}
	return regions
}

// arrivals finds what came of which indicator, and how many readings named none
// that is known.
func (s regionsExpected) arrivals(d *delivery, list []rejected) (came arrivals, nameless int) {
	came = arrivals{}
	for i := range list {
		switch r := &list[i]; {
		case !r.early():
		case r.indicator == nil:
			nameless++
		default:
			came.of(r.indicator.ID).see(r.period)
		}
	}
	for stretch := range d.groups(d.order, func(a, b *fact.Fact) bool { return a.Indicator == b.Indicator }) {
		a := came.of(d.facts[stretch[0]].Indicator)
		for _, i := range stretch {
			a.see(d.facts[i].Period)
		}
		for _, i := range stretch {
			if f := &d.facts[i]; f.Period == a.newest {
				a.regions[f.Region] = true
			}
		}
	}
	for i := range list {
		if r := &list[i]; r.early() && r.region != nil {
			a := came.of(r.indicator.ID)
			if r.period == a.newest && !r.period.IsZero() || r.mayBeOfAnyPeriod() {
				a.regions[r.region.Code] = true
			}
		}
	}
	return came, nameless
}

// mayBeOfAnyPeriod reports whether the period of a refused reading can't be told.
// One that is too long, too short or still running was told, and is none that a
// figure of the newest period can have.
func (r *rejected) mayBeOfAnyPeriod() bool {
	return r.period.IsZero() && r.Stage != "period-cadence" && r.Stage != "period-ended"
}

// arrivals are what came, by indicator.
type arrivals map[string]*arrived

func (a arrivals) of(indicator string) *arrived {
	of := a[indicator]
	if of == nil {
		of = &arrived{regions: map[string]bool{}}
		a[indicator] = of
	}
	return of
}

// see notes that there is a reading of the period; zero is one that can't be
// told.
func (a *arrived) see(p fact.Period) {
	if !p.IsZero() && (a.newest.IsZero() || p.Compare(a.newest) > 0) {
		a.newest = p
	}
}

// reports tells whether a region can have a reading of the indicator in this
// delivery.
func (s regionsExpected) reports(indicator *fact.Indicator, region *fact.Region) bool {
	return indicator.HasLevel(region.Level) &&
		(len(indicator.Within) == 0 || s.scope.inside(indicator.Within, region))
}

func (s regionsExpected) nothing(count int) *fact.Text {
	regions := fact.Text{ZH: strconv.Itoa(count), EN: strconv.Itoa(count) + " regions are"}
	if count == 1 {
		regions.EN = "1 region is"
	}
	return say(
		"什么也没有报送，而采集配置（expect）要求 %s 个地区报送：请核对来源的查询条件、文件或接口是否取到了数据。",
		"Nothing was delivered, although %s expected: check that the source's query, files or address still have the figures.",
		regions,
	)
}

func (s regionsExpected) noIndicator(id string) *fact.Text {
	title := fact.Text{ZH: id, EN: id}
	if indicator := s.indicators[id]; indicator != nil {
		title = called(indicator)
	}
	return say(
		"本次报送没有指标%s的任何数值，而采集配置（expect）要求报送：请核对来源是否缺列、缺行或缺表。",
		"The delivery has nothing of indicator %s, which the collector's configuration expects: check the source for a column, rows or a sheet left out.",
		title,
	)
}

func (s regionsExpected) noRegion(indicator string, region *fact.Region, newest fact.Period) *fact.Text {
	return say(
		"%s 没有报送 %s 的指标%s，而本次报送中该指标的最新统计期应包含每个要求的地区：请补报该地区。",
		"%s has no reading for %s of indicator %s, although that is the newest period delivered and the collector's configuration expects every region in it: deliver the region's figure too.",
		s.names.of(region.Code), newest.String(), called(s.indicators[indicator]),
	)
}
