package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// figuresCommand is govkpi figures.
type figuresCommand struct {
	where
	Indicator string `help:"Indicator, by its id." required:""`
	Period    string `help:"Period: 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52 or 2025-12-31." required:""`
	By        string `help:"Add up by province, city, county, township or village; without it, the reporting regions." enum:"province,city,county,township,village," default:""`
	AsItWas   bool   `help:"The reporting regions under the codes and names that they had in the period, not as part of today's." name:"as-it-was"`
	AsKnownAt string `help:"As it was known on a day such as 2026-01-15, or at a time such as 2026-01-15T09:00:00+08:00." name:"as-known-at"`
	Format    string `help:"Output: ${enum}." enum:"table,json,csv" default:"table"`
}

// Run prints the figures.
func (c *figuresCommand) Run(env *environment) error {
	period, err := fact.ParsePeriod(c.Period)
	if err != nil {
		return fmt.Errorf("--period: %w", err)
	}
	if c.By != "" && c.AsItWas {
		return errors.New("--as-it-was lists the reporting regions of the time; it does not go with --by")
	}
	var level fact.Level
	if c.By != "" {
		if level, err = fact.ParseLevel(c.By); err != nil {
			return fmt.Errorf("--by: %w", err)
		}
	}
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	known, err := reader.Instant(c.AsKnownAt)
	if err != nil {
		return fmt.Errorf("--as-known-at: %w", err)
	}
	query := app.TotalsQuery{Indicator: c.Indicator, Period: period, Level: level, AsItWas: c.AsItWas, KnownBy: known}
	totals, err := reader.Totals(env.ctx, query)
	if err != nil {
		return err
	}
	states, err := reader.States(env.ctx, query)
	if err != nil {
		return err
	}
	if len(totals) == 0 {
		env.warn("the ledger has no figure of %s for %s", c.Indicator, period)
	}
	return c.print(env, reader, period, totals, states)
}

func (c *figuresCommand) print(env *environment, reader *app.Reader, period fact.Period, totals []app.Total, states map[string]app.FigureState) error {
	notice := reader.Config.Site.Notice
	switch c.Format {
	case "json":
		return writeJSON(env.stdout, c.document(notice, period, totals, states))
	case "csv":
		t := &table{header: []string{"code", "name", "period", "value", "of", "reported", "expected", "policy", "carried", "compared", "state", "revision", "notice"}}
		for _, row := range totals {
			t.add(row.Region.Code, row.Region.Name, period.String(), number(row.Value), row.Of.String(),
				strconv.Itoa(row.Reported), strconv.Itoa(row.Expected), row.Policy.String(), strconv.Itoa(row.Carried), strconv.Itoa(row.Compared), stateOf(states, row), revisionOf(states, row), notice.EN)
		}
		return t.csv(env.stdout)
	}
	if notice.ZH != "" {
		env.say("%s %s", notice.ZH, notice.EN)
	}
	t := &table{header: []string{"code", "name", "period", "value", "of", "reported", "state", "revision"}, numbers: map[int]bool{3: true, 7: true}}
	for _, row := range totals {
		t.add(row.Region.Code, row.Region.Name, period.String(), number(row.Value), row.Of.String(), coverage(row), stateOf(states, row), revisionOf(states, row))
	}
	if states == nil { // they are of single figures only
		t.cut(6)
	}
	if len(totals) > 0 && c.By != "" {
		defer env.say("Regions that have not reported: policy %s.", totals[0].Policy)
	}
	return t.text(env.stdout)
}

// stateOf is that of a single figure; empty of what was put together.
func stateOf(states map[string]app.FigureState, t app.Total) string {
	if s, ok := states[t.Region.Code]; ok {
		return s.State.String()
	}
	return ""
}

func revisionOf(states map[string]app.FigureState, t app.Total) string {
	if s, ok := states[t.Region.Code]; ok {
		return strconv.Itoa(int(s.Revision))
	}
	return ""
}

// coverage says how many regions are in a total, and how.
func coverage(t app.Total) string {
	text := fmt.Sprintf("%d of %d", t.Reported, t.Expected)
	switch t.Policy {
	case fact.CarryForward:
		text += fmt.Sprintf(", %d carried", t.Carried)
	case fact.LikeForLike: // these alone are in the value
		text = fmt.Sprintf("%d of %d compared, %d reported", t.Compared, t.Expected, t.Reported)
	case fact.LeaveOut:
	}
	return text
}

// number writes a figure as short as it can be read back.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// figuresDocument is the JSON form.
type figuresDocument struct {
	Indicator string        `json:"indicator"`
	Period    string        `json:"period"`
	Notice    *noticeObject `json:"notice,omitempty"`
	Figures   []figureRow   `json:"figures"`
}

type noticeObject struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

type figureRow struct {
	Code     string  `json:"code"`
	Name     string  `json:"name"`
	Period   string  `json:"period"`
	Value    float64 `json:"value"`
	Of       string  `json:"of"`
	Reported int     `json:"reported"`
	Expected int     `json:"expected"`
	Policy   string  `json:"policy"`
	Carried  int     `json:"carried"`
	Compared int     `json:"compared"`
	State    string  `json:"state,omitempty"`
	Revision int32   `json:"revision,omitempty"`
}

func (c *figuresCommand) document(notice fact.Text, period fact.Period, totals []app.Total, states map[string]app.FigureState) figuresDocument {
	document := figuresDocument{Indicator: c.Indicator, Period: period.String(), Figures: []figureRow{}}
	if notice != (fact.Text{}) {
		document.Notice = &noticeObject{notice.ZH, notice.EN}
	}
	for _, row := range totals {
		document.Figures = append(document.Figures, figureRow{
			row.Region.Code, row.Region.Name, period.String(), row.Value, row.Of.String(), row.Reported, row.Expected,
			row.Policy.String(), row.Carried, row.Compared,
			stateOf(states, row), states[row.Region.Code].Revision,
		})
	}
	return document
}
