// Package telemetry keeps what the program says of itself over time: govkpi_*,
// go_* and process_*, and what the rules write about alerts.
//
// It reads a prometheus.Gatherer at an interval, as a Prometheus would scrape it,
// and hands on a Prometheus TSDB in a folder: to be queried, and to be appended
// to. Figures never go in; they are answered from the ledger, where they can be
// corrected. So everything here may be deleted, and no figure is lost.
package telemetry
