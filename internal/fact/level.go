package fact

import "fmt"

// Level is the rank of a region, counted from the province downwards. The zero
// value is no level.
type Level uint8

// The levels of China's administrative divisions, and the grid below them.
const (
	Province Level = iota + 1
	City
	County
	Township
	Village
	Grid
)

var levelNames = [...]string{Province: "province", City: "city", County: "county", Township: "township", Village: "village", Grid: "grid"}

// String returns the name used in configuration, labels and messages.
func (l Level) String() string {
	if l < Province || l > Grid {
		return fmt.Sprintf("level(%d)", uint8(l))
	}
	return levelNames[l]
}

// ParseLevel reads a level's name as String writes it.
func ParseLevel(s string) (Level, error) {
	for l := Province; l <= Grid; l++ {
		if levelNames[l] == s {
			return l, nil
		}
	}
	return 0, fmt.Errorf("unknown level %q: expected province, city, county, township, village or grid", s)
}

// Region is a division with a code: GB/T 2260 for province, city and county
// (six digits), nine digits for a township, twelve for a village; a grid has
// the code its register gives it.
type Region struct {
	Code   string
	Name   string // as in the official register; a grid may have none
	Parent string // code of the region above; empty for a province
	Level  Level
	// Villages counts the villages and communities below the region; 0 is
	// unknown. Densities and the sample data use it.
	Villages int32
	// Population counts its people; 0 is unknown.
	Population int32
}

// Class is the sort of division that a county is by its code.
type Class string

// The classes of counties, by the last two digits of their codes in GB/T 2260:
// 01 to 20 are urban districts, 21 to 80 counties, 81 to 99 county-level cities.
const (
	District    Class = "district"
	CountyCity  Class = "county-level-city"
	PlainCounty Class = "county"
)

// ParseClass reads a class's name.
func ParseClass(s string) (Class, error) {
	switch c := Class(s); c {
	case District, CountyCity, PlainCounty:
		return c, nil
	}
	return "", fmt.Errorf("unknown class %q: expected district, county-level-city or county", s)
}

// Class returns the region's class; empty for one that is no county.
func (r *Region) Class() Class {
	if r.Level != County || len(r.Code) != 6 {
		return ""
	}
	switch last := r.Code[4:]; {
	case last <= "20":
		return District
	case last <= "80":
		return PlainCounty
	}
	return CountyCity
}

// ChangeKind says what happened to a division.
type ChangeKind string

// The kinds of change that a register of past divisions can hold.
const (
	Renamed  ChangeKind = "renamed"        // the same territory under a new name or code
	Merged   ChangeKind = "merged"         // became a part of the new region
	SplitOff ChangeKind = "part split off" // lost a part to the new region and went on
)

// RegionChange is one line of a register of past divisions. Effective is the
// month from which Code and Name are in force.
type RegionChange struct {
	OldCode, OldName string
	Code, Name       string
	Effective        Period
	Kind             ChangeKind
}

// Joined says of the change that ended the region with a code whether that became
// a part of another: under which code, and when, which is zero where that is not
// known. Both are empty where it goes on under another code or name.
func (c *RegionChange) Joined(code string) (part string, merger Period) {
	switch {
	case c.Kind != Merged:
		return "", Period{}
	case c.OldCode != "":
		return c.OldCode, c.Effective
	}
	return code, c.Effective
}

// RegionAlias is a further name under which sources write a region.
type RegionAlias struct {
	Name string
	Code string
}
