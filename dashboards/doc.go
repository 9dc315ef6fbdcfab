// Package dashboards turns the catalogue into Grafana boards.
//
// It reads the indicators, themes, regions and milestones of a configuration and
// hands on finished boards: JSON of Grafana's classic model, the same bytes for
// the same configuration. It talks to nobody; package grafana brings the boards
// to a Grafana, as files or over its API.
//
// A board is an sdk.Board whose panels are all of the sdk's custom kind: the
// sdk's own panels lack what Grafana has had since 2020 (fieldConfig, overrides,
// transformations) and write zero values that Grafana trips over. So options and
// fields are small structs of this package, and one last step, normalise, turns
// what the sdk writes into what Grafana reads today.
//
// Nothing here names an indicator: a board takes what the catalogue has, and a
// new indicator appears on every board that is about its theme, its county or
// all of them.
package dashboards
