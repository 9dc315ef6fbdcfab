package dashboards

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// wallRows is how many rows of the grid a screen of 1080 pixels holds.
const wallRows = 27

// wallBoard is a board for a screen that nobody touches.
func (s *site) wallBoard(name, title, description string) *board {
	return &board{
		site: s, uid: s.uid(name), title: title, description: description, wall: true, from: "now-1y", annotations: s.milestones(), links: s.heads(name),
	}
}

// wallProvince is the wall of the whole site.
func (s *site) wallProvince() *board {
	title := s.in(s.Site) + s.text(" 基层治理", ": grassroots governance")
	b := s.wallBoard(boardProvince, title, s.text("全域主要指标、县（市、区）分布、落后名单、趋势与逾期。", "Main figures, counties on a map, who lags, the trend and what is overdue."))
	indicators := s.headlines()
	b.place(0, 3, s.banner(title, 14), s.asOf(indicators, 5), s.overdueCount(`level="county"`, 5))
	y := s.strips(b, 3, len(indicators), indicators)
	m := s.measureOf(s.Indicators)
	h := wallRows - y
	panels := []*panel{s.wallCities(m, `level="county"`, 6), s.furthestBehind(m, 10, 5), s.wallTrend(s.Indicators, s.label("theme"), 5)}
	b.place(y, h, s.onMap(m, h, panels)...)
	return b
}

// wallTheme is the wall of one theme.
func (s *site) wallTheme(theme fact.Theme, indicators []fact.Indicator) *board {
	title := s.in(s.Site) + s.text(" ", ": ") + s.in(theme.Title)
	b := s.wallBoard(boardTheme+theme.ID, title, s.text("该主题的全部指标。", "All indicators of the theme."))
	selector := `level="county",indicator=~"` + ids(indicators) + `"`
	b.place(0, 3, s.banner(title, 14), s.asOf(indicators, 5), s.overdueCount(selector, 5))
	// Two rows of strips, whatever the theme has, and room for the map.
	perRow := len(indicators)
	if perRow > 8 {
		perRow = (perRow + 1) / 2
	}
	y := s.strips(b, 3, perRow, indicators)
	m := s.measureOf(indicators)
	cities := s.wallCities(m, selector, 6)
	if wallRows-y < 13 { // not high enough for a row of each city
		cities = s.wallCityBars(m, 6)
	}
	panels := []*panel{cities, s.furthestBehind(m, 10, 5), s.wallTrend(indicators, s.label("title"), 5)}
	b.place(y, wallRows-y, s.onMap(m, wallRows-y, panels)...)
	return b
}

// onMap puts the map first; without outlines the others take its room.
func (s *site) onMap(m measure, h int, panels []*panel) []*panel {
	room := gridWidth
	for _, p := range panels {
		room -= p.w
	}
	if s.Outlines.URL == "" {
		panels[0].w += room
		return panels
	}
	f := field{Unit: unitRatio, Decimals: new(0), Min: new(0.0), Max: new(1.0), Thresholds: m.shade}
	title := s.text("各县（市、区）", "Counties: ") + m.title
	return append([]*panel{s.choropleth(title, m.description, room, h, f, m.expr)}, panels...)
}

// banner is the title of a wall, with the notice of the site.
func (s *site) banner(title string, w int) *panel {
	content := "# " + escapeMarkdown(title) + "\n\n"
	if notice := s.in(s.Notice); notice != "" {
		content += "**" + escapeMarkdown(notice) + "** "
	}
	if credit := s.in(s.Outlines.Attribution); credit != "" && s.Outlines.URL != "" {
		content += escapeMarkdown(s.text("地图：", "Map: ") + credit)
	}
	return &panel{
		kind: "text", title: "", description: s.text("本页标题与数据说明。", "Title of this board, and what its figures are."), w: w, transparent: true,
		options: textOptions{Mode: "markdown", Content: content},
	}
}

// escapeMarkdown keeps a text of the configuration from being read as markup.
func escapeMarkdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", "`", "\\`", "$", "&#36;").Replace(s)
}

// asOf says up to which day the newest totals go.
func (s *site) asOf(indicators []fact.Indicator, w int) *panel {
	p := stat(
		s.text("数据截至", "Figures up to"), s.text("最新共同统计期的最后一天。", "Last day of the newest common period."), w,
		field{Unit: unitDay},
		// The end is exclusive: the day before is the last.
		now(`(max(governance_rollup_period_end_timestamp_seconds{code="`+s.Region+`",indicator=~"`+ids(indicators)+`"}) - 1) * 1000`, ""),
	)
	return sized(p, 36)
}

// overdueCount counts overdue reports.
func (s *site) overdueCount(selector string, w int) *panel {
	p := stat(
		s.text("逾期报送", "Overdue reports"), s.text("应报未报且已过截止时间的县级报送项数。", "Reports of counties that are missing after they were due."), w,
		field{Unit: unitCount, Thresholds: alarm(1, 50), Links: []dataLink{{Title: s.text("落后名单", "Who lags"), URL: s.to(boardLagging, "")}}},
		now("count(governance_overdue_seconds{"+selector+"} > 0) or vector(0)", ""),
	)
	return sized(p, 36)
}

// sized gives a stat a font that does not change with its value.
func sized(p *panel, value int) *panel {
	if o, ok := p.options.(statOptions); ok {
		o.Text = &sizes{ValueSize: value}
		p.options = o
	}
	return p
}

// withCode adds the code of a city to what is known by its name.
const withCode = `* on (city) group_left (code) max by (city, code) (governance_region_info{level="city"})`

// wallCityBars compares the cities where there is no room for a table.
func (s *site) wallCityBars(m measure, w int) *panel {
	return bars(
		s.text("各设区市", "Cities"), s.text("各设区市所辖县（市、区）的平均：", "Averages over the counties of each city: ")+m.description, w,
		field{Unit: unitRatio, Decimals: new(0), Min: new(0.0), Max: new(1.0), Thresholds: m.shade, Links: s.toCity("${__field.labels.code}")},
		now("sort_desc(avg by (city) ("+m.each+") "+withCode+")", "{{city}}"),
	)
}

// wallCities compares the cities.
func (s *site) wallCities(m measure, selector string, w int) *panel {
	return matrix(
		s.text("各设区市", "Cities"),
		s.text("各设区市所辖县（市、区）的平均：", "Averages over the counties of each city: ")+m.description, w,
		column{field: "code", title: s.text("设区市", "City"), mappings: s.cityNames(), links: s.toCity("${__value.raw}"), width: 110},
		[]column{
			{field: "measure", title: m.title, unit: unitRatio, shade: m.shade, decimals: new(0), width: 115},
			{field: "punctual", title: s.onTime(), unit: unitRatio, shade: heat(0.9, 1), decimals: new(0), width: 115},
			{field: "overdue", title: s.text("逾期", "Overdue"), unit: unitCount, shade: alarm(1, 20), width: 90},
		},
		part{"measure", "avg by (city) (" + m.each + ") " + withCode},
		part{"punctual", "avg by (city) (" + punctual(selector) + ") " + withCode},
		part{"overdue", "sum by (city) (governance_overdue_seconds{" + selector + "} > bool 0) " + withCode},
	)
}

// wallTrend shows how the targets are approached, by theme or indicator; without
// targets, how the totals of the indicators go.
func (s *site) wallTrend(indicators []fact.Indicator, by string, w int) *panel {
	m := s.measureOf(indicators)
	if !m.targets {
		return s.wallCourse(indicators, w)
	}
	expr := "avg by (" + by + ") ((" + m.each + ") * on (indicator) group_left (" + by + ") governance_indicator_info)"
	p := lines(
		s.text("趋势与目标", "Trend against target"), m.description+s.text("虚线为目标。", " The dashed line is the target."), w,
		field{Unit: unitRatio, Min: new(0.0), Max: new(1.0)}, over(expr, "{{"+by+"}}"), over("vector(1)", s.text("目标", "Target")),
	)
	p.fields.Overrides = []override{dashed("B")}
	return p
}

// wallCourse shows totals of all sizes in one chart: each as a share of its own
// average.
func (s *site) wallCourse(indicators []fact.Indicator, w int) *panel {
	total := `governance_rollup{code="` + s.Region + `",indicator=~"` + ids(indicators) + `"}`
	title := s.label("title")
	return lines(
		s.text("走势（期间平均为 100%）", "Course (100% is the average)"),
		s.text("各指标汇总值与其在所选时间内平均值之比。", "The total of each indicator as a share of its own average over the time shown."), w,
		field{Unit: unitRatio},
		over(total+" / avg_over_time("+total+"[$__range:1h] @ end()) * on (indicator) group_left ("+title+") governance_indicator_info", "{{"+title+"}}"),
	)
}

// dashed draws the series of a query as a target.
func dashed(refID string) override {
	return override{matcher{"byFrameRefID", refID}, []property{
		{"custom.lineStyle", map[string]any{"fill": "dash", "dash": []int{10, 10}}}, {"color", color{"fixed", neutral}}, {"custom.lineWidth", 1},
	}}
}
