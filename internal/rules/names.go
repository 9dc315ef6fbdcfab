package rules

// The families of docs/metrics.md that the rules use.
const (
	attainment  = "governance_attainment_ratio"
	target      = "governance_target"
	unchanged   = "governance_unchanged_periods"
	periodEnd   = "governance_period_end_timestamp_seconds"
	provisional = "governance_provisional"
	overdue     = "governance_overdue_seconds"
	held        = "governance_held"
	rank        = "governance_rank"
	peers       = "governance_peers"
	commonEnd   = "governance_rollup_period_end_timestamp_seconds"
	coverage    = "governance_coverage_ratio"
	reporting   = "governance_reporting_regions"
	expected    = "governance_expected_regions"
	published   = "governance_published"
	gap         = "governance_reconciliation_gap"
	discrepancy = "governance_discrepancy"
	indicators  = "governance_indicator_info"
	regions     = "governance_region_info"
	villages    = "governance_region_villages"
	population  = "governance_region_population"

	rejectedReadings  = "govkpi_collector_rejected_readings_total"
	skippedRuns       = "govkpi_collector_skipped_runs_total"
	running           = "govkpi_collector_running"
	nextRun           = "govkpi_collector_next_run_timestamp_seconds"
	lastSuccess       = "govkpi_collector_last_success_timestamp_seconds"
	targets           = "govkpi_collector_targets"
	failedTargets     = "govkpi_collector_failed_targets"
	targetSuccessful  = "govkpi_collector_target_last_run_successful"
	targetLastSuccess = "govkpi_collector_target_last_success_timestamp_seconds"
)

// The labels of alerts.
const (
	labelSeverity  = "severity"
	labelIndicator = "indicator"
	labelLevel     = "level"
	labelCode      = "code"
	// labelBasis tells by what the rules of one kind go, such as year or target.
	labelBasis = "basis"
)

// The series that rules record for other rules of their group.
const (
	// dueAgo and the number of working days make the name of the day that a report
	// must have been due before to be that late.
	dueAgo = "govkpi:due_before_day:working_days_"
	// These and the basis make the name of who is named, before the texts, and of
	// the median that regions are compared with.
	namedBehind  = "govkpi:behind_target:"
	namedPeers   = "govkpi:behind_peers:"
	namedMedian  = "govkpi:peers_median:"
	namedStalled = "govkpi:stalled:"
)

// details are the labels that only carry what a text says: no alert has them.
func details() []string {
	return []string{
		"figure", "aim", "place", "due", "median", "has", "wants", "said",
		"title_zh", "title_en", "unit", "unit_zh", "unit_en",
	}
}

// The annotations of alerts. Those that internal/notify reads have the same names
// there; docs/notify.md lists them, and a test in internal/app holds the two together.
const (
	annotationZH      = "summary_zh"
	annotationEN      = "summary_en"
	annotationValue   = "value"
	annotationTarget  = "target"
	annotationGap     = "gap"
	annotationRank    = "rank"
	annotationMedian  = "median"
	annotationSaid    = "published"
	annotationDue     = "due"    // the last day in time, for people
	annotationDueAt   = "due_at" // the moment that it ended, for programs
	annotationExplain = "explain_url"
	annotationPage    = "runbook_url"
)
