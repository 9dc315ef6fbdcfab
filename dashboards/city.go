package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// ofCity keeps the counties of the chosen city. It goes by code, for names may
// change and be shared.
const ofCity = `and on (code) governance_region_info{parent="$city"}`

// figures asks for the figures of some indicators, each with its id in the label
// indicator.
func figures(indicators, selector string) string {
	return fmt.Sprintf(`label_replace({__name__=~"governance_(%s)",%s}, "indicator", "$1", "__name__", "governance_(.+)")`, indicators, selector)
}

// places is a heat table of the counties side by side over all indicators that rank
// them, and its height. Indicators are its rows, for their titles are long.
func (s *site) places(indicators []fact.Indicator) (p *panel, height int) {
	ranked := slices.DeleteFunc(slices.Clone(indicators), func(i fact.Indicator) bool { return i.RankBy == fact.NotRanked })
	p = pivot(
		s.text("位次热力表", "Places as a heat table"),
		s.text("每项指标在全省县（市、区）中的位次：100% 为最好，0% 为最后。", "Place among all counties in each indicator: 100% is the best, 0% the last."), gridWidth,
		"county", column{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}"), width: 300, plain: true, order: "code"}, nil,
		"max by (code, county, indicator) (("+place(`level="county"`)+") "+ofCity+")",
	)
	cells := cellDefaults()
	cells["minWidth"] = 60
	for _, of := range shaded() {
		cells[strings.TrimPrefix(of.ID, "custom.")] = of.Value
	}
	p.fields.Defaults = field{Unit: unitRatio, Decimals: new(0), Thresholds: heat(0.25, 0.75), Color: byThresholds(), Mappings: blank("transparent"), Custom: cells}
	return p, max(6, len(ranked)+2)
}

// city is the board of one city: its counties side by side.
func (s *site) city() *board {
	b := &board{
		site: s, uid: s.uid(boardCity), title: s.text("设区市", "City"), from: "now-1y", links: s.heads(boardCity),
		description: s.text("一个设区市所辖各县（市、区）的全部指标、逾期与趋势。", "All indicators of a city's counties side by side, what is overdue, and the trend."),
		variables:   []variable{s.cityVariable(), s.indicatorVariable()},
		annotations: append(s.milestones(), s.corrections(`level="county"`, ofCity)),
	}
	own := ofCounties(s.Indicators)
	m := s.measureOf(own)
	counties := column{field: "code", title: s.text("县（市、区）", "County"), mappings: s.countyNames(), links: s.toCountyWith("${__value.raw}"), width: 160}
	b.place(
		0, 4,
		stat(s.text("县（市、区）", "Counties"), s.text("该市所辖县（市、区）数。", "How many counties the city has."), 6, field{Unit: unitCount, NoValue: "0"},
			now(`count(governance_region_info{parent="$city"})`, "")),
		stat(m.title, m.description, 6, field{Unit: unitRatio, Decimals: new(1), Thresholds: m.shade}, now("avg(("+m.each+") "+ofCity+")", "")),
		stat(s.onTime(), s.text("未逾期的报送项所占比例。", "Share of the expected reports that are not overdue."), 6,
			field{Unit: unitRatio, Decimals: new(1), Thresholds: heat(0.9, 1)}, now("avg("+punctual(`level="county"`)+" "+ofCity+")", "")),
		stat(s.text("逾期报送", "Overdue reports"), s.text("应报未报且已过截止时间的报送项数。", "Reports that are missing after they were due."), 6,
			field{Unit: unitCount, Thresholds: alarm(1, 10)}, now(`count((governance_overdue_seconds{level="county"} `+ofCity+") > 0) or vector(0)", "")),
	)
	places, h := s.places(own)
	b.place(4, h, places)
	y := 4 + h
	b.place(y, 16, pivot(
		s.text("指标数值", "Figures"), s.text("每项指标的最新数值。", "The newest figure of each indicator."), gridWidth,
		"indicator", counties, s.perIndicator(own),
		"max by (code, indicator) ("+figures(ids(own), `level="county"`)+" "+ofCity+")",
	))
	b.place(y+16, 10, s.overdueTable(12, `level="county"`, ofCity),
		lines(s.text("各县（市、区）趋势", "Trend by county"), m.description, 12, field{Unit: unitRatio, Min: new(0.0), Max: new(1.0)},
			over("avg by (county) (("+m.each+") "+ofCity+")", "{{county}}")))
	b.place(y+26, 10, s.ofIndicator(lines(
		s.text("全市汇总：$indicator", "Total of the city: $indicator"), s.text("所选指标的全市汇总值与其上期值。", "Roll-up of the chosen indicator over the city, and that of the period before."), 12,
		field{Unit: unitCount}), func(only string) []target {
		return []target{
			over(`governance_rollup{code="$city",indicator="$indicator"}`+only, s.text("汇总", "Total")),
			over(`governance_rollup_previous{code="$city",indicator="$indicator"}`+only, s.text("上期", "Period before")),
		}
	}), lines(s.text("覆盖率：$indicator", "Coverage: $indicator"), s.text("所选指标计入汇总的县（市、区）比例。", "Share of the counties that are in the total of the chosen indicator."), 12,
		field{Unit: unitRatio, Min: new(0.0), Max: new(1.0)}, over(`governance_coverage_ratio{code="$city",indicator="$indicator"}`, s.text("覆盖率", "Coverage"))))
	return b
}
