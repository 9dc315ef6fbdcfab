package main

import (
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
	Format    string `help:"Output: ${enum}." enum:"table,json,csv" default:"table"`
}

// Run prints the figures.
func (c *figuresCommand) Run(env *environment) error {
	period, err := fact.ParsePeriod(c.Period)
	if err != nil {
		return fmt.Errorf("--period: %w", err)
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
	totals, err := reader.Totals(env.ctx, c.Indicator, period, level)
	if err != nil {
		return err
	}
	if len(totals) == 0 {
		env.warn("the ledger has no figure of %s for %s", c.Indicator, period)
	}
	return c.print(env, reader, period, totals)
}

func (c *figuresCommand) print(env *environment, reader *app.Reader, period fact.Period, totals []app.Total) error {
	notice := reader.Config.Site.Notice
	switch c.Format {
	case "json":
		return writeJSON(env.stdout, c.document(notice, period, totals))
	case "csv":
		t := &table{header: []string{"code", "name", "period", "value", "of", "reported", "expected", "notice"}}
		for _, row := range totals {
			t.add(row.Region.Code, row.Region.Name, period.String(), number(row.Value), row.Of.String(),
				strconv.Itoa(row.Reported), strconv.Itoa(row.Expected), notice.EN)
		}
		return t.csv(env.stdout)
	}
	if notice.ZH != "" {
		env.say("%s %s", notice.ZH, notice.EN)
	}
	t := &table{header: []string{"code", "name", "period", "value", "of", "reported"}, numbers: map[int]bool{3: true}}
	for _, row := range totals {
		t.add(row.Region.Code, row.Region.Name, period.String(), number(row.Value), row.Of.String(), fmt.Sprintf("%d of %d", row.Reported, row.Expected))
	}
	return t.text(env.stdout)
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
}

func (c *figuresCommand) document(notice fact.Text, period fact.Period, totals []app.Total) figuresDocument {
	document := figuresDocument{Indicator: c.Indicator, Period: period.String(), Figures: []figureRow{}}
	if notice != (fact.Text{}) {
		document.Notice = &noticeObject{notice.ZH, notice.EN}
	}
	for _, row := range totals {
		document.Figures = append(document.Figures, figureRow{
			row.Region.Code, row.Region.Name, period.String(), row.Value, row.Of.String(), row.Reported, row.Expected,
		})
	}
	return document
}
