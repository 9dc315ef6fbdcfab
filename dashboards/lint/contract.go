package lint

import (
	"maps"
	"slices"
	"strings"
)

// Contract is docs/metrics.md as a list: which families there are and which
// labels they have.
type Contract struct {
	// Indicators are the ids of the catalogue, each of which has a family.
	Indicators []string
	// Dimensions are the labels that the catalogue declares.
	Dimensions []string
}

// family is what queries may say of a metric.
type family struct {
	labels  []string
	counter bool
}

// figurePrefix begins the families of figures.
const figurePrefix = "governance_"

// Names of labels in the groups that families share.
func regionLabels() []string {
	return []string{"level", "code", "city", "county", "township", "village", "grid"}
}

func with(labels ...string) family { return family{labels: append(regionLabels(), labels...)} }

func counter(labels ...string) family { return family{labels: labels, counter: true} }

func gauge(labels ...string) family { return family{labels: labels} }

// figureFamilies are the families of figures but for those of the indicators.
// The labels of those that follow a figure may be joined by dimensions.
func figureFamilies() map[string]family {
	all := map[string]family{
		"governance_rank":               with("indicator", "among"),
		"governance_peers":              with("indicator", "among"),
		"governance_discrepancy":        with("indicator", "other"),
		"governance_published":          with("indicator", "period", "precision"),
		"governance_reconciliation_gap": with("indicator", "period", "precision"),
		"governance_indicator_info": gauge("indicator", "title_zh", "title_en", "theme", "theme_zh", "theme_en",
			"unit", "unit_zh", "unit_en", "kind", "direction", "cadence", "levels"),
		"governance_region_info":       with("parent"),
		"governance_region_villages":   with(),
		"governance_region_population": with(),
	}
	for _, name := range []string{
		"target", "attainment_ratio", "previous", "year_ago", "unchanged_periods", "period_end_timestamp_seconds", "revisions", "provisional",
		"reported", "due_timestamp_seconds", "overdue_seconds", "held",
	} {
		all[figurePrefix+name] = with("indicator")
	}
	for _, name := range []string{
		"rollup", "rollup_previous", "rollup_period_end_timestamp_seconds", "coverage_ratio",
		"reporting_regions", "expected_regions", "carried_regions", "compared_regions",
	} {
		all[figurePrefix+name] = with("indicator", "policy")
	}
	return all
}

// telemetryFamilies are what the program says of itself.
func telemetryFamilies() map[string]family {
	all := map[string]family{
		"govkpi_collector_runs_total":                                counter("collector", "outcome"),
		"govkpi_collector_rejections_total":                          counter("collector", "stage"),
		"govkpi_collector_run_duration_seconds_bucket":               counter("collector", "le"),
		"govkpi_collector_run_duration_seconds_sum":                  counter("collector"),
		"govkpi_collector_run_duration_seconds_count":                counter("collector"),
		"govkpi_configuration_last_reload_successful":                gauge(),
		"govkpi_configuration_last_reload_success_timestamp_seconds": gauge(),
		"govkpi_configuration_info":                                  gauge("digest"),
		"govkpi_calendar_known_until_timestamp_seconds":              gauge(),
		"govkpi_build_info":                                          gauge("version", "revision", "goversion"),
		"govkpi_exposition_errors_total":                             counter("stage"),
		"govkpi_exposition_left_out_figures":                         gauge(),
	}
	for _, name := range []string{"skipped_runs", "unchanged_runs", "read_rows", "accepted_readings", "changed_facts", "rejected_readings", "held_readings"} {
		all["govkpi_collector_"+name+"_total"] = counter("collector")
	}
	for _, name := range []string{"last_success_timestamp_seconds", "next_run_timestamp_seconds", "running", "targets", "failed_targets"} {
		all["govkpi_collector_"+name] = gauge("collector")
	}
	for _, name := range []string{"last_run_successful", "last_success_timestamp_seconds", "last_run_duration_seconds"} {
		all["govkpi_collector_target_"+name] = gauge("collector", "target", "name")
	}
	for _, name := range []string{"size_bytes", "facts", "runs", "rejections", "held_figures", "decisions"} {
		all["govkpi_ledger_"+name] = gauge()
	}
	return all
}

// alertFamilies are what Prometheus says of alerts: an alert has the labels of
// the series that it is about.
func alertFamilies() map[string]family {
	labels := []string{"alertname", "severity", "basis", "indicator", "among", "other", "period", "precision", "policy", "collector", "target", "name"}
	return map[string]family{
		"ALERTS":           with(append(labels, "alertstate")...),
		"ALERTS_FOR_STATE": with(labels...),
	}
}

// families are all there are. Every one has what Prometheus adds to it.
func (c Contract) families() map[string]family {
	all := figureFamilies()
	for name, f := range all {
		if slices.Contains(f.labels, "indicator") {
			f.labels = append(f.labels, c.Dimensions...)
			all[name] = f
		}
	}
	maps.Copy(all, telemetryFamilies())
	maps.Copy(all, alertFamilies())
	for _, id := range c.Indicators {
		all[figurePrefix+id] = with(c.Dimensions...)
	}
	for name, f := range all {
		f.labels = append(f.labels, "job", "instance")
		all[name] = f
	}
	return all
}

// figure reports whether a metric is an indicator's own.
func (c Contract) figure(name string) bool {
	id, ok := strings.CutPrefix(name, figurePrefix)
	return ok && slices.Contains(c.Indicators, id)
}
