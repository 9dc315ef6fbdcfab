package jiangxi_test

import (
	"slices"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

// The demo expects reports since its sample systems have any, of every indicator.
// A production site expects none from before its first start.
func TestExpectedFrom(t *testing.T) {
	for root, want := range map[string]string{"govkpi.yaml": "", "demo.yaml": "2025-01-01"} {
		c := shipped(t, root)
		for _, i := range c.Indicators {
			from := ""
			if !i.ExpectedFrom.IsZero() {
				from = i.ExpectedFrom.Start(c.Site.Zone).Format("2006-01-02")
			}
			if from != want {
				t.Errorf("%s: %s is expected from %q on, want %q", root, i.ID, from, want)
			}
			if i.SignOff || i.NeverFalls {
				t.Errorf("%s: figures of %s wait for somebody", root, i.ID)
			}
		}
	}
}

// A figure stays at least until the next one is due, which is some days after the
// next period's end.
func TestFiguresOutlastTheNextPeriod(t *testing.T) {
	for _, i := range shipped(t, "govkpi.yaml").Indicators {
		if i.ExpiresAfter < 2 {
			t.Errorf("%s expires after %d periods", i.ID, i.ExpiresAfter)
		}
	}
}

// A county that is late must not look like a fall of the province, and the two
// parts of a ratio must be of the same counties.
func TestMissingCounties(t *testing.T) {
	type policy struct {
		missing fact.MissingPolicy
		periods int
	}
	want := map[fact.Kind]policy{
		fact.Stock:     {fact.CarryForward, 2},
		fact.RatioKind: {fact.CarryForward, 2},
		fact.FlowYTD:   {fact.LikeForLike, 0},
		fact.Flow:      {fact.LeaveOut, 0},
	}
	of := byID(t)
	for id, i := range of {
		if got := (policy{i.Missing, i.CarryPeriods}); i.HasLevel(fact.County) && got != want[i.Kind] {
			t.Errorf("%s: policy %v, want %v", id, got, want[i.Kind])
		}
		if i.Kind == fact.RatioKind && (of[i.Numerator].Kind != fact.Stock || of[i.Denominator].Kind != fact.Stock) {
			t.Errorf("%s is no ratio of two stocks, whose policy is theirs", id)
		}
	}
}

// Of counties that are ranked, those with more villages must not come first for
// that: what they have is compared for each village, unless each has its own one
// or it is a ratio.
func TestRankings(t *testing.T) {
	ofTheCounty := []string{"secretary_led_projects"}
	of := byID(t)
	for id, i := range of {
		for _, part := range []string{i.Numerator, i.Denominator} {
			if i.Kind == fact.RatioKind && of[part].RankBy != fact.NotRanked {
				t.Errorf("%s is ranked, and so is %s, a part of it", id, part)
			}
		}
		counted := i.Kind != fact.RatioKind && !slices.Contains(ofTheCounty, id)
		oneCounty := len(i.Within) == 1 && i.Within[0][4:] != "00"
		if i.HasLevel(fact.County) && counted && !oneCounty && i.RankBy != fact.RankPerVillage && i.RankBy != fact.NotRanked {
			t.Errorf("%s ranks counties by size", id)
		}
	}
}

func byID(t *testing.T) map[string]fact.Indicator {
	t.Helper()
	of := map[string]fact.Indicator{}
	for _, i := range shipped(t, "govkpi.yaml").Indicators {
		of[i.ID] = i
	}
	return of
}
