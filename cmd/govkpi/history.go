package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// runsCommand is govkpi runs.
type runsCommand struct {
	where
	Collector string `help:"Only this collector's runs."`
	Limit     int    `help:"At most so many; 0 is all." default:"20"`
	Format    string `help:"Output: ${enum}." enum:"table,json,csv" default:"table"`
}

// Run lists the runs.
func (c *runsCommand) Run(env *environment) error {
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	runs, err := reader.Store.Runs(env.ctx, app.RunQuery{Collector: c.Collector, Limit: c.Limit})
	if err != nil {
		return err
	}
	zone := reader.Config.Site.Zone
	t := &table{
		header:  []string{"run", "collector", "scheduled", "start", "end", "outcome", "attempt", "rows", "accepted", "changed", "rejected", "held", "origin", "by", "reason", "error"},
		numbers: map[int]bool{0: true, 6: true, 7: true, 8: true, 9: true, 10: true, 11: true},
	}
	for _, r := range runs {
		t.add(strconv.FormatInt(r.ID, 10), r.Collector, moment(r.Scheduled, zone), moment(r.Start, zone), moment(r.End, zone), string(r.Outcome),
			strconv.Itoa(r.Attempt), strconv.Itoa(r.Rows), strconv.Itoa(r.Accepted), strconv.Itoa(r.Changed), strconv.Itoa(r.Rejected), strconv.Itoa(r.Held),
			r.Origin.String(), r.By, r.Reason, r.Error)
	}
	return t.print(env, c.Format)
}

// targetsCommand is govkpi targets.
type targetsCommand struct {
	where
	OfRun  int64  `arg:"" name:"run" help:"Run, by its number in govkpi runs."`
	Failed bool   `help:"Only targets that failed."`
	Format string `help:"Output: ${enum}." enum:"table,json,csv" default:"table"`
}

// Run lists how a run went for each of its targets.
func (c *targetsCommand) Run(env *environment) error {
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	targets, err := reader.Store.Targets(env.ctx, c.OfRun)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return fmt.Errorf("run %d has no targets: govkpi runs lists the runs there are; those of collectors with for_each have some", c.OfRun)
	}
	zone := reader.Config.Site.Zone
	t := &table{
		header:  []string{"target", "name", "start", "end", "outcome", "attempts", "rows", "accepted", "changed", "rejected", "error"},
		numbers: map[int]bool{5: true, 6: true, 7: true, 8: true, 9: true},
	}
	for _, r := range targets {
		if c.Failed && r.Outcome == fact.Succeeded {
			continue
		}
		t.add(r.Target, reader.RegionName(r.Target), moment(r.Start, zone), moment(r.End, zone), string(r.Outcome), strconv.Itoa(r.Attempts),
			strconv.Itoa(r.Rows), strconv.Itoa(r.Accepted), strconv.Itoa(r.Changed), strconv.Itoa(r.Rejected), r.Error)
	}
	return t.print(env, c.Format)
}

// rejectionsCommand is govkpi rejections.
type rejectionsCommand struct {
	where
	Collector string `help:"Only this collector's rejections."`
	OfRun     int64  `help:"Only this run's." name:"run"`
	All       bool   `help:"Those of every run that are still kept, not only of each collector's last."`
	Limit     int    `help:"At most so many; 0 is all." default:"50"`
	Format    string `help:"Output: ${enum}." enum:"table,json,csv" default:"table"`
}

// Run lists the rejections.
func (c *rejectionsCommand) Run(env *environment) error {
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	query := app.RejectionQuery{Collector: c.Collector, Run: c.OfRun, LastFinished: !c.All && c.OfRun == 0}
	if c.Limit > 0 {
		query.Limit = c.Limit + 1 // one more tells that there are more
	}
	rejections, err := reader.Store.Rejections(env.ctx, query)
	if err != nil {
		return err
	}
	switch {
	case len(rejections) == 0:
		env.warn("no rejections")
	case c.Limit > 0 && len(rejections) > c.Limit:
		rejections = rejections[:c.Limit]
		env.warn("there are more rejections than these %d: --limit 0 shows all", c.Limit)
	}
	zone := reader.Config.Site.Zone
	if c.Format == "table" {
		printRejections(env, rejections, zone)
		return nil
	}
	t := &table{header: []string{"recorded", "collector", "run", "target", "place", "indicator", "region", "period", "value", "stage", "reason_zh", "reason_en"}, numbers: map[int]bool{2: true}}
	for _, r := range rejections {
		t.add(moment(r.Recorded, zone), r.Collector, strconv.FormatInt(r.Run, 10), r.Target, r.Reading.Place.String(), r.Reading.Indicator,
			r.Reading.Region, writtenPeriod(r.Reading), r.Reading.Value.String(), r.Stage, r.Reason.ZH, r.Reason.EN)
	}
	return t.print(env, c.Format)
}

// printRejections writes each as a few lines: reasons are sentences, and a table
// of them fits no terminal.
func printRejections(env *environment, rejections []fact.Rejection, zone *time.Location) {
	for _, r := range rejections {
		where := joined("  ", moment(r.Recorded, zone), r.Collector, "run "+strconv.FormatInt(r.Run, 10), r.Target, r.Reading.Place.String())
		env.say("%s\n    %s\n    %s\n    %s", where, joined("  ", app.RejectedReading(r.Reading), "refused by "+r.Stage), r.Reason.ZH, r.Reason.EN)
	}
}

// joined joins what is not empty.
func joined(separator string, words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), separator)
}

func writtenPeriod(r fact.Reading) string {
	switch {
	case r.LastEnded:
		return "last ended"
	case r.Date != "":
		return r.Date
	}
	return r.Period
}

// moment writes a time in the site's zone; no time is empty.
func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// millisMoment does so for a time in milliseconds since the Unix epoch.
func millisMoment(t int64, zone *time.Location) string {
	if t == 0 {
		return ""
	}
	return moment(time.UnixMilli(t), zone)
}

// print writes the table in the format; in JSON every row is an object of its
// columns.
func (t *table) print(env *environment, format string) error {
	switch format {
	case "csv":
		return t.csv(env.stdout)
	case "json":
		objects := make([]map[string]any, 0, len(t.rows))
		for _, row := range t.rows {
			object := map[string]any{}
			for i, cell := range row {
				object[t.header[i]] = cell
				if t.numbers[i] {
					object[t.header[i]] = json.Number(cell)
				}
			}
			objects = append(objects, object)
		}
		return writeJSON(env.stdout, objects)
	}
	return t.text(env.stdout)
}
