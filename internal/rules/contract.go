package rules

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// contract is what docs/metrics.md promises: the labels of each family. Those of
// a region are told by one word.
type contract map[string][]string

// A scrape adds these to every family.
func scraped() []string { return []string{"job", "instance"} }

func regionLabels() []string {
	labels := []string{labelLevel, labelCode}
	for level := fact.City; level <= fact.Grid; level++ {
		labels = append(labels, level.String())
	}
	return labels
}

// newContract is the contract of a site: its indicators' families are in it.
func newContract(site *Site) contract {
	region := regionLabels()
	standing := append([]string{labelIndicator}, region...)
	c := contract{regions: append([]string{"parent"}, region...), villages: region, population: region}
	for _, family := range []string{"governance_reported", "governance_due_timestamp_seconds", overdue, held} {
		c[family] = standing
	}
	var dimensions []string
	for n := range site.Indicators {
		i := &site.Indicators[n]
		own := slices.Clone(region)
		for _, d := range i.Dimensions {
			own, dimensions = append(own, d.Name), append(dimensions, d.Name)
		}
		c["governance_"+i.ID] = own
	}
	for _, family := range []string{target, attainment, "governance_previous", "governance_year_ago", unchanged, periodEnd, "governance_revisions", provisional} {
		c[family] = slices.Concat(standing, dimensions)
	}
	for _, family := range []string{rank, peers} {
		c[family] = append([]string{"among"}, standing...)
	}
	for _, family := range []string{
		"governance_rollup", "governance_rollup_previous", commonEnd, coverage, reporting, expected,
		"governance_carried_regions", "governance_compared_regions",
	} {
		c[family] = append([]string{"policy"}, standing...)
	}
	c[discrepancy] = append([]string{"other"}, standing...)
	for _, family := range []string{published, gap} {
		c[family] = append([]string{"period", "precision"}, standing...)
	}
	c[indicators] = strings.Fields("indicator title_zh title_en theme theme_zh theme_en unit unit_zh unit_en kind direction cadence levels")
	c.addTelemetry()
	return c
}

func (c contract) addTelemetry() {
	for family := range strings.FieldsSeq(`runs_total|outcome run_duration_seconds_bucket|le run_duration_seconds_sum run_duration_seconds_count
		last_success_timestamp_seconds next_run_timestamp_seconds running skipped_runs_total unchanged_runs_total targets failed_targets
		target_last_run_successful|target|name target_last_success_timestamp_seconds|target|name target_last_run_duration_seconds|target|name
		read_rows_total accepted_readings_total changed_facts_total rejected_readings_total held_readings_total rejections_total|stage`) {
		parts := strings.Split(family, "|")
		c["govkpi_collector_"+parts[0]] = append([]string{"collector"}, parts[1:]...)
	}
	for family := range strings.FieldsSeq(`ledger_size_bytes ledger_facts ledger_runs ledger_rejections ledger_held_figures ledger_decisions
		configuration_last_reload_successful configuration_last_reload_success_timestamp_seconds configuration_info|digest
		calendar_known_until_timestamp_seconds build_info|version|revision|goversion exposition_errors_total|stage exposition_left_out_figures
		promql_requests_total|endpoint|code promql_request_duration_seconds_bucket|endpoint|le promql_request_duration_seconds_sum|endpoint
		promql_request_duration_seconds_count|endpoint promql_refused_requests_total|limit promql_running_requests promql_waiting_requests
		telemetry_samples_total telemetry_rejected_samples_total telemetry_failed_rounds_total telemetry_last_round_timestamp_seconds
		telemetry_start_timestamp_seconds telemetry_series telemetry_size_bytes telemetry_damaged_blocks telemetry_failed_compactions_total
		notify_queued_total notify_sent_total|channel notify_failed_total|channel notify_doubtful_total|channel
		notify_failed_attempts_total|channel notify_messages|state notify_oldest_pending_age_seconds notify_alerts
		notify_last_heard_timestamp_seconds grafana_objects|state grafana_last_apply_successful grafana_last_apply_timestamp_seconds
		grafana_last_apply_success_timestamp_seconds`) {
		parts := strings.Split(family, "|")
		c["govkpi_"+parts[0]] = parts[1:]
	}
}

// has reports whether a family has a label.
func (c contract) has(family, label string) bool {
	return slices.Contains(c[family], label) || slices.Contains(scraped(), label)
}
