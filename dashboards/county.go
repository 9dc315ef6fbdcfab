package dashboards

// county is the board of one county.
func (s *site) county() *board {
	b := &board{
		site: s, uid: s.uid(boardCounty), title: s.text("县（市、区）", "County"), from: "now-1y", links: s.heads(boardCounty),
		description: s.text("一个县（市、区）的全部指标：目标、同级中位数、位次、历史、更正与告警。", "All indicators of a county: target, peers' median, rank, history, corrections and alerts."),
		variables:   []variable{s.countyVariable(), s.indicatorVariable()},
		annotations: append(s.milestones(), s.corrections(`code="$county"`, "")),
	}
	const own = `code="$county"`
	all := ofCounties(s.Indicators)
	b.place(
		0, 4,
		stat(s.text("已报指标", "Reported"), s.text("已报最近一期的指标数与应报指标数。", "Indicators whose newest period has been reported, and how many are expected."), 6, field{Unit: unitCount},
			now("sum(governance_reported{"+own+"})", s.text("已报", "Reported")), now("count(governance_reported{"+own+"})", s.text("应报", "Expected"))),
		stat(s.text("目标完成率", "Attainment"), s.text("有目标的指标的平均完成率，每个指标最多按 100% 计。", "Average attainment of the indicators that have a target, each counted as 100% at most."), 6,
			field{Unit: unitRatio, Decimals: new(1), Thresholds: heat(0.7, 0.9)}, now("avg(clamp_max(governance_attainment_ratio{"+own+"}, 1))", "")),
		stat(s.text("位次", "Place"), s.text("各指标位次的平均：100% 为全省最好，0% 为最后。", "Average place over the indicators: 100% is the best of all counties, 0% the last."), 6,
			field{Unit: unitRatio, Decimals: new(0), Thresholds: heat(0.25, 0.5)}, now("avg("+place(own)+")", "")),
		stat(s.text("逾期报送", "Overdue reports"), s.text("应报未报且已过截止时间的指标数。", "Indicators that are missing after they were due."), 6,
			field{Unit: unitCount, Thresholds: alarm(1, 3)}, now("count(governance_overdue_seconds{"+own+"} > 0) or vector(0)", "")),
	)
	b.place(4, 16, s.countyTable(own, ids(all)))
	b.place(20, 10,
		s.ofIndicator(lines(s.text("历史：$indicator", "History: $indicator"),
			s.text("所选指标的数值、目标与同级中位数。", "Figure, target and peers' median of the chosen indicator."), 16, field{Unit: unitCount}), func(only string) []target {
			return []target{
				over(`{__name__="governance_$indicator",`+own+"}"+only, s.text("本县", "This county")),
				over(`max without (indicator) (governance_target{indicator="$indicator",`+own+"})"+only, s.text("目标", "Target")),
				over(`quantile(0.5, {__name__="governance_$indicator",level="county"})`+only, s.text("同级中位数", "Peers' median")),
			}
		}),
		lines(s.text("位次：$indicator", "Rank: $indicator"), s.text("所选指标在全省的名次，1 为最好。", "Rank among all counties in the chosen indicator; 1 is the best."), 8, field{Unit: unitNone},
			over(`governance_rank{indicator="$indicator",among="all",`+own+"}", s.text("名次", "Rank"))))
	b.place(30, 9,
		table(s.text("更正", "Corrections"), s.text("数值被更正过的指标与当前版次。", "Indicators whose figure has been corrected, and its revision."), 8, []column{
			{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}")},
			{field: "Value", title: s.text("版次", "Revision"), unit: unitCount, width: 90},
		}, "governance_revisions{"+own+"} > 1").without(s.text("没有更正", "No corrections")),
		s.alerts(8, own), s.overdueTable(8, own, ""))
	return b
}

// countyTable has a row for each indicator.
func (s *site) countyTable(own, all string) *panel {
	return matrix(
		s.text("全部指标", "All indicators"), s.text("本县每项指标的数值、目标、完成率、同级中位数、名次、版次与报送情况。", "Each indicator's figure, target, attainment, peers' median, rank, revision and whether it is overdue."), gridWidth,
		column{
			field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), width: 320,
			links: append(s.toIndicator("${__value.raw}"), s.toExplanation("${__value.raw}", "${county}")...),
		},
		[]column{
			{field: "figure", title: s.text("数值", "Figure"), unit: unitCount},
			{field: "target", title: s.text("目标", "Target"), unit: unitCount},
			{field: "attainment", title: s.text("完成率", "Attainment"), unit: unitRatio, decimals: new(0), shade: heat(0.7, 0.9)},
			{field: "median", title: s.text("同级中位数", "Peers' median"), unit: unitCount},
			{field: "rank", title: s.text("名次", "Rank"), unit: unitNone},
			{field: "peers", title: s.text("参与排名", "Of"), unit: unitNone},
			{field: "place", title: s.text("位次", "Place"), unit: unitRatio, decimals: new(0), shade: heat(0.25, 0.5)},
			{field: "end", title: s.text("截至", "Up to"), unit: unitDay},
			{field: "revision", title: s.text("版次", "Revision"), unit: unitNone},
			{field: "overdue", title: s.text("已逾期", "Overdue for"), unit: s.days(), decimals: new(0), shade: alarm(0.01, 30)},
		},
		part{"figure", figures(all, own)},
		part{"target", "governance_target{" + own + "}"},
		part{"attainment", "governance_attainment_ratio{" + own + "}"},
		part{
			"median", "quantile by (indicator) (0.5, " + figures(all, `level="county"`) + ")" +
				" and on (indicator) (governance_reported{" + own + "} or governance_revisions{" + own + "})",
		},
		part{"rank", `governance_rank{among="all",` + own + "}"},
		part{"peers", `governance_peers{among="all",` + own + "}"},
		part{"place", place(own)},
		part{"end", "(governance_period_end_timestamp_seconds{" + own + "} - 1) * 1000"},
		part{"revision", "governance_revisions{" + own + "}"},
		part{"overdue", "governance_overdue_seconds{" + own + "} / 86400"},
	)
}

// alerts lists firing alerts, with since when they have been.
func (s *site) alerts(w int, selector string) *panel {
	p := table(
		s.text("告警", "Alerts"), s.text("正在触发的告警，及自何时起。", "Alerts that are firing, and since when."), w,
		[]column{
			{field: "alertname", title: s.text("告警", "Alert")},
			{field: "code", title: s.text("县（市、区）", "County"), mappings: s.countyNames(), links: s.toCounty("${__value.raw}")},
			{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}")},
			{field: "severity", title: s.text("级别", "Severity"), width: 90},
			{field: "Value", title: s.text("自", "Since"), unit: unitMoment, width: 150},
		},
		"ALERTS_FOR_STATE{"+selector+"} * 1000 and ignoring (alertstate) ALERTS{alertstate=\"firing\","+selector+"}",
	)
	return p.without(s.text("没有告警", "No alerts"))
}
