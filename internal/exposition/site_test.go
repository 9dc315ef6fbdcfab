package exposition_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

func TestCheckIndicators(t *testing.T) {
	exact := fact.Published{Region: "360000", Period: period("2025"), Precision: fact.Exact}
	atLeast := exact
	atLeast.Precision = fact.AtLeast
	dimensions := func(names ...string) (all []fact.Dimension) {
		for _, n := range names {
			all = append(all, fact.Dimension{Name: n})
		}
		return all
	}
	for name, c := range map[string]struct {
		indicators []fact.Indicator
		want       string
	}{
		"none":                       {nil, ""},
		"good":                       {[]fact.Indicator{{ID: "a"}, {ID: "a_2", Dimensions: dimensions("sex", "age_group"), Published: []fact.Published{exact, atLeast}}}, ""},
		"empty id":                   {[]fact.Indicator{{}}, `indicator "" can't be exposed as governance_: its id may hold small letters, digits and underscores only and begins with a letter`},
		"capitals":                   {[]fact.Indicator{{ID: "Grids"}}, `indicator "Grids" can't be exposed as governance_Grids: its id may hold small letters, digits and underscores only and begins with a letter`},
		"beginning with a digit":     {[]fact.Indicator{{ID: "2grids"}}, `indicator "2grids" can't be exposed as governance_2grids: its id may hold small letters, digits and underscores only and begins with a letter`},
		"twice":                      {[]fact.Indicator{{ID: "a"}, {ID: "a"}}, `indicator "a" can't be exposed as governance_a: another family has that name; choose another id`},
		"a family of ours":           {[]fact.Indicator{{ID: "target"}}, `indicator "target" can't be exposed as governance_target: another family has that name; choose another id`},
		"a family of ours to come":   {[]fact.Indicator{{ID: "rank"}}, `indicator "rank" can't be exposed as governance_rank: another family has that name; choose another id`},
		"a counter's suffix":         {[]fact.Indicator{{ID: "visits_total"}}, `indicator "visits_total" can't be exposed as governance_visits_total: a gauge can't end in _total; choose another id`},
		"an information's suffix":    {[]fact.Indicator{{ID: "a_info"}}, `indicator "a_info" can't be exposed as governance_a_info: a gauge can't end in _info; choose another id`},
		"a label of the region":      {[]fact.Indicator{{ID: "a", Dimensions: dimensions("city")}}, `indicator "a" can't be exposed as governance_a: the label city is taken; rename the dimension`},
		"a label of Prometheus":      {[]fact.Indicator{{ID: "a", Dimensions: dimensions("job")}}, `indicator "a" can't be exposed as governance_a: the label job is taken; rename the dimension`},
		"a label of an info family":  {[]fact.Indicator{{ID: "a", Dimensions: dimensions("parent")}}, `indicator "a" can't be exposed as governance_a: the label parent is taken; rename the dimension`},
		"a label of a histogram":     {[]fact.Indicator{{ID: "a", Dimensions: dimensions("le")}}, `indicator "a" can't be exposed as governance_a: the label le is taken; rename the dimension`},
		"a dimension twice":          {[]fact.Indicator{{ID: "a", Dimensions: dimensions("sex", "sex")}}, `indicator "a" can't be exposed as governance_a: it declares the dimension sex twice`},
		"a dimension in Chinese":     {[]fact.Indicator{{ID: "a", Dimensions: dimensions("性别")}}, `indicator "a" can't be exposed as governance_a: the dimension "性别" may hold small letters, digits and underscores only and begins with a letter`},
		"one published figure twice": {[]fact.Indicator{{ID: "a", Published: []fact.Published{exact, exact}}}, `indicator "a" can't be exposed as governance_a: two published figures for region 360000 and period 2025 are both exact; keep one`},
		"two faults": {
			[]fact.Indicator{{ID: "a_sum"}, {ID: "b_count"}},
			"indicator \"a_sum\" can't be exposed as governance_a_sum: a gauge can't end in _sum; choose another id\n" +
				"indicator \"b_count\" can't be exposed as governance_b_count: a gauge can't end in _count; choose another id",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := exposition.CheckIndicators(c.indicators); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Every family beside the indicators' own is one whose name no indicator may
// take, and so is every label.
func TestEverythingExposedIsReserved(t *testing.T) {
	site, _ := tinySite()
	ids, dimensions := map[string]bool{}, map[string]bool{}
	for _, i := range site.Indicators {
		ids[i.ID] = true
		for _, d := range i.Dimensions {
			dimensions[d.Name] = true
		}
	}
	families := 0
	for _, f := range decode(t, expose(t, site), acceptText) {
		id, isFigure := strings.CutPrefix(f.GetName(), "governance_")
		if !isFigure {
			continue
		}
		if !ids[id] && !slices.Contains(fact.ReservedIndicators(), id) {
			t.Errorf("an indicator could be called %s", id)
		}
		if strings.HasSuffix(id, "indicator_info") {
			continue // it has no label of a figure but the indicator
		}
		families++
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if name := l.GetName(); !dimensions[name] && !slices.Contains(fact.ReservedDimensions(), name) {
					t.Errorf("%s: a dimension could be called %s", f.GetName(), name)
				}
			}
		}
	}
	if families < 10 {
		t.Errorf("only %d families were looked at", families)
	}
}

func TestMissingParts(t *testing.T) {
	site, _ := tinySite()
	e := expose(t, site)
	without := func(change func(*exposition.Site)) func() error {
		return func() error {
			incomplete := site
			change(&incomplete)
			return e.SetSite(incomplete)
		}
	}
	build := func(o exposition.Options) func() error {
		return func() error {
			_, err := exposition.New(o)
			return err
		}
	}
	registry, log := prometheus.NewPedanticRegistry(), slog.New(slog.DiscardHandler)
	for name, c := range map[string]struct {
		make func() error
		want string
	}{
		"no zone":     {without(func(s *exposition.Site) { s.Zone = nil }), "no time zone"},
		"no register": {without(func(s *exposition.Site) { s.Regions = nil }), "no register of regions"},
		"no figures":  {without(func(s *exposition.Site) { s.Figures = nil }), "no figures"},
		"no registry": {build(exposition.Options{Log: log, Now: time.Now}), "Options.Registry is required"},
		"no log":      {build(exposition.Options{Registry: registry, Now: time.Now}), "Options.Log is required"},
		"no clock":    {build(exposition.Options{Registry: registry, Log: log}), "Options.Now is required"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.make(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestTwoExpositionsNeedTwoRegistries(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	newExposition(t, registry, time.Now, nil)
	if _, err := exposition.New(exposition.Options{Registry: registry, Log: slog.New(slog.DiscardHandler), Now: time.Now}); err == nil {
		t.Error("want an error that says what is registered already")
	}
}

func TestTelemetryOptions(t *testing.T) {
	complete := exposition.TelemetryOptions{Registry: prometheus.NewPedanticRegistry(), Version: "1", Revision: "1"}
	for name, c := range map[string]struct {
		change func(*exposition.TelemetryOptions)
		want   string
	}{
		"no registry": {func(o *exposition.TelemetryOptions) { o.Registry = nil }, "Registry is required"},
		"no version":  {func(o *exposition.TelemetryOptions) { o.Version = "" }, "Version and Revision are required"},
		"no ledger":   {func(*exposition.TelemetryOptions) {}, "Statistics is required"},
	} {
		t.Run(name, func(t *testing.T) {
			o := complete
			c.change(&o)
			if _, err := exposition.NewTelemetry(o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}
