// Package lint holds Grafana boards to rules: what Grafana accepts in silence and
// then shows wrongly, or not at all.
//
// It reads finished boards as JSON, as a Grafana would, and the contract of
// docs/metrics.md as a list of families and labels; it hands on findings. Each
// rule is one file with its test and its page in docs/dashboards/lint. It asks
// no Grafana and no Prometheus, but parses queries with Prometheus' own parser.
package lint
