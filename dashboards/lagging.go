package dashboards

// lagging is the board of who is behind: alerts, since when, and how far.
func (s *site) lagging() *board {
	b := &board{
		site: s, uid: s.uid(boardLagging), title: s.text("落后", "Lagging"), from: "now-90d", links: s.heads(boardLagging), annotations: s.milestones(),
		description: s.text("正在触发的告警、自何时起、落后多少。", "Alerts that are firing, since when, and how far behind."),
	}
	m := s.measureOf(s.Indicators)
	b.place(
		0, 4,
		stat(s.text("触发中的告警", "Firing alerts"), s.text("正在触发的指标告警数。", "Alerts on indicators that are firing."), 6, field{Unit: unitCount, Thresholds: alarm(1, 20)},
			now(`count(ALERTS{alertstate="firing",indicator!=""}) or vector(0)`, "")),
		stat(s.text("涉及县（市、区）", "Counties concerned"), s.text("有告警的县（市、区）数。", "Counties with an alert."), 6, field{Unit: unitCount, Thresholds: alarm(1, 20)},
			now(`count(count by (code) (ALERTS{alertstate="firing",indicator!="",level="county"})) or vector(0)`, "")),
		stat(s.text("低于目标", "Below target"), s.text("低于目标的县级指标项数。", "Figures of counties that are below their target."), 6, field{Unit: unitCount, Thresholds: alarm(1, 500)},
			now(`count(governance_attainment_ratio{level="county"} < 1) or vector(0)`, "")),
		s.overdueCount(`level="county"`, 6),
	)
	b.place(4, 14, s.alerts(14, `indicator!=""`), s.furthestBehind(m, 20, 10))
	behind := s.text("差距", "Short by")
	b.place(18, 14, sorted(table(
		s.text("距目标", "Short of target"), s.text("低于目标的县级指标与差距，最多的一百项。", "Figures of counties below their target, and by how much; the hundred that are furthest."), 12, []column{
			{field: "code", title: s.text("县（市、区）", "County"), mappings: s.countyNames(), links: s.toCounty("${__value.raw}")},
			{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}")},
			{field: "Value", title: behind, unit: unitRatio, decimals: new(0), shade: alarm(0.1, 0.3), width: 100},
		}, `topk(100, 1 - governance_attainment_ratio{level="county"} > 0)`), behind), s.overdueTable(12, `level="county"`, ""))
	b.place(32, 9,
		lines(s.text("告警数", "Alerts"), s.text("触发中的指标告警数随时间的变化。", "How many alerts on indicators have been firing."), 12, field{Unit: unitCount, Min: new(0.0)},
			over(`count by (alertname) (ALERTS{alertstate="firing",indicator!=""})`, "{{alertname}}")),
		lines(s.text("逾期报送", "Overdue reports"), s.text("逾期的县级报送项数随时间的变化。", "How many reports of counties have been overdue."), 12, field{Unit: unitCount, Min: new(0.0)},
			over(`count(governance_overdue_seconds{level="county"} > 0)`, s.text("逾期", "Overdue"))))
	return b
}
