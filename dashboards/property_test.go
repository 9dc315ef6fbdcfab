package dashboards_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/dashboards"
	"github.com/govkpi/govkpi/dashboards/lint"
	"github.com/govkpi/govkpi/internal/fact"
)

// Whatever the catalogue gains, the boards show: on the wall of its theme, beside
// the others of a city and a county, on the board of all indicators and on that
// of coverage. And the boards still keep all rules.
func TestAnotherIndicatorAppearsEverywhere(t *testing.T) {
	o := tiny(t)
	rapid.Check(t, func(t *rapid.T) {
		theme := rapid.SampledFrom(o.Themes).Draw(t, "theme")
		added := fact.Indicator{
			ID: "new_" + rapid.StringMatching(`[a-z]{3,12}`).Draw(t, "id"), Theme: theme.ID,
			Title:      fact.Text{ZH: "新指标" + rapid.StringMatching(`[一-龥“”"'<>&$\\]{0,8}`).Draw(t, "title"), EN: "New"},
			Definition: fact.Text{ZH: rapid.String().Draw(t, "definition"), EN: "New"},
			Unit:       o.Indicators[0].Unit, Kind: fact.Stock,
			Direction: rapid.SampledFrom([]fact.Direction{fact.MoreIsBetter, fact.LessIsBetter}).Draw(t, "direction"),
			Levels:    []fact.Level{fact.County}, Cadence: fact.Monthly,
			RankBy: rapid.SampledFrom([]fact.RankBy{fact.RankByValue, fact.NotRanked}).Draw(t, "rank by"),
		}
		if rapid.Bool().Draw(t, "target") {
			added.Targets = []fact.Target{{Level: fact.County, Value: 1}}
		}
		with := o
		with.Indicators = slices.Insert(slices.Clone(o.Indicators), rapid.IntRange(0, len(o.Indicators)).Draw(t, "place"), added)
		all, err := dashboards.Generate(with)
		if err != nil {
			t.Fatal(err)
		}
		shows := map[string]bool{
			"govkpi-wall-" + theme.ID: true, "govkpi-city": true, "govkpi-county": true, "govkpi-indicator": true, "govkpi-health": true, "govkpi-lagging": true,
		}
		var boards [][]byte
		for _, d := range all {
			boards = append(boards, d.JSON)
			if shows[d.UID] && !bytes.Contains(d.JSON, []byte(added.ID)) {
				t.Errorf("%s does not show %s", d.UID, added.ID)
			}
			delete(shows, d.UID)
		}
		if len(shows) > 0 {
			t.Errorf("the boards %v were not made", shows)
		}
		findings, err := lint.Check(boards, contractOf(with))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			t.Error(f)
		}
	})
}

// A theme without indicators has no wall, and one with many has all of them on
// its wall.
func TestWallsOfThemes(t *testing.T) {
	o := tiny(t)
	for n := range 20 {
		more := o.Indicators[0]
		more.ID += "_" + strings.Repeat("x", n+1)
		o.Indicators = append(o.Indicators, more)
	}
	all := generate(t, o)
	at := slices.IndexFunc(all, func(d dashboards.Dashboard) bool { return d.UID == "govkpi-wall-co-governance" })
	if at < 0 {
		t.Fatal("the theme has no wall")
	}
	for _, i := range o.Indicators {
		if !bytes.Contains(all[at].JSON, []byte(`indicator=\"`+i.ID+`\"`)) {
			t.Errorf("the wall does not show %s", i.ID)
		}
	}
	if slices.ContainsFunc(all, func(d dashboards.Dashboard) bool { return d.UID == "govkpi-wall-empty" }) {
		t.Error("a theme without indicators has a wall")
	}
	var boards [][]byte
	for _, d := range all {
		boards = append(boards, d.JSON)
	}
	findings, err := lint.Check(boards, contractOf(o))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// All boards of both languages are to be made within 200 ms.
func BenchmarkGenerate(b *testing.B) {
	zh, en := shipped(b, dashboards.Chinese), shipped(b, dashboards.English)
	for b.Loop() {
		generate(b, zh)
		generate(b, en)
	}
}
