package dashboards

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// cityVariable, countyVariable and indicatorVariable let a viewer choose. Their
// values are codes and ids; what is shown are names.
func (s *site) cityVariable() variable {
	v := variable{
		name: "city", label: s.text("设区市", "City"), query: `governance_region_info{level="city"}`,
		regex: `/city="(?<text>[^"]+)".*code="(?<value>[^"]+)"/`,
	}
	if len(s.cities) > 0 {
		v.current = option{s.cities[0].Name, s.cities[0].Code}
	}
	return v
}

func (s *site) countyVariable() variable {
	v := variable{
		name: "county", label: s.text("县（市、区）", "County"),
		query: `label_join(governance_region_info{level="county"}, "city", " ", "city", "county")`,
		regex: `/city="(?<text>[^"]+)".*code="(?<value>[^"]+)"/`,
	}
	if len(s.counties) > 0 {
		first := s.counties[0]
		v.current = option{s.names[first.Parent] + " " + first.Name, first.Code}
	}
	return v
}

func (s *site) indicatorVariable() variable {
	first := s.example()
	return variable{
		name: "indicator", label: s.text("指标", "Indicator"), query: "governance_indicator_info",
		regex:   `/indicator="(?<value>[^"]+)".*` + s.label("title") + `="(?<text>[^"]+)"/`,
		current: option{s.in(first.Title), first.ID},
	}
}

// example is the indicator that boards open with: a headline that there is most to
// see of, a monthly figure of all counties with a target and ranks.
func (s *site) example() fact.Indicator {
	best, most := s.Indicators[0], -1
	for _, i := range s.headlines() {
		score := 0
		for _, has := range []bool{
			breadth(i) == 0, hasTarget(i), i.RankBy != fact.NotRanked, i.Cadence == fact.Monthly,
			i.RankBy == fact.RankPerVillage || i.RankBy == fact.RankPerTenThousandPeople, // what is the same everywhere is not ranked by size
		} {
			if has {
				score++
			}
		}
		if score > most {
			best, most = i, score
		}
	}
	return best
}

// corrections marks when figures were corrected; only narrows them down.
func (s *site) corrections(selector, only string) annotation {
	return annotation{
		name: s.text("数据更正", "Corrections"), color: "orange", step: "1d",
		expr:  "changes(governance_revisions{" + selector + "}[1d]) > 0 " + only,
		title: s.text("更正：{{city}} {{county}}", "Corrected: {{city}} {{county}}"), text: "{{indicator}}", tags: "indicator,code",
	}
}

// perIndicator has a column for each indicator, under its title and with its
// unit.
func (s *site) perIndicator(indicators []fact.Indicator) []column {
	columns := make([]column, len(indicators))
	named := map[string]bool{}
	for n, i := range indicators {
		columns[n] = column{field: i.ID, title: s.in(i.Title), unit: unit(i), width: 110}
		if named[columns[n].title] { // Grafana goes by titles
			columns[n].title += " (" + i.ID + ")"
		}
		named[columns[n].title] = true
		if unit(i) == unitRatio {
			columns[n].decimals = new(1)
		}
	}
	return columns
}

// ofIndicator asks each query twice, for an indicator that counts and for one
// that is a ratio, of which the chosen one answers only one: so its figures have
// the right unit.
func (s *site) ofIndicator(p *panel, queries func(only string) []target) *panel {
	const ratio = ` on () governance_indicator_info{indicator="$indicator",unit="ratio"}`
	p.targets = queries("\nunless" + ratio)
	n := len(p.targets)
	p.targets = append(p.targets, queries("\nand"+ratio)...)
	for i := range p.targets {
		p.targets[i].RefID = refID(i)
		if i >= n {
			p.fields.Overrides = append(p.fields.Overrides, override{matcher{"byFrameRefID", refID(i)}, []property{{"unit", unitRatio}, {"decimals", 1}}})
		}
	}
	return p
}

// overdueTable lists what is overdue, the longest first.
func (s *site) overdueTable(w int, selector, only string) *panel {
	p := table(
		s.text("逾期清单", "Overdue"), s.text("应报未报的指标，逾期最久的在前。", "Reports that are missing after they were due, the longest first."), w,
		[]column{
			{field: "code", title: s.text("县（市、区）", "County"), mappings: s.countyNames(), links: s.toCounty("${__value.raw}")},
			{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}")},
			{field: "Value", title: s.text("已逾期", "Overdue for"), unit: s.days(), shade: alarm(0, 30), decimals: new(0), width: 110},
		},
		"sort_desc((governance_overdue_seconds{"+selector+"} "+only+") > 0) / 86400",
	)
	return sorted(p, s.text("已逾期", "Overdue for")).without(s.text("没有逾期", "Nothing is overdue"))
}

// sorted puts the largest of a column first.
func sorted(p *panel, by string) *panel {
	if o, ok := p.options.(tableOptions); ok {
		o.SortBy = []sortBy{{by, true}}
		p.options = o
	}
	return p
}

// hasSignOff reports whether anybody has to confirm figures.
func (s *site) hasSignOff() bool {
	return slices.ContainsFunc(s.Indicators, func(i fact.Indicator) bool { return i.SignOff })
}
