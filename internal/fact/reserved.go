package fact

// The three lists below are of words that the metrics contract has taken
// (docs/metrics.md). They stand here because two sides keep to them: whoever
// reads a catalogue, and whoever exposes it.

// ReservedIndicators lists the ids that no indicator can have, sorted:
// governance_<id> is a metric that all indicators share.
func ReservedIndicators() []string {
	return []string{
		"attainment_ratio", "carried_regions", "compared_regions", "coverage_ratio", "discrepancy", "due_timestamp_seconds",
		"expected_regions", "held", "indicator_info", "overdue_seconds", "peers", "period_end_timestamp_seconds", "previous",
		"provisional", "published", "rank", "reconciliation_gap", "region_info", "region_population", "region_villages",
		"reported", "reporting_regions", "revisions", "rollup", "rollup_period_end_timestamp_seconds", "rollup_previous", "target", "unchanged_periods", "year_ago",
	}
}

// ReservedSuffixes lists what no indicator's id can end in, sorted: such names
// are of metrics that are no gauges.
func ReservedSuffixes() []string {
	return []string{"_bucket", "_count", "_created", "_info", "_sum", "_total"}
}

// ReservedDimensions lists the names that no dimension can have, sorted: they
// are labels that a figure, another family of the catalogue or a scrape gives
// to every series.
func ReservedDimensions() []string {
	return []string{
		"among", "city", "code", "county", "grid", "indicator", "instance", "job", "le", "level", "other", "parent", "period",
		"policy", "precision", "province", "quantile", "township", "village",
	}
}
