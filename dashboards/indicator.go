package dashboards

import "github.com/govkpi/govkpi/internal/fact"

// indicator is the board of one indicator.
func (s *site) indicator() *board {
	b := &board{
		site: s, uid: s.uid(boardIndicator), title: s.text("指标", "Indicator"), from: "now-1y", links: s.heads(boardIndicator),
		description: s.text("一项指标：定义、分布、排名、趋势、目标完成与更正。", "One indicator: definition, map, league table, distribution, trend, attainment and corrections."),
		variables:   []variable{s.indicatorVariable()},
		annotations: append(s.milestones(), s.corrections(`indicator="$indicator"`, "")),
	}
	const (
		chosen = `indicator="$indicator"`
		raw    = `{__name__="governance_$indicator",level="county"}`
	)
	b.place(0, 4, s.definition(14),
		s.ofIndicator(stat(s.text("汇总", "Total"), s.text("全域在共同统计期的汇总值。", "Roll-up over the whole at the common period."), 5, field{Unit: unitCount}), func(only string) []target {
			return []target{now(`governance_rollup{code="`+s.Region+`",`+chosen+"}"+only, "")}
		}),
		stat(s.text("覆盖率", "Coverage"), s.text("计入汇总的地区占应报地区的比例。", "Share of the expected regions that are in the total."), 5,
			field{Unit: unitRatio, Decimals: new(0), Thresholds: heat(0.9, 1)}, now(`governance_coverage_ratio{code="`+s.Region+`",`+chosen+"}", "")))
	league := s.league(10, chosen, raw)
	spread := s.distribution(6, raw)
	if s.Outlines.URL == "" {
		league.w += 8
		b.place(4, 14, league, spread)
	} else {
		f := field{Unit: unitCount, Color: &color{Mode: "continuous-BlPu"}}
		description := s.text("各县（市、区）的最新数值，颜色越深数值越大。轮廓：", "The newest figure of each county, darker is more. Outlines: ") + s.in(s.Outlines.Attribution)
		f.Links = s.toCountyWith("${__data.fields.code}")
		b.place(4, 14, s.choropleth(s.text("分布图", "Map"), description, 8, 14, f, raw), league, spread)
	}
	b.place(18, 10, s.ofIndicator(lines(s.text("各设区市趋势", "Trend by city"), s.text("各设区市的汇总值。", "Roll-up of each city."), 16, field{Unit: unitCount}), func(only string) []target {
		return []target{over(`governance_rollup{level="city",`+chosen+"}"+only, "{{city}}")}
	}), bars(s.text("达标县（市、区）比例", "Counties on target"), s.text("各设区市中达到目标的县（市、区）比例；没有目标的指标没有数据。", "Share of each city's counties that reach their target; an indicator without target has none."), 8,
		field{Unit: unitRatio, Decimals: new(0), Min: new(0.0), Max: new(1.0), Thresholds: heat(0.7, 0.9), NoValue: s.text("没有目标", "No target")},
		now("avg by (city) (governance_attainment_ratio{level=\"county\","+chosen+"} >= bool 1)", "{{city}}")))
	b.place(28, 9, table(
		s.text("更正", "Corrections"), s.text("被更正过的数值与当前版次。", "Figures that have been corrected, and their revision."), 12, []column{
			{field: "code", title: s.text("县（市、区）", "County"), mappings: s.countyNames(), links: s.toCountyWith("${__value.raw}")},
			{field: "level", title: s.text("层级", "Level"), width: 100},
			{field: "Value", title: s.text("版次", "Revision"), unit: unitNone, width: 90},
		}, "governance_revisions{"+chosen+"} > 1").without(s.text("没有更正", "No corrections")),
		table(s.text("与公开数据核对", "Against published figures"), s.text("汇总与公开数据允许范围的差距，0 为一致。", "Distance of the total from what the published figure allows; 0 is agreement."), 12, []column{
			{field: "period", title: s.text("统计期", "Period")},
			{field: "precision", title: s.text("精度", "Precision"), mappings: s.precisions()},
			{field: "Value", title: s.text("差距", "Gap"), unit: unitCount},
		}, "governance_reconciliation_gap{"+chosen+"}").without(s.text("没有公开数据", "Nothing was published")))
	return b
}

// definition says what the indicator is; the words are the catalogue's.
func (s *site) definition(w int) *panel {
	return table(
		s.text("定义", "Definition"), s.text("目录中该指标的名称、主题、单位与定义。", "Title, theme, unit and definition of the indicator, as in the catalogue."), w,
		[]column{
			{field: s.label("title"), title: s.text("名称", "Title"), width: 180},
			{field: s.label("theme"), title: s.text("主题", "Theme"), width: 90},
			{field: s.label("unit"), title: s.text("单位", "Unit"), width: 60},
			{field: "cadence", title: s.text("周期", "Cadence"), width: 80, mappings: s.cadences()},
			{field: "indicator", title: s.text("定义", "Definition"), mappings: s.definitions()},
		},
		`governance_indicator_info{indicator="$indicator"}`,
	)
}

// cadences are the words for how often an indicator speaks.
func (s *site) cadences() []mapping {
	if s.Language == English {
		return nil
	}
	return mapValues(map[string]string{"day": "每日", "week": "每周", "month": "每月", "quarter": "每季", "half-year": "每半年", "year": "每年"})
}

// precisions are the words for how exactly a figure was published.
func (s *site) precisions() []mapping {
	return mapValues(map[string]string{
		fact.Exact.String():   s.text("准确数", "exact"),
		fact.AtLeast.String(): s.text("以上", "at least"),
		fact.Nearest.String(): s.text("约数", "rounded"),
	})
}

// league ranks the counties.
func (s *site) league(w int, chosen, raw string) *panel {
	p := matrix(
		s.text("排名", "League table"), s.text("各县（市、区）的数值、目标完成率与名次。", "Figure, attainment and rank of each county."), w,
		column{
			field: "code", title: s.text("县（市、区）", "County"), mappings: s.countyNames(), width: 170,
			links: append(s.toCountyWith("${__value.raw}"), s.toExplanation("${indicator}", "${__value.raw}")...),
		},
		[]column{
			{field: "rank", title: s.text("名次", "Rank"), unit: unitNone, width: 80},
			{field: "figure", title: s.text("数值", "Figure"), unit: unitCount, width: 110},
			{field: "ratio", title: s.text("比例", "Ratio"), unit: unitRatio, decimals: new(1), width: 110},
			{field: "attainment", title: s.text("完成率", "Attainment"), unit: unitRatio, decimals: new(0), shade: heat(0.7, 0.9), width: 115},
			{field: "place", title: s.text("位次", "Place"), unit: unitRatio, decimals: new(0), shade: heat(0.25, 0.75), width: 90},
		},
		part{"rank", `governance_rank{level="county",among="all",` + chosen + "}"},
		part{"figure", raw + ` unless on () governance_indicator_info{unit="ratio",` + chosen + "}"},
		part{"ratio", raw + ` and on () governance_indicator_info{unit="ratio",` + chosen + "}"},
		part{"attainment", `governance_attainment_ratio{level="county",` + chosen + "}"},
		part{"place", place(`level="county",` + chosen)},
	)
	// By place and not by rank: so those without one come last.
	return sorted(p, s.text("位次", "Place"))
}

// distribution counts counties by how large their figure is.
func (s *site) distribution(w int, raw string) *panel {
	return &panel{
		kind: "histogram", title: s.text("数值分布", "Distribution"), description: s.text("县（市、区）按数值大小的个数。", "How many counties have figures of which size."), w: w,
		targets: []target{row(raw)},
		fields:  fieldConfig{Defaults: field{Unit: unitCount, Color: &color{Mode: "palette-classic"}, Custom: map[string]any{"fillOpacity": 80, "lineWidth": 1, "gradientMode": "none"}}},
		options: histogramOptions{Combine: true, Legend: legend{DisplayMode: "list", Placement: "bottom", Calcs: []string{}}, Tooltip: tooltip{"single", "none"}},
	}
}
