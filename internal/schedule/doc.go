// Package schedule says when each collector runs, and runs it: on cron specs in
// the site's zone, never two runs of one collector at once, never more runs than
// agreed, again after a failure, and once for what was missed while the program
// was down.
//
// It reads specs and jobs of the configuration and hands triggers on to whatever
// runs a collector. Specs are parsed and computed by robfig/cron; the loop is
// our own, because a cron.Cron has no clock that could be injected, stepped or
// suspended. The rules, with examples, are in docs/schedule.md.
package schedule
