package dashboards

// health is the board of those who run the program: whether figures come in,
// what was refused and why, and what waits.
func (s *site) health() *board {
	b := &board{
		site: s, uid: s.uid(boardHealth), title: s.text("数据质量", "Data health"), from: "now-7d", links: s.heads(boardHealth),
		description: s.text("采集、校验、待核实、覆盖率、与公开数据的核对，以及台账。", "Collectors, the gate, held figures, coverage, reconciliation and the ledger."),
	}
	b.place(
		0, 4,
		stat(s.text("正常的采集任务", "Healthy collectors"), s.text("最近两天内成功过的采集任务数。", "Collectors with a success within the last two days."), 4,
			field{Unit: unitCount, NoValue: "0"}, now("count(time() - govkpi_collector_last_success_timestamp_seconds < 2 * 86400)", "")),
	)
	return b
}
