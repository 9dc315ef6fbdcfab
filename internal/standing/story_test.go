package standing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

// story is what happens in the two years, and when to look.
type story struct {
	prologue   string
	captions   map[string]string // by indicator
	indicators []fact.Indicator
	regions    standing.Regions
	world      *world
	looks      map[string][]time.Time
}

const prologue = `Two years of a small site, as its board shows them.

The site is a province, 360000, with two cities. In 360600 lie the urban districts 360602 (20 villages) and 360603 (110),
and the county-level city 360681 (130); in 360800 the county 360821 (300) and the county-level city 360881 (100). The
ledger's first configuration was accepted on 20 December 2023. Periods end, and days begin, in Shanghai.

overdue  since the report owed longest was due      same  periods unchanged      q  quartile, of four peers at least
of 3 of 5  reported regions of those expected       before  the same sum of the period before

Working days differ from Monday to Friday: 2024 free 1 Jan, 10-17 Feb, 4-6 Apr, 1-5 May, 10 Jun, 15-17 Sep, 1-7 Oct, worked on
the weekend days 4 and 18 Feb, 7 and 28 Apr, 11 May, 14 and 29 Sep, 12 Oct; 2025 free 1 Jan, 28 Jan-4 Feb, 4-6 Apr, 1-5 May,
31 May-2 Jun, 1-8 Oct, worked on 26 Jan, 8 Feb, 27 Apr, 28 Sep, 11 Oct; 2026 free 1-3 Jan, worked on 4 Jan.

What the story does not tell, rules_test.go, years_test.go and makeup_test.go hold to the rules one by one: dimensions, targets by size
and of other years, ranks per 10,000 people, retired codes and mergers, two sources, totals, and what lies below the county.
`

// events are one a line: when, what, of which figure, and the value. Lines are in
// any order; those of one time keep theirs.
func newStory(t *testing.T) story {
	t.Helper()
	s := story{
		prologue: prologue, captions: map[string]string{}, looks: map[string][]time.Time{}, world: &world{},
		regions: mustRegister([]fact.Region{
			{Code: "360000", Name: "江西省", Level: fact.Province},
			{Code: "360600", Name: "鹰潭市", Level: fact.City, Parent: "360000"},
			{Code: "360602", Name: "月湖区", Level: fact.County, Parent: "360600", Villages: 20},
			{Code: "360603", Name: "余江区", Level: fact.County, Parent: "360600", Villages: 110},
			{Code: "360681", Name: "贵溪市", Level: fact.County, Parent: "360600", Villages: 130},
			{Code: "360800", Name: "吉安市", Level: fact.City, Parent: "360000"},
			{Code: "360821", Name: "吉安县", Level: fact.County, Parent: "360800", Villages: 300},
			{Code: "360881", Name: "井冈山市", Level: fact.County, Parent: "360800", Villages: 100},
		}),
	}
	var events []string
	for _, c := range []func(*story) (fact.Indicator, string, string, string){
		gridsChapter, visitsChapter, rectifiedChapter, mechanismsChapter, patrolsChapter, bedsChapter, casesChapter, closedChapter, shareChapter,
	} {
		indicator, caption, looks, happens := c(&s)
		s.indicators = append(s.indicators, indicator)
		s.captions[indicator.ID] = "## " + indicator.ID + "\n\n" + strings.TrimSpace(caption) + "\n"
		for line := range strings.Lines(looks) {
			if line = strings.TrimSpace(line); line != "" {
				s.looks[indicator.ID] = append(s.looks[indicator.ID], at(t, line))
			}
		}
		for line := range strings.Lines(happens) {
			if line = strings.TrimSpace(line); line != "" {
				events = append(events, line)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b string) int { return strings.Compare(a[:16], b[:16]) })
	for _, line := range events {
		s.happens(t, line)
	}
	return s
}

// happens reads a line such as "2024-02-05 09:00 says grids 360602 2024-01 = 50".
func (s *story) happens(t *testing.T, line string) {
	t.Helper()
	w := s.world
	w.clock = at(t, line[:16])
	verb, rest, _ := strings.Cut(strings.TrimSpace(line[16:]), " ")
	written, value, _ := strings.Cut(rest, " = ")
	key := keyOf(t, written)
	switch verb {
	case "says":
		w.say(key, parse(t, value), fact.Pulled)
	case "imports":
		w.say(key, parse(t, value), fact.Imported)
	case "corrects":
		w.say(key, parse(t, value), fact.Decided)
	case "holds":
		w.hold(key, parse(t, value))
	case "confirms":
		w.confirm(key)
	case "releases", "rejects":
		i := slices.IndexFunc(w.held, func(h fact.HeldFact) bool { return h.Key == key && h.Waits() })
		if i < 0 {
			t.Fatalf("%s: nothing is held", line)
		}
		w.end(w.held[i].ID, map[string]fact.Closing{"releases": fact.ByRelease, "rejects": fact.ByReject}[verb])
	default:
		t.Fatalf("%s: nobody knows how to do that", line)
	}
}

// instants are all times that somebody looks at, in order.
func (s *story) instants() []time.Time {
	var all []time.Time
	for _, looks := range s.looks {
		all = append(all, looks...)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

func county(i fact.Indicator) fact.Indicator {
	i.Levels = []fact.Level{fact.County}
	if i.Direction == 0 {
		i.Direction = fact.MoreIsBetter
	}
	return i
}
