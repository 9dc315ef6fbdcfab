// Package exposition turns current figures into /metrics.
//
// It reads a Site: the catalogue, the register of regions and the newest
// figures with what follows from them. It hands on three exposition formats
// (text 0.0.4, OpenMetrics 1.0 and delimited protobuf), each plain or with
// gzip. Telemetry, the account that the program gives of itself, comes from a
// prometheus.Registry and follows the figures in the same answer.
//
// Figures change a few times a day and are scraped a few times a minute, and
// there may be a million of them. So they do not pass through client_golang:
// small encoders write them once per change into pages that every scrape
// shares, and only the telemetry is gathered anew.
//
// The families, their labels and what may be relied on are described in
// docs/metrics.md.
package exposition
