package dashboards

import (
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// measure is what regions can be compared by over several indicators: a share,
// more of it better. Its query has the labels of counties.
type measure struct {
	title, description string
	expr               string
	// each is the same of every single indicator.
	each string
	// enough is the share from which nobody is behind.
	enough float64
	// shade is the colours of the share.
	shade *thresholds
	// targets says that the share is one of targets, so that it has a course that
	// leads somewhere; the average of places is always a half.
	targets bool
}

// measureOf is what can be compared of the indicators: how far targets are
// reached; without targets the place among the peers; without ranks who is on time.
func (s *site) measureOf(indicators []fact.Indicator) measure {
	selector := `level="county",indicator=~"` + ids(indicators) + `"`
	m := measure{
		title:       s.onTime(),
		description: s.text("未逾期的指标占应报指标的比例。", "Share of the expected indicators whose reports are not overdue."),
		each:        punctual(selector),
		enough:      1,
		shade:       heat(0.9, 1),
	}
	switch {
	case slices.ContainsFunc(indicators, hasTarget):
		m.title = s.text("目标完成率", "Attainment")
		m.description = s.text("有目标的指标的平均完成率，每个指标最多按 100% 计。", "Average attainment of the indicators that have a target, each counted as 100% at most.")
		m.each = "clamp_max(governance_attainment_ratio{" + selector + "}, 1)"
		m.shade, m.targets = heat(0.7, 0.9), true
	case slices.ContainsFunc(indicators, func(i fact.Indicator) bool { return i.RankBy != fact.NotRanked }):
		m.title = s.text("位次", "Place")
		m.description = s.text("各指标位次的平均：100% 为全省最好，0% 为最后。", "Average place over the indicators: 100% is the best of all counties, 0% the last.")
		m.each = place(selector)
		m.enough, m.shade = 0.5, heat(0.25, 0.5)
	}
	m.expr = "avg by (code, city, county) (" + m.each + ")"
	return m
}

// furthestBehind names the counties that are furthest behind, at most n. Where there
// are figures and nobody is behind, one value that is no number says so; where there
// are none, nothing does.
func (s *site) furthestBehind(m measure, n, w int) *panel {
	behind := fmt.Sprintf("%s < %v", m.expr, m.enough)
	p := bars(
		s.text("落后县（市、区）", "Furthest behind"),
		fmt.Sprintf(s.text("落后最多的县（市、区），至多 %d 个：", "The counties that are furthest behind, at most %d: "), n)+m.description, w,
		field{Unit: unitRatio, Decimals: new(0), Min: new(0.0), Max: new(1.0), Thresholds: m.shade, Links: s.toCounty("${__field.labels.code}")},
		now(fmt.Sprintf("sort(bottomk(%d, %s))", n, behind), "{{city}} {{county}}"),
		now("count("+m.expr+") * NaN unless on () ("+behind+")", ""),
	)
	p.fields.Overrides = []override{{matcher{"byFrameRefID", "B"}, []property{
		{"displayName", "\u00a0"}, {"mappings", []mapping{{"special", special{"null+nan", mapped{Text: s.text("没有落后的县（市、区）", "Nobody is behind"), Color: neutral}}}}},
	}}}
	return p
}

// punctual is 1 where a report is not overdue, and else 0. Who has reported would be
// nobody on the first day of every month.
func punctual(selector string) string {
	return "(governance_overdue_seconds{" + selector + "} <= bool 0)"
}

func (s *site) onTime() string { return s.text("按时率", "On time") }

// place is a rank as a share: 1 is the best among all peers, 0 the last.
func place(selector string) string {
	return fmt.Sprintf(`1 - (governance_rank{among="all",%s} - 1) / (governance_peers{among="all",%s} - 1)`, selector, selector)
}

// hasTarget reports whether a county can have a target of the indicator.
func hasTarget(i fact.Indicator) bool {
	return slices.ContainsFunc(i.Targets, func(t fact.Target) bool { return t.Region != "" || t.Level == fact.County })
}

// toCounty and its like are the links of a value to the board about a region or
// an indicator; code and indicator are what Grafana puts in.
func (s *site) toCounty(code string) []dataLink {
	return []dataLink{{Title: s.text("打开该县（市、区）", "Open the county"), URL: s.to(boardCounty, "var-county="+code)}}
}

// toCountyWith keeps the indicator that the board has been asked for.
func (s *site) toCountyWith(code string) []dataLink {
	return s.toCounty(code + "&var-indicator=${indicator}")
}

func (s *site) toCity(code string) []dataLink {
	return []dataLink{{Title: s.text("打开该设区市", "Open the city"), URL: s.to(boardCity, "var-city="+code)}}
}

func (s *site) toIndicator(indicator string) []dataLink {
	return []dataLink{{Title: s.text("打开该指标", "Open the indicator"), URL: s.to(boardIndicator, "var-indicator="+indicator)}}
}

// toExplanation leads to where a figure comes from; nothing where boards don't
// know where govkpi is.
func (s *site) toExplanation(indicator, code string) []dataLink {
	if s.BaseURL == "" {
		return nil
	}
	return []dataLink{{
		Title: s.text("数据从何而来", "Where the figure comes from"), TargetBlank: true,
		URL: s.BaseURL + "/api/governance/v1/explain?indicator=" + indicator + "&region=" + code,
	}}
}
