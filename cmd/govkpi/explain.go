package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// explainCommand is govkpi explain.
type explainCommand struct {
	where
	Indicator string `arg:"" help:"Indicator, by its id."`
	Region    string `arg:"" help:"Region, by code or name."`
	Period    string `help:"Period; without it, the newest that has a figure."`
	AsKnownAt string `help:"What was known on a day such as 2026-01-15, or at a time such as 2026-01-15T09:00:00+08:00." name:"as-known-at"`
	Language  string `help:"Language of the text: ${enum}." enum:"en,zh" default:"en"`
	Format    string `help:"Output: ${enum}." enum:"text,json" default:"text"`
}

// Run says where a figure comes from.
func (c *explainCommand) Run(env *environment) error {
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	document, err := reader.Explain(env.ctx, app.Question{Indicator: c.Indicator, Region: c.Region, Period: c.Period, AsKnownAt: c.AsKnownAt})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(env.stdout, document)
	}
	if notice := reader.Config.Site.Notice; notice.ZH != "" {
		env.say("%s %s\n", notice.ZH, notice.EN)
	}
	language, err := app.ParseLanguage(c.Language)
	if err != nil {
		return fmt.Errorf("--language: %w", err)
	}
	return document.WriteText(env.stdout, language)
}

// figuresListed says about which figures a command lists something.
type figuresListed struct {
	where
	Indicator string `help:"Only about this indicator."`
	Region    string `help:"Only about this region, by code or name."`
	Limit     int    `help:"At most so many; 0 is all." default:"50"`
	Format    string `help:"Output: ${enum}." enum:"table,json,csv" default:"table"`
}

// openFor opens the ledger and finds the region's code; the caller closes it.
func (l figuresListed) openFor(env *environment) (reader *app.Reader, region string, err error) {
	if reader, err = l.open(env); err != nil {
		return nil, "", err
	}
	if region, err = reader.RegionCode(l.Region); err != nil {
		return nil, "", errors.Join(err, reader.Close())
	}
	return reader, region, nil
}

// heldCommand is govkpi held.
type heldCommand struct {
	figuresListed
	All bool `help:"Also those that somebody has decided on."`
}

// Run lists held figures.
func (c *heldCommand) Run(env *environment) error {
	reader, region, err := c.openFor(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	held, err := reader.Store.Held(env.ctx, app.HeldQuery{Indicator: c.Indicator, Region: region, Waiting: !c.All, Limit: c.Limit})
	if err != nil {
		return err
	}
	if len(held) == 0 {
		env.warn("no held figures")
	}
	zone := reader.Config.Site.Zone
	if c.Format == "table" {
		for i := range held {
			h := &held[i]
			state := "waits"
			if !h.Waits() {
				state = string(h.Closing) + " " + millisMoment(h.Closed, zone)
			}
			env.say("%s\n    %s\n    %s", joined("  ", strconv.FormatInt(h.ID, 10), h.Indicator, h.Region, reader.RegionName(h.Region), string(h.Dimensions),
				h.Period.String(), "= "+number(h.Value), "run "+strconv.FormatInt(h.Run, 10), h.Place.String(), state), h.Reason.ZH, h.Reason.EN)
		}
		return nil
	}
	t := &table{
		header:  []string{"id", "indicator", "code", "name", "dimensions", "period", "value", "recorded", "run", "place", "stage", "reason_zh", "reason_en", "closing", "closed"},
		numbers: map[int]bool{0: true, 6: true, 8: true},
	}
	for i := range held {
		h := &held[i]
		t.add(strconv.FormatInt(h.ID, 10), h.Indicator, h.Region, reader.RegionName(h.Region), string(h.Dimensions), h.Period.String(), number(h.Value),
			millisMoment(h.Recorded, zone), strconv.FormatInt(h.Run, 10), h.Place.String(), h.Stage, h.Reason.ZH, h.Reason.EN, string(h.Closing), millisMoment(h.Closed, zone))
	}
	return t.print(env, c.Format)
}

// decisionsCommand is govkpi decisions.
type decisionsCommand struct{ figuresListed }

// Run lists what people decided.
func (c *decisionsCommand) Run(env *environment) error {
	reader, region, err := c.openFor(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	decisions, err := reader.Store.Decisions(env.ctx, app.DecisionQuery{Indicator: c.Indicator, Region: region, Limit: c.Limit})
	if err != nil {
		return err
	}
	zone := reader.Config.Site.Zone
	t := &table{
		header:  []string{"recorded", "action", "indicator", "code", "name", "dimensions", "period", "revision", "value", "overruled", "by", "reason", "run"},
		numbers: map[int]bool{7: true, 12: true},
	}
	for i := range decisions {
		d := &decisions[i]
		overruled := optional(d.Overruled)
		value, err := reader.DecidedValue(env.ctx, d)
		if err != nil {
			return err
		}
		t.add(millisMoment(d.Recorded, zone), string(d.Action), d.Indicator, d.Region, reader.RegionName(d.Region), string(d.Dimensions), d.Period.String(),
			strconv.Itoa(int(d.Revision)), optional(value), overruled, d.By, d.Reason, strconv.FormatInt(d.Run, 10))
	}
	return t.print(env, c.Format)
}

// optional writes a number that may be missing.
func optional(v fact.Optional) string {
	if !v.OK {
		return ""
	}
	return number(v.Value)
}

// ledgerExportCommand is govkpi ledger export.
type ledgerExportCommand struct {
	where
	Indicator    []string `help:"Only these indicators, by their ids." sep:","`
	From         string   `help:"Only periods that begin with this one or later."`
	To           string   `help:"Only periods that begin with this one or earlier."`
	AsKnownAt    string   `help:"As it was known on a day such as 2026-01-15, or at a time such as 2026-01-15T09:00:00+08:00." name:"as-known-at"`
	AllRevisions bool     `help:"Every revision with its origin; such a file can't be imported again." name:"all-revisions"`
	Format       string   `help:"Output: ${enum}." enum:"csv,openmetrics" default:"csv"`
	Output       string   `help:"File to write; without it, standard output." short:"o" type:"path"`
}

// Run writes figures to a file.
func (c *ledgerExportCommand) Run(env *environment) (err error) {
	selection := app.Selection{Indicators: c.Indicator, AllRevisions: c.AllRevisions, OpenMetrics: c.Format == "openmetrics"}
	if c.AllRevisions && selection.OpenMetrics {
		return fmt.Errorf("--all-revisions: OpenMetrics has no place for them; use --format csv")
	}
	for flag, text := range map[string]string{"--from": c.From, "--to": c.To} {
		if text == "" {
			continue
		}
		p, err := fact.ParsePeriod(text)
		if err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		if flag == "--from" {
			selection.From = p
		} else {
			selection.To = p
		}
	}
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	if selection.KnownBy, err = reader.Instant(c.AsKnownAt); err != nil {
		return fmt.Errorf("--as-known-at: %w", err)
	}
	out := env.stdout
	if c.Output != "" {
		file, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("write the figures: %w", err)
		}
		defer func() {
			if closed := file.Close(); err == nil && closed != nil {
				err = fmt.Errorf("write %s: %w", c.Output, closed)
			}
		}()
		out = file
	}
	n, err := reader.Export(env.ctx, out, selection)
	if err != nil {
		return err
	}
	env.warn("%d figures of %s", n, strings.TrimSpace(reader.Config.Site.Name.EN))
	return nil
}
