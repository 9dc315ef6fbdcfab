package collectors_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
)

// readLayout reads a layout as a kind does.
func readLayout(t *testing.T, text string, rules collectors.LayoutRules) (collectors.Layout, error) {
	t.Helper()
	var block struct {
		Period    string                    `yaml:"period,omitempty"`
		Indicator string                    `yaml:"indicator,omitempty"`
		Columns   collectors.ColumnsBlock   `yaml:"columns,omitempty"`
		Register  *collectors.RegisterBlock `yaml:"register,omitempty"`
		Totals    []string                  `yaml:"totals,omitempty"`
	}
	options := collectorstest.NewBlock(t, text, nil)
	if err := options.Decode(&block); err != nil {
		t.Fatal(err)
	}
	f := &collectors.Faults{Options: options}
	layout := collectors.ReadLayout(f, &collectors.LayoutBlock{
		Period: block.Period, Indicator: block.Indicator, Columns: block.Columns, Register: block.Register, Totals: block.Totals,
	}, rules)
	return layout, f.Err()
}

func TestReadLayout(t *testing.T) {
	tests := map[string]struct {
		text  string
		rules collectors.LayoutRules
		want  collectors.Layout
	}{
		"long form, of one indicator": {
			text: "{indicator: grids, columns: {region: code, period: month, value: amount}}",
			want: collectors.Layout{Region: "code", Period: "month", Fixed: "grids", Value: "amount"},
		},
		"long form, each row of its own": {
			text: "columns: {region: code, within: [county, city], date: day, indicator: item, value: amount, dimensions: {sex: s, age: a}}",
			want: collectors.Layout{
				Region: "code", Within: []string{"county", "city"}, Date: "day", Indicator: "item", Value: "amount",
				Dimensions: map[string]string{"sex": "s", "age": "a"},
			},
		},
		"wide form": {
			text: "{period: last_ended, columns: {region: code, figures: {a: grids, b: homes}}, totals: [合计, 总计]}",
			want: collectors.Layout{
				Region: "code", LastEnded: true, Figures: map[string]string{"a": "grids", "b": "homes"}, Totals: []string{"合计", "总计"},
			},
		},
		"of the target": {
			text:  "{indicator: grids, columns: {period: month, value: amount}}",
			rules: collectors.LayoutRules{FanOut: true},
			want:  collectors.Layout{Period: "month", Fixed: "grids", Value: "amount"},
		},
		"of regions below the target": {
			text:  "{indicator: grids, columns: {region: town, period: month, value: amount}, totals: [合计]}",
			rules: collectors.LayoutRules{FanOut: true},
			want:  collectors.Layout{Region: "town", Period: "month", Fixed: "grids", Value: "amount", Totals: []string{"合计"}},
		},
		"period from elsewhere": {
			text:  "{indicator: grids, columns: {region: code, value: amount}}",
			rules: collectors.LayoutRules{PeriodElsewhere: true},
			want:  collectors.Layout{Region: "code", Fixed: "grids", Value: "amount"},
		},
		"register": {
			text: "register: {code: code, name: title, parent: above, level_column: rank}",
			want: collectors.Layout{Register: &collectors.RegisterLayout{Code: "code", Name: "title", Parent: "above", LevelColumn: "rank"}},
		},
		"register of one level": {
			text:  "register: {code: code, level: grid}",
			rules: collectors.LayoutRules{FanOut: true, PeriodElsewhere: true},
			want:  collectors.Layout{Register: &collectors.RegisterLayout{Code: "code", Level: "grid"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readLayout(t, test.text, test.rules)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("layout (-want +got):\n%s", diff)
			}
		})
	}
}

const soundLayout = "indicator: grids\ncolumns:\n  region: code\n  period: month\n  value: amount\n"

// without drops the lines of soundLayout that begin with one of the keys.
func without(keys ...string) string {
	var kept []string
	for line := range strings.Lines(soundLayout) {
		drop := false
		for _, key := range keys {
			drop = drop || strings.HasPrefix(strings.TrimSpace(line), key+":")
		}
		if !drop {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// refusal is a block and what is said of it, each with line and column.
type refusal struct {
	text  string
	rules collectors.LayoutRules
	want  []string
}

func (r *refusal) run(t *testing.T) {
	_, err := readLayout(t, r.text, r.rules)
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(r.want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReadLayoutRefusesColumns(t *testing.T) {
	const periods = "the period comes from more than one place: keep one of columns.period, columns.date and period: last_ended"
	tests := map[string]refusal{
		"no region":       {text: without("region"), want: []string{"3:3: columns.region is missing: name the column that holds the region's code or name"}},
		"no period":       {text: without("period"), want: []string{"3:3: the period is missing: name the column in columns.period or columns.date, or write period: last_ended"}},
		"period and date": {text: soundLayout + "  date: day\n", want: []string{"6:9: " + periods}},
		"period twice":    {text: soundLayout + "period: last_ended\n", want: []string{"6:9: " + periods}},
		"period thrice":   {text: soundLayout + "  date: day\nperiod: last_ended\n", want: []string{"7:9: " + periods}},
		"period of another kind": {text: without("period") + "period: this_month\n",
			want: []string{`5:9: period: "this_month" is unknown: there is last_ended, for sources without a column of the period or date`}},
		"period from elsewhere, and twice more": {text: soundLayout + "  date: day\n", rules: collectors.LayoutRules{PeriodElsewhere: true},
			want: []string{"6:9: " + periods}},

		"no figure": {text: without("value"),
			want: []string{"3:3: neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators"}},
		"both forms": {text: soundLayout + "  figures: {a: b}\n",
			want: []string{"6:12: columns.value and columns.figures are both given: value is for rows of one figure each, figures for rows of several"}},
		"no indicator": {text: without("indicator"),
			want: []string{"4:10: it isn't said which indicator columns.value is of: give indicator, or columns.indicator with the column that names it"}},
		"two indicators": {text: soundLayout + "  indicator: item\n",
			want: []string{"1:12: indicator and columns.indicator are both given: keep indicator where all rows are of one, columns.indicator where each row names its own"}},
		"wide form with indicators": {text: without("value") + "  indicator: item\n  figures: {a: b}\n",
			want: []string{"1:12: indicator is given, but columns.figures names the indicators: remove it",
				"5:14: columns.indicator is given, but columns.figures names the indicators: remove it"}},
		"figures": {text: without("value", "indicator") + "  figures:\n    a: grids\n    b: \"\"\n    c: grids\n    \"\": homes\n",
			want: []string{`6:8: columns.figures: column "b" has no indicator`, `7:8: columns.figures: columns "a" and "c" are both of indicator grids`,
				"5:5: columns.figures has an empty name of a column"}},

		"empty names": {text: soundLayout + "  within: [\"\"]\n  dimensions: {sex: \"\"}\n",
			want: []string{"6:11: columns.within has an empty name of a column", `7:15: columns.dimensions: "sex": "" names no dimension or no column`}},
		"a dimension without name": {text: soundLayout + "  dimensions: {\"\": s}\n",
			want: []string{`6:15: columns.dimensions: "": "s" names no dimension or no column`}},
		"a column for two things": {text: soundLayout + "  within: [city, Code]\n  dimensions: {sex: AMOUNT}\n",
			want: []string{`6:11: column "Code" is used twice, for columns.region and for columns.within`,
				`7:21: column "AMOUNT" is used twice, for columns.value and for columns.dimensions.sex`}},
		"a column for two figures": {text: without("value", "indicator") + "  figures: {a: grids, A: homes}\n",
			want: []string{`4:16: column "a" is used twice, for columns.figures.A and for columns.figures.a`}},

		"totals of rows without region": {text: without("region") + "totals: [合计]\n", rules: collectors.LayoutRules{FanOut: true},
			want: []string{"5:9: totals is given without columns.region: it says what stands in that column where a row is a total"}},
		"an empty total": {text: soundLayout + "totals: [合计, \"\"]\n", want: []string{"6:9: totals has an empty text"}},

		"nothing": {text: "{}",
			want: []string{"1:1: columns.region is missing: name the column that holds the region's code or name",
				"1:1: the period is missing: name the column in columns.period or columns.date, or write period: last_ended",
				"1:1: neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators"}},
	}
	for name, test := range tests {
		t.Run(name, test.run)
	}
}

func TestReadLayoutRefusesRegisters(t *testing.T) {
	beside := func(key string) string {
		return key + " is given beside register: a collector delivers figures or a register of regions"
	}
	tests := map[string]refusal{
		"with figures": {text: soundLayout + "register: {code: id}\n", want: []string{"3:3: " + beside("columns"), "1:12: " + beside("indicator")}},
		"with all there is": {text: "register: {code: id}\nperiod: last_ended\ntotals: [合计]\ncolumns: {within: [a]}\n",
			want: []string{"4:10: " + beside("columns"), "2:9: " + beside("period"), "3:9: " + beside("totals")}},
		"without code": {text: "register: {name: title}", want: []string{"1:11: register.code is missing: name the column that holds the region's code"}},
		"empty":        {text: "register: {}", want: []string{"1:11: register.code is missing: name the column that holds the region's code"}},
		"two levels": {text: "register:\n  code: id\n  level: grid\n  level_column: rank\n",
			want: []string{"4:17: register.level and register.level_column are both given: keep level where all rows are of one level"}},
		"unknown level": {text: "register: {code: id, level: street}",
			want: []string{`1:29: register.level: unknown level "street": expected province, city, county, township, village or grid`}},
		"a column for two things": {text: "register: {code: id, name: ID, parent: above, level_column: ABOVE}",
			want: []string{`1:28: column "ID" is used twice, for register.code and for register.name`,
				`1:61: column "ABOVE" is used twice, for register.parent and for register.level_column`}},
	}
	for name, test := range tests {
		t.Run(name, test.run)
	}
	// A single column of any use is one of figures.
	for _, columns := range []string{"region: a", "within: [a]", "period: a", "date: a", "indicator: a", "value: a", "figures: {a: b}", "dimensions: {a: b}"} {
		t.Run(columns, (&refusal{
			text: "{register: {code: id}, columns: {" + columns + "}}",
			want: []string{"1:33: " + beside("columns")},
		}).run)
	}
}

func TestLayoutChecksIndicators(t *testing.T) {
	rules := collectors.LayoutRules{Indicator: func(id string) error {
		if id == "grids" {
			return nil
		}
		return errors.New("the catalogue has no " + id)
	}}
	for options, want := range map[string]string{
		"indicator: grids\ncolumns: {region: r, period: p, value: v}":              "",
		"indicator: grid\ncolumns: {region: r, period: p, value: v}":               "1:12: indicator: the catalogue has no grid",
		"columns: {region: r, period: p, figures: {a: grids, b: staff, c: teams}}": "1:56: columns.figures.b: the catalogue has no staff\n1:66: columns.figures.c: the catalogue has no teams",
		"columns: {region: r, period: p, indicator: i, value: v}":                  "",
		"columns: {region: r, period: p, figures: {a: grids, b: grids}}":           `1:56: columns.figures: columns "a" and "b" are both of indicator grids`,
	} {
		f := &collectors.Faults{Options: collectorstest.NewBlock(t, options, nil)}
		var block struct {
			Indicator string                  `yaml:"indicator"`
			Columns   collectors.ColumnsBlock `yaml:"columns"`
		}
		if err := f.Options.Decode(&block); err != nil {
			t.Fatal(err)
		}
		collectors.ReadLayout(f, &collectors.LayoutBlock{Indicator: block.Indicator, Columns: block.Columns}, rules)
		got := ""
		if err := f.Err(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: faults %q, want %q", options, got, want)
		}
	}
}
