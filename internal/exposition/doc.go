// Package exposition turns current figures into /metrics.
//
// It reads a Site: the catalogue, the register of regions, the newest figures
// with what follows from them, and how each region stands. It hands on three exposition formats
// (text 0.0.4, OpenMetrics 1.0 and delimited protobuf), each plain or with
// gzip. Telemetry, the account that the program gives of itself, comes from a
// prometheus.Registry and follows the figures in the same answer.
//
// Figures change a few times a day and are scraped a few times a minute, and
// there may be a million of them. So they do not pass through client_golang:
// small encoders write them once per change into pages that every scrape
// shares. Only the telemetry is gathered anew, and only what grows with the
// clock, for how long reports have been overdue, is written again.
//
// The families, their labels and what may be relied on are described in
// docs/metrics.md.
package exposition
