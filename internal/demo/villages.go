package demo

import (
	"fmt"
	"net/url"

	"github.com/govkpi/govkpi/internal/fact"
)

// villagesPath is the endpoint of the register of villages and grids. It takes
// county, offset and limit.
const villagesPath = "/villages"

// gridded is the township whose villages have their grids in the register.
const gridded = "360603101" // 锦江镇

// renamed is the villages that get another name.
func renamed() []Renaming {
	return []Renaming{{Code: gridded + "203", Before: "锦江镇虚构03村", Name: "锦江镇虚构新03村"}}
}

// line is a line of the register.
type line struct {
	code, name, parent string
	level              fact.Level
}

// villagesOf answers with a county's villages, made up by the number of them
// that its townships have, and with the grids of one township.
func (y *Systems) villagesOf(query url.Values) (object, error) {
	county, err := y.regionOf(query, "county", fact.County)
	if err != nil {
		return nil, err
	}
	offset, limit, err := window(query, "offset", "limit", 0)
	if err != nil {
		return nil, err
	}
	lines := y.sample.lines(county, y.corrected.Load())
	rows := []object{}
	for _, l := range cut(lines, offset, limit) {
		rows = append(rows, object{"code": l.code, "name": l.name, "level": l.level.String(), "parent": l.parent})
	}
	return object{"total": len(lines), "rows": rows}, nil
}

func (s *Sample) lines(county string, corrected bool) []line {
	names := map[string]string{}
	for _, r := range renamed() {
		names[r.Code] = r.Before
		if corrected {
			names[r.Code] = r.Name
		}
	}
	var all []line
	for _, township := range s.register.townships(county) {
		for n := range int(township.Villages) {
			village := line{
				code: fmt.Sprintf("%s%03d", township.Code, 201+n), name: fmt.Sprintf("%s虚构%02d村", township.Name, n+1),
				parent: township.Code, level: fact.Village,
			}
			if name, ok := names[village.code]; ok {
				village.name = name
			}
			all = append(all, village)
			for grid := 1; grid <= 2 && township.Code == gridded; grid++ {
				all = append(all, line{code: fmt.Sprintf("%s%03d", village.code, grid), parent: village.code, level: fact.Grid})
			}
		}
	}
	for _, w := range wrongLines() {
		if w.county == county {
			all = append(all, w.line)
		}
	}
	return all
}
