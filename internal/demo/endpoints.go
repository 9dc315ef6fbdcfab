package demo

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// endpoint is an address of the API that answers with counts. All of them take
// from, a month, and answer with what is counted from it on.
type endpoint struct {
	path  string
	kinds []kind
	when  func(fact.Period) string // how it writes a month
	// answer makes the answer to a query.
	answer func(*Systems, url.Values) (object, error)
}

// kind is what an endpoint counts. One that counts several kinds of things gives
// each entry the name of its kind.
type kind struct {
	name       string
	system     string // see system
	indicators []string
}

// endpoints lists them. A further one has a register: see villages.go.
//
//	/grids                   all counties by name, in pages by number: page, size
//	/volunteer-teams         a city's counties, by cursor: city, cursor, size
//	/deliberation-platforms  all counties by code, from an offset: offset, limit
//	/stations                one county, in one piece: county
func endpoints() []endpoint {
	month := fact.Period.String
	return []endpoint{
		{path: "/grids", when: lastDay, answer: (*Systems).grids, kinds: []kind{
			{system: "grids", indicators: []string{"grids", "full_time_grid_staff"}},
		}},
		{path: "/volunteer-teams", when: month, answer: (*Systems).volunteerTeams, kinds: []kind{
			{system: "volunteer-teams", indicators: []string{"volunteer_teams"}},
		}},
		{path: "/deliberation-platforms", when: month, answer: (*Systems).platforms, kinds: []kind{
			{system: "deliberation-platforms", indicators: []string{"deliberation_platforms"}},
		}},
		{path: "/stations", when: month, answer: (*Systems).stations, kinds: []kind{
			{name: "暖新驿站", system: "warm-stations", indicators: []string{"warm_stations"}},
			{name: "司机驿站", system: "driver-stations", indicators: []string{"driver_service_stations"}},
		}},
	}
}

// entry is a line of an answer.
type entry struct {
	unit         string // the code of the region whose answer it stands in
	city, county string // as people type them
	kind         string
	when         string
	counts       []any // one for each indicator of the kind
	wrong        bool
}

// entries returns what an endpoint answers with for the region of a code and all
// that lie in it, from a month on: by month and county, and by kind before that.
// What is wrong stands at the end.
func (y *Systems) entries(path, region, from string) []entry {
	s := y.sample
	all := endpoints()
	at := all[slices.IndexFunc(all, func(e endpoint) bool { return e.path == path })]
	var found []entry
	for _, k := range at.kinds {
		figures := s.figures[k.indicators[0]] // the others have the same periods and regions
		counties := s.places(k.indicators[0], region)
		for i, p := range figures.periods {
			when := at.when(p)
			if when < from {
				continue
			}
			for _, n := range counties {
				counts, ok := s.row(k.indicators, i, n, y.corrected.Load())
				if !ok {
					continue
				}
				county := figures.regions[n]
				found = append(found, entry{
					unit: county.Code, city: typedCity(s.register, county), county: typedName(county),
					kind: k.name, when: when, counts: anyOf(counts),
				})
			}
		}
	}
	for _, w := range s.wrongEntries() {
		if w.Where == apiBase+path && w.when >= from && s.register.lies(w.unit, []string{region}) {
			found = append(found, w.entry)
		}
	}
	return found
}

func anyOf(counts []int) []any {
	all := make([]any, len(counts))
	for i, c := range counts {
		all[i] = c
	}
	return all
}

// grids answers with names as people type them, and with a total of each month.
func (y *Systems) grids(query url.Values) (object, error) {
	from, err := month(query)
	if err != nil {
		return nil, err
	}
	page, size, err := window(query, "page", "size", 1)
	if err != nil {
		return nil, err
	}
	entries := withTotals(y.entries("/grids", y.sample.province(), from))
	rows := []object{}
	for _, e := range cut(entries, (page-1)*size, size) {
		rows = append(rows, object{
			"where": object{"city": e.city, "county": e.county}, "counted_on": e.when,
			"counts": object{"grids": e.counts[0], "full_time_staff": e.counts[1]},
		})
	}
	return object{"code": 0, "data": object{"page": page, "size": size, "total": len(entries), "rows": rows}}, nil
}

// withTotals puts their sum behind the counties of each month. What is wrong, at
// the end, is in none of them.
func withTotals(entries []entry) []entry {
	var all []entry
	sums := [2]int{}
	for i, e := range entries {
		all = append(all, e)
		if e.wrong {
			continue
		}
		for n := range sums {
			count, _ := e.counts[n].(int) // it is one: nothing is wrong with it
			sums[n] += count
		}
		if i+1 == len(entries) || entries[i+1].wrong || entries[i+1].when != e.when {
			all = append(all, entry{county: "合计", when: e.when, counts: anyOf(sums[:])})
			sums = [2]int{}
		}
	}
	return all
}

func (y *Systems) volunteerTeams(query url.Values) (object, error) {
	from, err := month(query)
	if err != nil {
		return nil, err
	}
	city, err := y.regionOf(query, "city", fact.City)
	if err != nil {
		return nil, err
	}
	entries := y.entries("/volunteer-teams", city, from)
	offset, err := fromCursor(query.Get("cursor"))
	if err != nil {
		return nil, err
	}
	_, size, err := window(query, "page", "size", 1)
	if err != nil {
		return nil, err
	}
	items := []object{}
	for _, e := range cut(entries, offset, size) {
		items = append(items, object{"county": e.unit, "month": e.when, "teams": e.counts[0]})
	}
	var next any
	if offset+size < len(entries) {
		next = toCursor(offset + size)
	}
	return object{"items": items, "next": next}, nil
}

func (y *Systems) platforms(query url.Values) (object, error) {
	from, err := month(query)
	if err != nil {
		return nil, err
	}
	offset, limit, err := window(query, "offset", "limit", 0)
	if err != nil {
		return nil, err
	}
	entries := y.entries("/deliberation-platforms", y.sample.province(), from)
	rows := []object{}
	for _, e := range cut(entries, offset, limit) {
		rows = append(rows, object{"county_code": e.unit, "month": e.when, "platforms": e.counts[0]})
	}
	return object{"total": len(entries), "rows": rows}, nil
}

func (y *Systems) stations(query url.Values) (object, error) {
	from, err := month(query)
	if err != nil {
		return nil, err
	}
	county, err := y.regionOf(query, "county", fact.County)
	if err != nil {
		return nil, err
	}
	stations := []object{}
	for _, e := range y.entries("/stations", county, from) {
		stations = append(stations, object{"kind": e.kind, "month": e.when, "open": e.counts[0]})
	}
	return object{"county": object{"code": county, "name": y.sample.register.byCode[county].Name}, "stations": stations}, nil
}

// province is the code of the only one there is.
func (s *Sample) province() string {
	for _, r := range s.register.regions {
		if r.Level == fact.Province {
			return r.Code
		}
	}
	return ""
}

// month reads the month from which on the client wants figures.
func month(query url.Values) (string, error) {
	from := query.Get("from")
	if p, err := fact.ParsePeriod(from); from != "" && (err != nil || p.Cadence() != fact.Monthly) {
		return "", fmt.Errorf("from is %q: expected a month such as 2025-01", from)
	}
	return from, nil
}

// regionOf reads the code of the region that the client asks about.
func (y *Systems) regionOf(query url.Values, parameter string, level fact.Level) (string, error) {
	code := query.Get(parameter)
	if r := y.sample.register.byCode[code]; r == nil || r.Level != level {
		return "", fmt.Errorf("%s is %q: expected the code of a %s", parameter, code, level)
	}
	return code, nil
}

// largest is how much a client gets at once.
const largest = 1000

// window reads which part of an answer the client wants. Both are numbers, the
// first from the given one on.
func window(query url.Values, at, size string, first int) (from, count int, err error) {
	from, count = first, 100
	for parameter, number := range map[string]*int{at: &from, size: &count} {
		if written := query.Get(parameter); written != "" {
			if *number, err = strconv.Atoi(written); err != nil {
				return 0, 0, fmt.Errorf("%s is %q: expected a number", parameter, written)
			}
		}
	}
	if from < first || count < 1 || count > largest {
		return 0, 0, fmt.Errorf("%s is %d and %s is %d: expected from %d on, and 1 to %d", at, from, size, count, first, largest)
	}
	return from, count, nil
}

// cut returns up to so many elements from an offset on.
func cut[T any](all []T, offset, count int) []T {
	offset = min(offset, len(all))
	return all[offset:min(offset+count, len(all))]
}

// A cursor is an offset that the client can't read.
func toCursor(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("after:" + strconv.Itoa(offset)))
}

func fromCursor(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	written, err := base64.RawURLEncoding.DecodeString(cursor)
	after, found := strings.CutPrefix(string(written), "after:")
	offset, notNumber := strconv.Atoi(after)
	if err != nil || notNumber != nil || !found || offset < 0 {
		return 0, errors.New("cursor is none that this API has given")
	}
	return offset, nil
}
