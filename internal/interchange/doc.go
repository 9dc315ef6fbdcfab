// Package interchange reads and writes figures as files that other programs
// know.
//
// It reads a CSV file of past figures and hands on readings, which go through
// the gate like any others. It takes facts from the ledger and writes them as
// the same kind of CSV file, with all revisions as one for people, or in
// OpenMetrics with timestamps, of which promtool makes blocks for a Prometheus.
package interchange
