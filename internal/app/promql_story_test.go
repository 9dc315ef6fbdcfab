package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// storyTree has an indicator of every sort whose standing is followed.
const storyTree = `
site: {name: {zh: 江西省, en: Jiangxi}, zone: Asia/Shanghai, region: "360000"}
ledger: {path: data, keep_rejections: 400d}
schedule: {parallel: 2}
regions: {divisions: [regions.csv], history: [history.csv]}
units: [{id: things, title: {zh: 件, en: things}, counts: true}, {id: ratio, title: {zh: 比, en: ratio}, counts: false}]
themes: [{id: test, title: {zh: 试, en: Test}}]
indicators:
  - id: grids
    title: {zh: 网格, en: Grids}
    definition: {zh: 网格数, en: Number of grids}
    theme: test
    unit: things
    kind: stock
    direction: more
    levels: [county]
    cadence: month
    grace_working_days: 5
    expires_after_periods: 2
    missing_regions: {policy: carry_forward, periods: 1}
    rank_by: attainment
    max_step: 0.9
    sign_off: true
    targets:
      - {level: county, path: {from: {period: 2025-06, value: 50}, to: {period: 2026-06, value: %d}}, source: test}
    published:
      - {period: 2025-12, value: 300, precision: at_least, region: "360000", period_basis: stated, figure_basis: stated, citation: test}
    same_as: {indicator: grids_counted, tolerance: 0.1}
  - id: grids_counted
    title: {zh: 清点网格, en: Grids counted}
    definition: {zh: 清点的网格数, en: Number of grids as counted}
    theme: test
    unit: things
    kind: stock
    direction: more
    levels: [county]
    cadence: month
    grace_working_days: 5
    expires_after_periods: 3
  - id: visits
    title: {zh: 走访, en: Visits}
    definition: {zh: 本周走访, en: Visits of the week}
    theme: test
    unit: things
    kind: flow
    direction: more
    levels: [county]
    cadence: week
    grace_working_days: 2
    expires_after_periods: 2
    missing_regions: {policy: like_for_like}
    targets: [{level: county, value: 20, source: test}]
  - id: cases
    title: {zh: 事件, en: Cases}
    definition: {zh: 本年累计事件, en: Cases since 1 January}
    theme: test
    unit: things
    kind: flow_ytd
    direction: less
    levels: [county]
    cadence: month
    grace_working_days: 3
    expires_after_periods: 3
    expected: {except: ["360681"]}
    targets: [{level: county, value: 400, year: 2025, source: test}]
  - id: cases_closed
    title: {zh: 办结事件, en: Cases closed}
    definition: {zh: 本年累计办结, en: Cases closed since 1 January}
    theme: test
    unit: things
    kind: flow_ytd
    direction: more
    levels: [county]
    cadence: month
    grace_working_days: 3
    expires_after_periods: 3
  - id: close_ratio
    title: {zh: 办结率, en: Share of cases closed}
    definition: {zh: 办结占比, en: Closed over all}
    theme: test
    unit: ratio
    kind: ratio
    ratio: {numerator: cases_closed, denominator: cases, proper_fraction: true}
    direction: more
    levels: [county]
    cadence: month
    grace_working_days: 3
    expires_after_periods: 3
  - id: patrols
    title: {zh: 巡查, en: Patrols}
    definition: {zh: 当日巡查, en: Patrols of the day}
    theme: test
    unit: things
    kind: flow
    direction: more
    levels: [county]
    cadence: day
    grace_working_days: 1
    expires_after_periods: 3
    dimensions: [{name: shift, values: [day, night]}]
  - id: meetings
    title: {zh: 会议, en: Meetings}
    definition: {zh: 各级会议, en: Meetings of cities and the province}
    theme: test
    unit: things
    kind: stock
    direction: more
    levels: [province, city]
    cadence: month
    grace_working_days: 5
    expires_after_periods: 2
sources:
  - {name: source, title: {zh: 来源, en: Source}, kind: sqlquery, sqlquery: {url: "${SOURCE}", statement_timeout: 10s}}
collectors:
  - name: all
    source: source
    schedule: "0 6 * * *"
    deadline: 20s
    retry: {attempts: 1, backoff: 1s, window: 1m}
    sqlquery:
      query: SELECT indicator, region, period, n FROM figures WHERE indicator != 'patrols'
      row_limit: 100000
      columns: {indicator: indicator, region: region, period: period, value: n}
  - name: patrols
    source: source
    schedule: "0 7 * * *"
    deadline: 20s
    retry: {attempts: 1, backoff: 1s, window: 1m}
    sqlquery:
      query: SELECT region, period, shift, n FROM figures WHERE indicator = 'patrols'
      row_limit: 100000
      indicator: patrols
      columns: {region: region, period: period, value: n, dimensions: {shift: shift}}
`

const storyRegions = `code,name,level,parent,villages
360000,江西省,province,,
360600,鹰潭市,city,360000,330
360602,月湖区,county,360600,20
360603,余江区,county,360600,110
360681,贵溪市,county,360600,200
360800,吉安市,city,360000,580
360802,吉州区,county,360800,30
360821,吉安县,county,360800,300
360822,吉水县,county,360800,250
`

const storyHistory = `old_code,old_name,code,name,effective,kind
360622,余江县,360603,余江区,2025-09,renamed
`

// The story begins with a first configuration, after figures of earlier months
// were imported, and runs over the end of a year.
var (
	storyBegins = time.Date(2025, 11, 18, 3, 17, 0, 0, time.UTC)
	storyEnds   = time.Date(2026, 1, 22, 0, 0, 0, 0, time.UTC)
)

// story is an App that has lived through it, and what it showed at every full
// hour meanwhile.
type story struct {
	*place
	app     *app.App
	scrapes []scrape
}

type scrape struct {
	at      time.Time
	samples model.Vector
}

// event is something that happens at a time.
type event struct {
	at time.Time
	do func()
}

// newStoryPlace has the story's configuration, and a source that says nothing yet.
func newStoryPlace(t *testing.T, now time.Time) *place {
	t.Helper()
	p := &place{t: t, folder: t.TempDir(), log: &lockedBuffer{}, now: now}
	p.env = map[string]string{"SOURCE": "sqlite:" + filepath.Join(p.folder, "source.db")}
	p.write("regions.csv", storyRegions)
	p.write("history.csv", storyHistory)
	p.write("govkpi.yaml", fmt.Sprintf(storyTree, 100))
	p.source("CREATE TABLE figures (indicator TEXT, region TEXT, period TEXT, shift TEXT DEFAULT '', n, PRIMARY KEY (indicator, region, period, shift))")
	return p
}

func tellStory(t *testing.T) *story {
	t.Helper()
	p := newStoryPlace(t, storyBegins)
	s := &story{place: p, app: p.open()}
	events := s.events()
	for hour := storyBegins.Truncate(time.Hour); !hour.After(storyEnds); hour = hour.Add(time.Hour) {
		for ; len(events) > 0 && !events[0].at.After(hour); events = events[1:] {
			p.setClock(events[0].at)
			events[0].do()
		}
		p.setClock(hour)
		if !hour.Before(storyBegins) {
			s.scrapes = append(s.scrapes, scrape{hour, s.scrape()})
		}
	}
	return s
}

// counties of the story, and how large each is.
var storyCounties = []struct {
	code string
	size int
}{{"360602", 20}, {"360603", 110}, {"360681", 200}, {"360802", 30}, {"360821", 300}, {"360822", 250}}

// events are what is reported, corrected and decided, each day at another time.
func (s *story) events() []event {
	random := rand.New(rand.NewPCG(1, 2))
	p, t := s.place, s.t
	var said []string // what the source learns before it is asked next: each write waits for the disk
	figure := func(indicator, region, period string, n int) {
		said = append(said, fmt.Sprintf("INSERT INTO figures (indicator, region, period, n) VALUES ('%s', '%s', '%s', %d) ON CONFLICT DO UPDATE SET n = excluded.n", indicator, region, period, n))
	}
	events := []event{{storyBegins.Add(time.Minute), func() {
		var past strings.Builder
		past.WriteString("indicator,region,period,value\n")
		for month := mustPeriod(t, "2024-10"); month.Compare(mustPeriod(t, "2025-10")) <= 0; month = month.Next() {
			for _, county := range storyCounties {
				code, size := county.code, county.size
				if code == "360603" && month.Compare(mustPeriod(t, "2025-09")) < 0 {
					code = "360622" // as it was called then
				}
				fmt.Fprintf(&past, "grids,%s,%s,%d\n", code, month, size/4+int(month.Start(time.UTC).Month()))
			}
			fmt.Fprintf(&past, "meetings,360000,%s,4\n", month)
		}
		if _, err := s.app.ImportFigures(t.Context(), strings.NewReader(past.String()), "王芳", "past"); err != nil {
			t.Fatal(err)
		}
	}}}
	at := func(day time.Time) time.Time {
		return day.Add(time.Duration(random.IntN(22*3600)) * time.Second).Add(time.Duration(random.IntN(999)) * time.Millisecond)
	}
	for day := storyBegins.Truncate(24 * time.Hour).Add(24 * time.Hour); day.Before(storyEnds); day = day.AddDate(0, 0, 1) {
		local := day.In(time.FixedZone("CST", 8*3600))
		yesterday := fact.LastEnded(local, fact.Daily).String()
		month, week := fact.LastEnded(local, fact.Monthly).String(), fact.LastEnded(local, fact.Weekly).String()
		when := at(day)
		for _, county := range storyCounties {
			code, size := county.code, county.size
			if random.IntN(10) == 0 {
				continue // says nothing today
			}
			n, m, w := random.IntN(9), size/4+12+random.IntN(4)*(1+local.Day()/20), 15+random.IntN(10)
			events = append(events, event{when, func() {
				said = append(said, fmt.Sprintf("INSERT INTO figures VALUES ('patrols', '%s', '%s', 'day', %d), ('patrols', '%s', '%s', 'night', %d)", code, yesterday, n, code, yesterday, n/2))
			}})
			if local.Day() >= 3+size%9 && local.Day() < 22 && (code != "360822" || month != "2025-12") {
				events = append(events, event{when, func() {
					figure("grids", code, month, m)
					figure("grids_counted", code, month, m+m/8)
					figure("cases", code, month, local.Day()/7*10+m)
					figure("cases_closed", code, month, m/2)
				}})
			}
			if local.Weekday() > time.Monday && random.IntN(2) == 0 {
				events = append(events, event{when, func() { figure("visits", code, week, w) }})
			}
		}
		if local.Day() == 8 {
			events = append(events, event{when, func() { figure("meetings", "360000", month, 4); figure("meetings", "360600", month, 9) }})
		}
		events = append(events, event{when, func() {
			p.source("BEGIN; " + strings.Join(said, "; ") + "; COMMIT")
			said = nil
			p.collect(s.app, "all")
			p.collect(s.app, "patrols")
		}})
		events = append(events, s.decisions(day, when.Add(3*time.Minute))...)
	}
	return events
}

func mustPeriod(t *testing.T, s string) fact.Period {
	t.Helper()
	p, err := fact.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// decisions are what people do besides.
func (s *story) decisions(day, when time.Time) []event {
	decide := func(o app.Order) event { return event{when, func() { order(s.t, s.app, o) }} }
	switch day.Format(time.DateOnly) {
	case "2025-12-16":
		return []event{decide(app.Order{Action: fact.Confirm, Indicator: "grids", Period: "2025-11"})}
	case "2025-12-20":
		return []event{
			{when, func() {
				s.source("UPDATE figures SET n = 2 WHERE indicator = 'grids' AND region = '360602' AND period = '2025-11'",
					"INSERT INTO figures (indicator, region, period, n) VALUES ('grids', '360602', '2025-10', 400) ON CONFLICT DO UPDATE SET n = excluded.n")
			}},
			{when, func() { s.collect(s.app, "all") }},
		}
	case "2025-12-28":
		return []event{{when, func() {
			s.write("govkpi.yaml", fmt.Sprintf(storyTree, 140))
			if err := s.app.Reload(s.t.Context()); err != nil {
				s.t.Fatal(err)
			}
		}}}
	case "2026-01-14":
		return []event{decide(app.Order{Action: fact.Correct, Indicator: "cases", Region: "360603", Period: "2025-12", Value: "51"})}
	}
	return nil
}

// scrape is what /metrics shows now.
func (s *story) scrape() model.Vector {
	s.t.Helper()
	status, body := get(s.t, s.app, http.MethodGet, "/metrics")
	if status != http.StatusOK {
		s.t.Fatalf("/metrics answers %d", status)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	var all model.Vector
	for name, family := range families {
		if !strings.HasPrefix(name, "governance_") {
			continue
		}
		samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: model.TimeFromUnixNano(s.clock().UnixNano())}, family)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, samples...)
	}
	return all
}
