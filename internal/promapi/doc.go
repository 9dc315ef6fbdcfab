// Package promapi answers PromQL on the ledger, with Prometheus' own engine and
// HTTP API.
//
// It reads a Source, which is the ledger as series that are step functions of
// time (chronicle makes it), and the program's telemetry from an embedded TSDB
// (telemetry keeps it). It hands on a storage.Queryable that joins the two, and
// the handler of /api/v1. What a query sees of a step function is described in
// docs/promql.md.
package promapi
