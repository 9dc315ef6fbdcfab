package fact_test

import (
	"fmt"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

// checkNames holds a parser and String against each other: every name gives
// its value and back, and nothing else is taken.
func checkNames[T interface {
	~uint8
	fmt.Stringer
}](t *testing.T, parse func(string) (T, error), names ...string) {
	t.Helper()
	for i, name := range names {
		got, err := parse(name)
		if err != nil || got != T(i+1) || got.String() != name {
			t.Errorf("%q gives %d (%s), error %v; want %d", name, uint8(got), got, err, i+1)
		}
	}
	for _, outside := range []T{0, T(len(names) + 1), 255} {
		if got, err := parse(outside.String()); err == nil {
			t.Errorf("%q, which is none, gives %s", outside, got)
		}
	}
	for _, name := range []string{"", " ", names[0] + " ", "?"} {
		if got, err := parse(name); err == nil {
			t.Errorf("%q gives %s", name, got)
		}
	}
}

func TestLevelNames(t *testing.T) {
	checkNames(t, fact.ParseLevel, "province", "city", "county", "township", "village", "grid")
}

func TestCadenceNames(t *testing.T) {
	checkNames(t, fact.ParseCadence, "day", "week", "month", "quarter", "half-year", "year")
}

func TestKindNames(t *testing.T) {
	checkNames(t, fact.ParseKind, "stock", "flow", "flow_ytd", "ratio")
}

func TestDirectionNames(t *testing.T) {
	for direction, want := range map[fact.Direction]string{fact.MoreIsBetter: "more", fact.LessIsBetter: "less", 0: "direction(0)"} {
		if got := direction.String(); got != want {
			t.Errorf("direction %d is written %s, want %s", uint8(direction), got, want)
		}
	}
}

func TestPrecisionNames(t *testing.T) {
	for precision, want := range map[fact.Precision]string{
		fact.Exact: "exact", fact.AtLeast: "at_least", fact.Nearest: "nearest", 0: "precision(0)", 4: "precision(4)",
	} {
		if got := precision.String(); got != want {
			t.Errorf("precision %d is written %s, want %s", uint8(precision), got, want)
		}
	}
}

func TestRankByNames(t *testing.T) {
	for by, want := range map[fact.RankBy]string{
		fact.RankByValue: "value", fact.RankByAttainment: "attainment", fact.RankPerVillage: "per_village",
		fact.RankPerTenThousandPeople: "per_10000_people", fact.NotRanked: "none", 5: "rank by(5)",
	} {
		if got := by.String(); got != want {
			t.Errorf("rank by %d is written %s, want %s", uint8(by), got, want)
		}
	}
}

func TestIndicatorHasLevel(t *testing.T) {
	indicator := fact.Indicator{Levels: []fact.Level{fact.Province, fact.County}}
	for level := range fact.Grid + 1 {
		if got, want := indicator.HasLevel(level), level == fact.Province || level == fact.County; got != want {
			t.Errorf("has level %s: %v", level, got)
		}
	}
}

func TestOptional(t *testing.T) {
	if (fact.Optional{}).OK {
		t.Error("the zero Optional is there")
	}
	if got := fact.Some(0); !got.OK || got.Value != 0 {
		t.Errorf("Some(0) = %+v", got)
	}
}
