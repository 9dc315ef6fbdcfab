package dashboards

// health is the board of those who run the program: whether figures come in,
// what was refused and why, and what waits.
func (s *site) health() *board {
	b := &board{
		site: s, uid: s.uid(boardHealth), title: s.text("数据质量", "Data health"), from: "now-7d", links: s.heads(boardHealth),
		description: s.text("采集、校验、待核实、覆盖率、与公开数据的核对，以及台账。", "Collectors, the gate, held figures, coverage, reconciliation and the ledger."),
	}
	s.healthHeads(b)
	b.place(4, 10, s.collectors(16), bars(
		s.text("按原因的拒收", "Rejections by reason"), s.text("所选时间内各校验环节拒收的读数；自程序启动后首次出现的也计入。", "Readings that each stage of the gate has refused since the program started."), 8,
		field{Unit: unitCount, Color: &color{Mode: "fixed", FixedColor: warning}, NoValue: s.text("没有拒收", "None refused")},
		now("sort_desc(sum by (stage) (govkpi_collector_rejections_total))", "{{stage}}")))
	b.place(14, 9,
		lines(s.text("采集结果", "Runs"), s.text("每个时间间隔内结束的采集，按结果。", "Runs that ended in each interval, by outcome."), 8, field{Unit: unitCount, Min: new(0.0)},
			over("sum by (outcome) (increase(govkpi_collector_runs_total[$__rate_interval]))", "{{outcome}}")),
		lines(s.text("采集耗时", "Duration of runs"), s.text("采集耗时的九成五分位。", "The 95th percentile of how long runs take."), 8, field{Unit: unitSeconds, Min: new(0.0)},
			over("histogram_quantile(0.95, sum by (le, collector) (rate(govkpi_collector_run_duration_seconds_bucket[$__rate_interval])))", "{{collector}}")),
		lines(s.text("读数", "Readings"), s.text("每个时间间隔内接受、变更与拒收的读数。", "Readings accepted, changed and refused in each interval."), 8, field{Unit: unitCount, Min: new(0.0)},
			over("sum(increase(govkpi_collector_accepted_readings_total[$__rate_interval]))", s.text("接受", "Accepted")),
			over("sum(increase(govkpi_collector_changed_facts_total[$__rate_interval]))", s.text("变更", "Changed")),
			over("sum(increase(govkpi_collector_rejected_readings_total[$__rate_interval]))", s.text("拒收", "Refused"))))
	b.place(23, 12, s.coverage(12), table(
		s.text("待核实", "Held"), s.text("校验存疑、等待人工决定的数值。", "Figures that the gate did not believe and that wait for a decision."), 6, []column{
			{field: "code", title: s.text("县（市、区）", "County"), mappings: s.countyNames(), links: s.toCounty("${__value.raw}")},
			{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}")},
			{field: "Value", title: s.text("条数", "Figures"), unit: unitCount, width: 70},
		}, "governance_held").without(s.text("没有待核实的数值", "Nothing waits")), table(
		s.text("与公开数据核对", "Against published figures"), s.text("汇总与公开数据允许范围的差距，0 为一致；只列出不一致的。", "Distance of totals from what published figures allow, where they differ."), 6, []column{
			{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}")},
			{field: "period", title: s.text("统计期", "Period"), width: 90},
			{field: "Value", title: s.text("差距", "Gap"), unit: unitCount, width: 90},
		}, "governance_reconciliation_gap != 0").without(s.text("全部一致", "All agree")))
	b.place(35, 9,
		lines(s.text("台账", "Ledger"), s.text("台账中的事实、采集与拒收记录数。", "Facts, runs and rejections in the ledger."), 8, field{Unit: unitCount, Min: new(0.0)},
			over("govkpi_ledger_facts", s.text("事实", "Facts")), over("govkpi_ledger_runs", s.text("采集", "Runs")), over("govkpi_ledger_rejections", s.text("拒收", "Rejections"))),
		lines(s.text("台账大小", "Size of the ledger"), s.text("台账占用的磁盘空间。", "Disk space that the ledger takes."), 8, field{Unit: unitBytes, Min: new(0.0)}, over("govkpi_ledger_size_bytes", s.text("大小", "Size"))),
		table(s.text("失败的采集对象", "Failing targets"), s.text("最近一次采集失败的对象。", "Targets whose newest pull failed."), 8, []column{
			{field: "collector", title: s.text("采集任务", "Collector")}, {field: "target", title: s.text("代码", "Code"), width: 90}, {field: "name", title: s.text("名称", "Name")},
		}, "govkpi_collector_target_last_run_successful == 0").without(s.text("没有失败的对象", "No target fails")))
	return b
}

// healthHeads are the figures at the head of the board.
func (s *site) healthHeads(b *board) {
	b.place(
		0, 4,
		stat(s.text("正常的采集任务", "Healthy collectors"), s.text("最近两天内成功过的采集任务数与全部任务数。", "Collectors with a success within the last two days, and all of them."), 6, field{Unit: unitCount},
			now("count(time() - govkpi_collector_last_success_timestamp_seconds < 2 * 86400) or vector(0)", s.text("正常", "Healthy")),
			now("count(govkpi_collector_running)", s.text("全部", "All"))),
		stat(s.text("跳过的采集", "Skipped runs"), s.text("因上一次尚未结束而跳过的采集次数，自启动以来。", "Due runs left out because the one before was still under way, since the start."), 4,
			field{Unit: unitCount, Thresholds: alarm(1, 10)}, now("sum(govkpi_collector_skipped_runs_total)", "")),
		stat(s.text("待核实", "Held figures"), s.text("等待人工决定的数值条数。", "Figures that wait for a decision."), 4, field{Unit: unitCount, Thresholds: alarm(1, 20)}, now("govkpi_ledger_held_figures", "")),
		stat(s.text("配置", "Configuration"), s.text("最近一次读取的配置是否被接受。", "Whether the configuration was accepted when it was last read."), 3,
			field{Unit: unitNone, Thresholds: &thresholds{"absolute", []step{{bad, 0}, {good, 1}}}, Mappings: s.yesNo()}, now("govkpi_configuration_last_reload_successful", "")),
		stat(s.text("输出错误", "Exposition errors"), s.text("生成指标时的错误次数，自启动以来。", "Errors while metrics were made, since the start."), 3,
			field{Unit: unitCount, Thresholds: alarm(1, 10)}, now("sum(govkpi_exposition_errors_total)", "")),
		stat(s.text("日历有效至", "Calendar known until"), s.text("节假日数据有效的最后期限。", "Up to when public holidays are known."), 4,
			field{Unit: unitDay}, now("(govkpi_calendar_known_until_timestamp_seconds - 1) * 1000", "")),
	)
}

// yesNo shows 1 and 0 as words.
func (s *site) yesNo() []mapping {
	return mapValues(map[string]string{"1": s.text("已接受", "Accepted"), "0": s.text("被拒绝", "Refused")})
}

// collectors has a row for each collector.
func (s *site) collectors(w int) *panel {
	return matrix(
		s.text("采集任务", "Collectors"), s.text("各采集任务距上次成功的时间、下次运行、失败与拒收。", "How long ago each collector last succeeded, when it runs next, its failures and what was refused."), w,
		column{field: "collector", title: s.text("采集任务", "Collector"), width: 190},
		[]column{
			{field: "age", title: s.text("距上次成功", "Since last success"), unit: s.hours(), decimals: new(0), shade: alarm(24, 48)},
			{field: "next", title: s.text("下次运行", "Next run"), unit: unitMoment, width: 140},
			{field: "failures", title: s.text("失败", "Failures"), unit: unitCount, width: 105, shade: alarm(1, 5)},
			{field: "targets", title: s.text("失败对象", "Failed targets"), unit: unitCount, width: 105, shade: alarm(1, 10)},
			{field: "skipped", title: s.text("跳过", "Skipped"), unit: unitCount, width: 105, shade: alarm(1, 5)},
			{field: "accepted", title: s.text("接受", "Accepted"), unit: unitCount, width: 105},
			{field: "rejected", title: s.text("拒收", "Refused"), unit: unitCount, width: 105, shade: alarm(1, 100)},
		},
		part{"age", "(time() - govkpi_collector_last_success_timestamp_seconds) / 3600"},
		part{"next", "govkpi_collector_next_run_timestamp_seconds * 1000"},
		part{"failures", `govkpi_collector_runs_total{outcome="failure"}`},
		part{"targets", "govkpi_collector_failed_targets"},
		part{"skipped", "govkpi_collector_skipped_runs_total"},
		part{"accepted", "govkpi_collector_accepted_readings_total"},
		part{"rejected", "govkpi_collector_rejected_readings_total"},
	)
}

// coverage says of each indicator who has reported.
func (s *site) coverage(w int) *panel {
	own := `{code="` + s.Region + `"}`
	columns := []column{
		{field: "coverage", title: s.text("覆盖率", "Coverage"), unit: unitRatio, decimals: new(0), shade: heat(0.9, 1)},
		{field: "reporting", title: s.text("已报", "Reported"), unit: unitCount},
		{field: "expected", title: s.text("应报", "Expected"), unit: unitCount},
		{field: "overdue", title: s.text("逾期", "Overdue"), unit: unitCount, shade: alarm(1, 10)},
	}
	parts := []part{
		{"coverage", "governance_coverage_ratio" + own},
		{"reporting", "governance_reporting_regions" + own},
		{"expected", "governance_expected_regions" + own},
		{"overdue", "sum by (indicator) (governance_overdue_seconds > bool 0)"},
	}
	if s.hasSignOff() {
		columns = append(columns, column{field: "provisional", title: s.text("待确认", "Provisional"), unit: unitRatio, decimals: new(0)})
		parts = append(parts, part{"provisional", "avg by (indicator) (governance_provisional)"})
	}
	return matrix(
		s.text("覆盖率", "Coverage"), s.text("各指标在共同统计期的报送情况。", "Who has reported each indicator's common period."), w,
		column{field: "indicator", title: s.text("指标", "Indicator"), mappings: s.titles(), links: s.toIndicator("${__value.raw}"), width: 260}, columns, parts...,
	)
}
