package explain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/explain"
	"github.com/govkpi/govkpi/internal/fact"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestStories(t *testing.T) {
	for name, story := range map[string]struct {
		world                      func(testing.TB) *world
		indicator, region, of, day string
	}{
		"ordinary":           {ordinary, "grids", "余江区", "", ""},
		"a month before":     {ordinary, "grids", "余江区", "2025-11", ""},
		"late":               {ordinary, "grids", "360602", "", ""},
		"carried":            {ordinary, "grids", "贵溪市", "2025-12", ""},
		"never reported":     {refused, "grids", "360102", "", ""},
		"many rejections":    {crowded, "grids", "360102", "", ""},
		"not due yet":        {ordinary, "grids", "360603", "2026-01", ""},
		"province":           {ordinary, "grids", "江西省", "", ""},
		"held":               {decisions, "elder_meals", "360603", "", ""},
		"provisional":        {decisions, "elder_meals", "360603", "2025-11", ""},
		"corrected":          {decisions, "elder_meals", "360602", "", ""},
		"before it was":      {decisions, "elder_meals", "360602", "", "2026-01-10 00:00"},
		"history, old code":  {past, "grids", "余江县", "2024-03", ""},
		"import, dimensions": {past, "forms", "360603", "", ""},
		"ratio":              {ratio, "full_time_share", "360603", "", ""},
		"ratio, one part":    {ratio, "full_time_share", "360681", "", ""},
		"ratio of a city":    {ratio, "full_time_share", "鹰潭市", "", ""},
		"nothing at all":     {ordinary, "visits", "360000", "", ""},
		"like for like":      {decisions, "elder_meals", "鹰潭市", "", ""},
		"released":           {decisions, "elder_meals", "360681", "", ""},
		"merged":             {past, "grids", "高新区", "", ""},
		"merged, by code":    {past, "grids", "360699", "2024-06", ""},
		"merged, of before":  {past, "grids", "高新区", "2024-03", ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := explain.Question{Indicator: story.indicator, Region: story.region}
			if story.of != "" {
				q.Period = period(t, story.of)
			}
			if story.day != "" {
				q.AsKnownAt = at(t, story.day)
			}
			document, err := story.world(t).explainer().Explain(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			file := strings.NewReplacer(",", "", " ", "-").Replace(name)
			for language, extension := range map[explain.Language]string{explain.English: ".txt", explain.Chinese: ".zh.txt"} {
				var said bytes.Buffer
				if err := document.WriteText(&said, language); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(said.String(), "%!") {
					t.Errorf("a phrase does not fit what it is given:\n%s", &said)
				}
				golden(t, file+extension, said.Bytes())
			}
			encoded, err := json.MarshalIndent(document, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, file+".json", append(encoded, '\n'))
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); difference != "" {
		t.Errorf("%s (-want +got):\n%s", name, difference)
	}
}

func TestWhatRanksGoBy(t *testing.T) {
	for by, want := range map[fact.RankBy]string{
		fact.RankByValue: "(按 2025-12 的 1234)", fact.RankByAttainment: "(按 2025-12 的 123400.0%)",
		fact.RankPerVillage: "(按 2025-12 的每村 1234)", fact.RankPerTenThousandPeople: "(按 2025-12 的每万人 1234)",
	} {
		w := ordinary(t)
		w.indicators[0].RankBy = by
		document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603"})
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		blank := strings.NewReplacer(" ", "", "（", "(", "）", ")")
		if err := document.WriteText(&said, explain.Chinese); err != nil || !strings.Contains(blank.Replace(said.String()), blank.Replace(want)) {
			t.Errorf("%v; it does not say %q:\n%s", err, want, &said)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		question explain.Question
		zh, en   string // parts of the reason
	}{
		"an unknown indicator": {explain.Question{Indicator: "grid", Region: "360603"}, "没有指标“grid”；现有指标：elder_meals、", `no indicator "grid" in the catalogue; there are elder_meals, forms, `},
		"an unknown region":    {explain.Question{Indicator: "grids", Region: "无此地"}, "没有名称或代码为“无此地”的地区；同名的地区请在前面写上所在的市", `no region has the name or code "无此地"; where several regions have one name, write the city before it`},
		"two of one name":      {explain.Question{Indicator: "visits", Region: "城关镇"}, "“城关镇”可能指", `"城关镇" may be`},
		"a region too low":     {explain.Question{Indicator: "grids", Region: "邓埠镇"}, "乡级", "is of level township"},
		"another cadence":      {explain.Question{Indicator: "grids", Region: "360603", Period: period(t, "2025")}, "没有 2025 的数", "grids has a figure a month, so none for 2025: ask for one such as 2025-12"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ordinary(t).explainer().Explain(t.Context(), c.question)
			refusal, ok := errors.AsType[*explain.Refusal](err)
			if !ok {
				t.Fatalf("error %v, want a refusal", err)
			}
			if reason := refusal.Explain(); !strings.Contains(reason.ZH, c.zh) || !strings.Contains(reason.EN, c.en) {
				t.Errorf("it is refused by %+v, want %q and %q", reason, c.zh, c.en)
			}
		})
	}
}

func TestALedgerThatFails(t *testing.T) {
	w := ordinary(t)
	w.err = errors.New("disk on fire")
	_, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603"})
	if !errors.Is(err, w.err) || !strings.Contains(err.Error(), "explain grids of 360603") {
		t.Errorf("error %v, want one that wraps %v and says of what", err, w.err)
	}
}

func TestAWriterThatFails(t *testing.T) {
	document, err := ordinary(t).explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603"})
	if err != nil {
		t.Fatal(err)
	}
	full := &fullDisk{}
	if err := document.WriteText(full, explain.Chinese); !errors.Is(err, errFull) || full.writes != 1 {
		t.Errorf("error %v after %d writes, want %v after the first", err, full.writes, errFull)
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{ writes int }

func (d *fullDisk) Write([]byte) (int, error) {
	d.writes++
	return 0, errFull
}

// What a period's figure is expected from decides whether it can be late.
func TestExpectedFrom(t *testing.T) {
	for name, c := range map[string]struct {
		from  string
		since string
		want  explain.Verdict
	}{
		"from long before":               {"", "2024-02-10 00:00", explain.Late},
		"from nobody knows when":         {"", "", explain.NotExpected},
		"from that year on":              {"2025", "", explain.Late},
		"from the next year on":          {"2026", "", explain.NotExpected},
		"from that period on":            {"2025-12", "", explain.Late},
		"from a later one on":            {"2026-01", "", explain.NotExpected},
		"accepted before its end":        {"", "2025-12-31 23:59", explain.Late},
		"accepted at its end":            {"", "2026-01-01 00:00", explain.NotExpected},
		"the indicator's goes before it": {"2025-12", "2026-01-02 00:00", explain.Late},
		"due before the ledger began":    {"2025-12", "2026-01-15 00:00", explain.NotKnown},
	} {
		t.Run(name, func(t *testing.T) {
			w := ordinary(t)
			if c.from != "" {
				w.indicators[0].ExpectedFrom = period(t, c.from)
			}
			o := w.explainer().Options
			o.Since = time.Time{}
			if c.since != "" {
				o.Since = at(t, c.since)
			}
			document, err := explain.New(o).Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360602"})
			if err != nil {
				t.Fatal(err)
			}
			if got := document.Collected[0].Timeliness.Verdict; got != c.want {
				t.Errorf("verdict %s, want %s", got, c.want)
			}
		})
	}
}

func TestAYearBefore(t *testing.T) {
	for of, want := range map[string]string{
		"2025-12": "2024-12", "2025-Q4": "2024-Q4", "2025-H1": "2024-H1", "2025": "2024",
		"2025-12-31": "2024-12-31", "2024-02-29": "", "2025-W01": "2024-W01", "2026-W53": "",
	} {
		t.Run(of, func(t *testing.T) {
			w := ordinary(t)
			now := period(t, of)
			w.indicators[0].Cadence = now.Cadence()
			w.provenances = nil
			w.came("grids", "360603", "2025-12", 5, "2026-01-05 09:00").Period = now
			if want != "" {
				w.came("grids", "360603", "2025-12", 4, "2025-01-05 09:00").Period = period(t, want)
			} else { // what a careless sum would take for it
				w.came("grids", "360603", "2025-12", 4, "2025-01-05 09:00").Period = fact.PeriodAt(now.Start(time.UTC).AddDate(-1, 0, 0), now.Cadence())
			}
			document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603", Period: now})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if ago := document.Standing.YearAgo; ago != nil {
				got = ago.Period
			}
			if got != want {
				t.Errorf("a year before %s is %q, want %q", of, got, want)
			}
		})
	}
}

// What a region said under an old code is its own, and what became a part of it
// is added: alone and in the sums of the regions above.
func TestRecast(t *testing.T) {
	for name, c := range map[string]struct {
		codes []string // that reported 100, 200 and so on, one after the other
		want  float64
	}{
		"an old code":               {[]string{"360622"}, 100},
		"both codes, today's later": {[]string{"360622", "360603"}, 200},
		"both codes, the old later": {[]string{"360603", "360622"}, 200},
		"a part":                    {[]string{"360699"}, 100},
		"the region and a part":     {[]string{"360603", "360699"}, 300},
		"all of them":               {[]string{"360603", "360699", "360622"}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			w := ordinary(t)
			w.provenances = nil
			for i, code := range c.codes {
				w.came("grids", code, "2025-12", float64(100*(i+1)), fmt.Sprintf("2026-01-05 09:%02d", i))
			}
			for i := range w.rollups["grids"] {
				w.rollups["grids"][i].Value = fact.Some(c.want)
			}
			county, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603"})
			if err != nil {
				t.Fatal(err)
			}
			province, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360000"})
			if err != nil {
				t.Fatal(err)
			}
			if county.Value == nil || *county.Value != c.want || len(county.Collected[0].Figures) != len(c.codes) {
				t.Errorf("the county has %+v, want %v of %d codes", county.Collected, c.want, len(c.codes))
			}
			if largest := province.Whole.Largest; len(largest) != 1 || largest[0].Value != c.want || *largest[0].Share != 1 {
				t.Errorf("the province is made of %+v, want %v", largest, c.want)
			}
		})
	}
}

func TestMoreRejectionsThanAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		of   string
		want string
	}{
		"of the period":  {"2025-12", "… and at least 1980 more"},
		"of another one": {"2025-11", "… and perhaps older ones"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ordinary(t)
			for range 3000 {
				w.rejections = append(w.rejections, fact.Rejection{Reading: fact.Reading{Indicator: "grids", Region: "360102", Date: c.of + "-30"}, Recorded: at(t, "2026-01-08 09:00")})
			}
			document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360102", Period: period(t, "2025-12")})
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			if err := document.WriteText(&said, explain.English); err != nil || !strings.Contains(said.String(), c.want) {
				t.Errorf("%v; it does not say %q:\n%s", err, c.want, &said)
			}
		})
	}
}

// Where an indicator is reported by villages, a province is made of its cities:
// the figures of all villages would take too long to read.
func TestAWholeOfManyIsMadeOfRollups(t *testing.T) {
	w := ordinary(t)
	december := period(t, "2025-12")
	w.rollups["visits"] = []fact.Rollup{
		{Region: "360000", Period: december, Value: fact.Some(400), Reported: 5, Expected: 9},
		{Region: "360100", Period: december, Value: fact.Some(100), Reported: 2, Expected: 6},
		{Region: "360600", Period: december, Value: fact.Some(300), Reported: 3, Expected: 3},
	}
	document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "visits", Region: "360000"})
	if err != nil {
		t.Fatal(err)
	}
	quarter, rest := 0.25, 0.75
	want := &explain.Whole{
		Rollup: explain.Rollup{
			Region: explain.RegionName{Code: "360000", Name: "江西省"}, Level: "province", Period: "2025-12", Common: true, Value: new(400.0),
			Policy: "leave_out", Reported: 5, Expected: 9,
		},
		Missing:     explain.Regional{Regions: []explain.RegionName{{Code: "360100", Name: "南昌市"}}},
		CarriedOver: explain.Regional{Regions: []explain.RegionName{}}, NotComparable: explain.Regional{Regions: []explain.RegionName{}},
		Largest: []explain.Contribution{
			{Region: explain.RegionName{Code: "360600", Name: "鹰潭市"}, Period: "2025-12", Value: 300, Share: &rest},
			{Region: explain.RegionName{Code: "360100", Name: "南昌市"}, Period: "2025-12", Value: 100, Share: &quarter},
		},
	}
	if difference := cmp.Diff(want, document.Whole); difference != "" {
		t.Errorf("(-want +got):\n%s", difference)
	}
}

func TestPartsByPolicy(t *testing.T) {
	for name, c := range map[string]struct {
		policy  fact.MissingPolicy
		kind    fact.Kind
		of      string // the period of the roll-up
		had     []string
		want    explain.Part
		carried string
	}{
		"reported":                             {fact.LeaveOut, fact.Stock, "2025-12", []string{"2025-12"}, explain.In, "2025-12"},
		"missing":                              {fact.LeaveOut, fact.Stock, "2025-12", []string{"2025-11"}, explain.Absent, ""},
		"carried":                              {fact.CarryForward, fact.Stock, "2025-12", []string{"2025-09", "2025-10"}, explain.Carried, "2025-10"},
		"too old to be carried":                {fact.CarryForward, fact.Stock, "2025-12", []string{"2025-09"}, explain.Absent, ""},
		"carried within a year":                {fact.CarryForward, fact.FlowYTD, "2025-12", []string{"2025-11"}, explain.Carried, "2025-11"},
		"not carried across New Year":          {fact.CarryForward, fact.FlowYTD, "2026-01", []string{"2025-12"}, explain.Absent, ""},
		"a stock is":                           {fact.CarryForward, fact.Stock, "2026-01", []string{"2025-12"}, explain.Carried, "2025-12"},
		"not into a week that is of two years": {fact.CarryForward, fact.FlowYTD, "2025-W01", []string{"2024-W52"}, explain.Absent, ""},
		"like for like, with both":             {fact.LikeForLike, fact.Stock, "2025-12", []string{"2025-11", "2025-12"}, explain.In, "2025-12"},
		"like for like, without the one":       {fact.LikeForLike, fact.Stock, "2025-12", []string{"2025-12"}, explain.NotComparable, ""},
		"like for like, without the other one": {fact.LikeForLike, fact.Stock, "2025-12", []string{"2025-11"}, explain.Absent, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := ordinary(t)
			w.provenances, w.indicators[0].Kind, w.indicators[0].Cadence = nil, c.kind, period(t, c.of).Cadence()
			for _, of := range c.had {
				w.came("grids", "360603", of, 7, "2026-01-05 09:00")
			}
			w.rollups["grids"] = []fact.Rollup{{Region: "360600", Period: period(t, c.of), Value: fact.Some(14), Policy: c.policy, Expected: 3}}
			document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603"})
			if err != nil {
				t.Fatal(err)
			}
			if len(document.PartOf) != 1 || document.PartOf[0].Part != c.want || document.PartOf[0].FigurePeriod != c.carried {
				t.Errorf("its part is %+v, want %s with the figure of %q", document.PartOf, c.want, c.carried)
			}
			whole, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360600"})
			if err != nil {
				t.Fatal(err)
			}
			lists := map[explain.Part]explain.Regional{explain.Absent: whole.Whole.Missing, explain.Carried: whole.Whole.CarriedOver, explain.NotComparable: whole.Whole.NotComparable}
			for part, list := range lists {
				if slices.Contains(list.Regions, explain.RegionName{Code: "360603", Name: "余江区"}) != (part == c.want) {
					t.Errorf("the city's regions that are %s are %+v", part, list)
				}
			}
		})
	}
}

func TestWhyTotalsDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		total    fact.Optional
		gap      float64
		complete bool // whether all regions have reported
		want     string
	}{
		"nothing collected":         {fact.Optional{}, 0, false, "Nothing has been collected"},
		"they agree":                {fact.Some(3000), 0, true, "The total agrees with the published figure."},
		"they agree, some missing":  {fact.Some(3000), 0, false, "though 2 of 4 regions are not complete"},
		"lower, some missing":       {fact.Some(2000), -500, false, "The total is lower: 2 of 4 regions"},
		"higher, some missing even": {fact.Some(4000), 500, false, "The total is higher, with 2 of 4 regions not even complete"},
		"lower with all":            {fact.Some(2000), -500, true, "The total is lower with every expected region in it"},
		"higher with all":           {fact.Some(4000), 500, true, "The total is higher with every expected region in it"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ordinary(t)
			if c.complete {
				w.came("grids", "360102", "2025-12", 500, "2026-01-05 09:00")
				w.came("grids", "360681", "2025-12", 500, "2026-01-05 09:00")
			}
			r := fact.Reconciliation{Indicator: "grids", Published: w.reconciled[0].Published, Total: c.total}
			if c.total.OK {
				r.Gap = fact.Some(c.gap)
			}
			w.reconciled = []fact.Reconciliation{r}
			document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603"})
			if err != nil {
				t.Fatal(err)
			}
			if why := document.Reconciliations[0].Explanation; !strings.Contains(why.EN, c.want) || why.ZH == "" {
				t.Errorf("it is explained by %+v, want %q", why, c.want)
			}
		})
	}
}

// A flow is complete where every ended month of the published year has come; a
// stock where the newest has that anybody reported.
func TestCompleteForAYear(t *testing.T) {
	for kind, missing := range map[fact.Kind]int{fact.Flow: 1, fact.Stock: 0} {
		t.Run(kind.String(), func(t *testing.T) {
			w := ordinary(t)
			w.provenances, w.indicators[0].Kind = nil, kind
			for month := period(t, "2025-01"); month.Compare(period(t, "2025-12")) <= 0; month = month.Next() {
				for _, code := range []string{"360102", "360602", "360603", "360681"} {
					if code != "360681" || month != period(t, "2025-07") {
						w.came("grids", code, month.String(), 1, "2026-01-05 09:00")
					}
				}
			}
			document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360000"})
			if err != nil {
				t.Fatal(err)
			}
			if got := document.Reconciliations[0].Missing.Regions; len(got) != missing {
				t.Errorf("missing are %+v, want %d", got, missing)
			}
		})
	}
}
