package demo

import (
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// Story is what the sample systems do besides reporting properly. All of it is
// made up; the counties are there to see lists and alerts at work.
type Story struct {
	// Lagging are the codes of counties that stay behind: from 2026 on in
	// figures that were published for 2025, from the start in others.
	Lagging []string
	// Late are the figures of ended periods that are missing so far.
	Late []Absence
	// Held are those of Late in whose place the system has a figure that the gate
	// holds: whoever decides on it is waited for, not the county.
	Held []Absence
	// Corrections are what Correct changes.
	Corrections []Correction
	// Renamed are the villages that have another name once Correct was called.
	Renamed []Renaming
	// Wrong is what the gate must refuse or hold.
	Wrong []Wrong
}

// Absence is a figure that a county has not reported yet.
type Absence struct {
	Indicator string
	Region    string // code
	Period    fact.Period
}

// Correction is a figure that a county reports twice, first wrong and then as
// in Figure.
type Correction struct {
	Figure
	First int
}

// lagging is the counties that lag, by code.
func lagging() []string {
	return []string{
		"360428", // 都昌县
		"360730", // 宁都县
		"360827", // 遂川县
		"360924", // 宜丰县
		"361025", // 乐安县
		"361127", // 余干县
	}
}

// Renaming is a village that gets another name.
type Renaming struct {
	Code         string
	Before, Name string
}

// system is where figures are kept together, so that a county is late with all
// of them or none: a table of the database, an endpoint of the API, a form that
// cities fill in.
type system struct {
	name       string
	indicators []string
}

// listSystems lists them: the tables, and what the API and the workbooks hold.
func (s *Sample) listSystems() []system {
	var all []system
	for _, t := range s.tables {
		all = append(all, system{t.name, t.indicators()})
	}
	for _, e := range endpoints() {
		for _, c := range e.kinds {
			all = append(all, system{c.system, c.indicators})
		}
	}
	for _, f := range forms() {
		all = append(all, system{f.name, f.indicators})
	}
	return all
}

// late is a county that has not reported the newest periods to a system yet.
type late struct {
	region  string
	system  string
	periods int
}

func lates() []late {
	return []late{
		{"360321", "community_pairing", 1}, // 莲花县
		{"360321", "village_secretaries", 1},
		{"360728", "community_pairing", 2}, // 定南县
		{"360728", "volunteer-teams", 2},
		{"360728", "elder-care", 2},
		{"361028", "shared_forms", 1}, // 资溪县
		{"361028", "grids", 1},
		{"361028", "warm-stations", 1},
		{"361125", "cadre-visits", 1}, // 横峰县
		{"361125", "elder-care", 1},
	}
}

// correction is a figure that was reported as a share of the right one at first,
// in thousandths.
type correction struct {
	region    string
	indicator string
	period    string
	first     int
}

// corrections are of no period that decides a published figure: of a stock any
// month but the last of 2025, of a flow none of 2025 at all.
func corrections() []correction {
	return []correction{
		{"360482", "grids", "2025-09", 940},                // 共青城市
		{"360603", "elder_meal_sites", "2025-06", 850},     // 余江区
		{"360603", "elder_meal_sites", "2026-02", 900},     //
		{"360981", "members_reporting_in", "2025-08", 930}, // 丰城市
		{"360981", "members_reporting_in", "2026-03", 1080},
		{"360981", "village_work_items_cleared", "2026-Q1", 500},
		{"360981", "volunteer_teams", "2026-05", 960},
	}
}

// tell finds what of the story has happened by the sample's time.
func (s *Sample) tell() (Story, error) {
	story := Story{Lagging: lagging()}
	for _, system := range s.systems {
		for _, l := range lates() {
			if l.system != system.name {
				continue
			}
			for _, indicator := range system.indicators {
				for _, p := range s.owed(system, l.region) {
					absence := Absence{Indicator: indicator, Region: l.region, Period: p}
					s.late[absence] = true
					story.Late = append(story.Late, absence)
				}
			}
		}
	}
	for _, c := range corrections() {
		p, err := fact.ParsePeriod(c.period)
		if err != nil {
			return Story{}, fmt.Errorf("correction of %s in %s: %w", c.indicator, c.region, err)
		}
		right, ok := s.figures[c.indicator].at(c.region, p)
		if !ok || s.late[Absence{c.indicator, c.region, p}] {
			continue // not reported yet
		}
		story.Corrections = append(story.Corrections, Correction{
			Figure: Figure{Indicator: c.indicator, Region: c.region, Period: p, Value: right},
			First:  (right*c.first + 500) / 1000,
		})
		s.firsts[Absence{c.indicator, c.region, p}] = (right*c.first + 500) / 1000
	}
	story.Renamed = renamed()
	story.Wrong = s.wrong()
	if p, ok := s.owes("warm-stations", implausible); ok {
		story.Held = []Absence{{Indicator: "warm_stations", Region: implausible, Period: p}}
	}
	return story, nil
}

// lags reports whether a region is, or lies in, a county that lags.
func (s *Sample) lags(code string) bool { return s.register.lies(code, lagging()) }

// owed returns the periods that a county has not reported to a system yet: the
// newest, but none of 2025, which the published figures speak for.
func (s *Sample) owed(in system, region string) []fact.Period {
	periods := 0
	for _, l := range lates() {
		if l.region == region && l.system == in.name {
			periods = l.periods
		}
	}
	ended := s.figures[in.indicators[0]].periods // all of the system have the same
	newest := slices.Clone(ended[max(0, len(ended)-periods):])
	return slices.DeleteFunc(newest, func(p fact.Period) bool { return monthAfter(p) <= 12 })
}

// owes returns the newest period that a county owes to the system of a name.
func (s *Sample) owes(name, region string) (fact.Period, bool) {
	at := slices.IndexFunc(s.systems, func(one system) bool { return one.name == name })
	owed := s.owed(s.systems[at], region)
	if len(owed) == 0 {
		return fact.Period{}, false
	}
	return owed[len(owed)-1], true
}

// told returns what a county has reported so far of the i-th period of an
// indicator: nothing while it is late, and what it reported first as long as it
// has not corrected itself. k is the county's place among those that report.
func (s *Sample) told(indicator string, i, k int, corrected bool) (value int, ok bool) {
	figures := s.figures[indicator]
	figure := Absence{indicator, figures.regions[k].Code, figures.periods[i]}
	if s.late[figure] {
		return 0, false
	}
	if first, ok := s.firsts[figure]; ok && !corrected {
		return first, true
	}
	return figures.values[i][k], true
}

// row returns what a county has reported of several indicators at once, and
// false where it is late.
func (s *Sample) row(indicators []string, i, k int, corrected bool) (values []int, ok bool) {
	for _, indicator := range indicators {
		value, ok := s.told(indicator, i, k, corrected)
		if !ok {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}
