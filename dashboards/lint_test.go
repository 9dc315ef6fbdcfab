package dashboards_test

import (
	"testing"

	"github.com/govkpi/govkpi/dashboards"
	"github.com/govkpi/govkpi/dashboards/lint"
)

// What is generated keeps all rules, in both languages, with and without a map.
func TestBoardsKeepTheRules(t *testing.T) {
	for _, outlined := range []bool{true, false} {
		var boards [][]byte
		var contract lint.Contract
		for _, language := range []dashboards.Language{dashboards.Chinese, dashboards.English} {
			o := shipped(t, language)
			if !outlined {
				o.Outlines = dashboards.Outlines{}
			}
			contract = contractOf(o)
			for _, d := range generate(t, o) {
				boards = append(boards, d.JSON)
			}
		}
		findings, err := lint.Check(boards, contract)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			t.Error(f)
		}
	}
}

// contractOf is the contract of a catalogue.
func contractOf(o dashboards.Options) lint.Contract {
	var c lint.Contract
	for _, i := range o.Indicators {
		c.Indicators = append(c.Indicators, i.ID)
		for _, d := range i.Dimensions {
			c.Dimensions = append(c.Dimensions, d.Name)
		}
	}
	return c
}
