// Package rules makes Prometheus alert rules of the catalogue and the alerting
// policy, evaluates them and sends the alerts that they raise.
//
// It reads a Site: indicators, regions, calendar and policy. It hands on rule
// files that any Prometheus loads (Generate, Write), a Manager that evaluates the
// same groups on whatever storage.Queryable it is given and sends firing alerts
// to Alertmanagers and to a function, and a back-test of them over the past.
//
// Every kind of alert is one file here and one page in docs/alerts. Expressions
// use the families of docs/metrics.md only. What they attach to an alert for its
// texts alone (target, rank and the like) travels as labels of the result, made
// by count_values; the rule then sets these labels to nothing, so that no number
// becomes part of an alert's identity. So a text costs no query of its own.
package rules
