package quality_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// FuzzNothingIsLost holds the gate to what it promises of every delivery: each
// reading and entry is accepted, held or refused, or stands behind a rejection that
// counts it; what is neither is a total that agrees or a region that is already
// configured. And a total that contradicts its readings leaves none of them.
func FuzzNothingIsLost(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, shape uint8) {
		e := randomDelivery(t, rand.New(rand.NewPCG(seed, 1)), shape)
		v := e.pass(t)
		told := map[int32]*fact.Rejection{} // nil is accepted or held
		tell := func(row int32, r *fact.Rejection) {
			if _, twice := told[row]; twice {
				t.Fatalf("row %d is told twice: %+v", row, r)
			}
			told[row] = r
		}
		behind := 0
		for i := range v.Facts {
			tell(v.Facts[i].Place.Row, nil)
		}
		for i := range v.Regions {
			tell(v.Regions[i].Place.Row, nil)
		}
		for i := range v.Held {
			tell(v.Held[i].Place.Row, nil)
		}
		for i := range v.Rejections {
			switch r := &v.Rejections[i]; r.Stage {
			case "regions-expected": // is of no row
			case "column-drift":
				behind += drifted(t, r) - 1
				tell(r.Reading.Place.Row, r)
			default:
				tell(r.Reading.Place.Row, r)
			}
		}
		checkUntold(t, e, told, behind)
		checkTotals(t, e, v, told)
	})
}

// drifted returns how many readings a rejection stands for.
func drifted(t *testing.T, r *fact.Rejection) int {
	t.Helper()
	var counts []string
	for _, reason := range []string{r.Reason.EN, r.Reason.ZH} {
		if found := regexp.MustCompile(`(?:All|的全部) (\d+) `).FindStringSubmatch(reason); found != nil {
			counts = append(counts, found[1])
		}
	}
	if len(counts) != 2 || counts[0] != counts[1] {
		t.Fatalf("%s\n%s\ndo not name one number", r.Reason.EN, r.Reason.ZH)
	}
	n, err := strconv.Atoi(counts[0])
	if err != nil || n < 20 {
		t.Fatalf("stands for %s: %v", counts[0], err)
	}
	return n
}

// checkUntold counts what is neither accepted nor refused.
func checkUntold(t *testing.T, e example, told map[int32]*fact.Rejection, behind int) {
	t.Helper()
	untold := 0
	for _, r := range e.readings {
		if _, ok := told[r.Place.Row]; !ok && !r.Total {
			untold++
		}
	}
	for _, entry := range e.entries {
		if _, ok := told[entry.Place.Row]; !ok && entry.Name != "余江区" {
			untold++
		}
	}
	if untold != behind {
		t.Fatalf("nothing is said of %d, but rejections stand for %d\n%+v", untold, behind, e)
	}
}

// checkTotals adds up what each total is over: of what was accepted, and of what
// a stage after total-agrees held or refused.
func checkTotals(t *testing.T, e example, v fact.Verdict, told map[int32]*fact.Rejection) {
	t.Helper()
	inside := newRegister()
	over := func(total *fact.Reading, indicator, region, period string) bool {
		if indicator != total.Indicator || period != total.Period {
			return false
		}
		above, ok := inside.Above(region, fact.City)
		return total.Region == "" || ok && above.Code == total.Region
	}
	for i := range e.readings {
		total := &e.readings[i]
		if !total.Total {
			continue
		}
		var accepted, sum float64
		for _, f := range v.Facts {
			if over(total, f.Indicator, f.Region, f.Period.String()) {
				accepted++
				sum += f.Value
			}
		}
		for _, h := range v.Held {
			if over(total, h.Indicator, h.Region, h.Period.String()) {
				accepted++ // not refused by this total
				sum += h.Value
			}
		}
		for _, r := range v.Rejections {
			if late := r.Stage == "fraction-proper" || r.Stage == "not-overruled"; late && over(total, r.Reading.Indicator, r.Reading.Region, r.Reading.Period) {
				value, _ := r.Reading.Value.Number()
				sum += value
			}
		}
		refused := told[total.Place.Row]
		switch value, _ := total.Value.Number(); {
		case refused == nil && sum != value && !contradicted(told, e, over, total):
			t.Fatalf("total %+v was held to agree with %v", total, sum)
		case refused != nil && strings.Contains(refused.Reason.EN, "Nobody can say") && accepted > 0:
			t.Fatalf("total %+v contradicts %v readings that were accepted", total, accepted)
		}
	}
}

// contradicted reports whether another total took readings with it that this one
// is over too.
func contradicted(told map[int32]*fact.Rejection, e example, over func(*fact.Reading, string, string, string) bool, total *fact.Reading) bool {
	for _, r := range e.readings {
		if refused := told[r.Place.Row]; !r.Total && refused != nil && refused.Stage == "total-agrees" && over(total, r.Indicator, r.Region, r.Period) {
			return true
		}
	}
	return false
}

func randomDelivery(t *testing.T, source *rand.Rand, shape uint8) example {
	t.Helper()
	pick := func(from ...string) string { return from[source.IntN(len(from))] }
	e := example{terms: quality.Terms{Within: pick("", "", "", "360600")}}
	if source.IntN(3) == 0 {
		e.terms.Expected, e.terms.Indicators = counties("360603", "360602", "360423"), []string{"cases"}
	}
	periods := make([]string, 30)
	for i := range periods {
		periods[i] = fmt.Sprintf("%d-12", 1990+i)
	}
	if source.IntN(3) == 0 {
		for _, period := range periods {
			e.overruled = append(e.overruled, overruled(t, "grids", period, 1, fact.Reject), overruled(t, "forms_cut", period, 2, fact.Correct))
			e.known = append(e.known, known(t, "members", period, 1))
		}
	}
	e.terms.Declared = source.IntN(8) == 0
	for range source.IntN(120) {
		r := fact.Reading{
			Indicator: pick("grids", "cases", "members", "forms_before", "forms_cut"), Region: pick("360603", "360602", "360423"),
			Period: pick(periods...), Value: fact.NumberValue(float64(source.IntN(3))),
			Place: fact.Place{Field: pick("a", "b")},
		}
		spoil(&r, shape, source)
		if source.IntN(8) == 0 {
			r.Total, r.Region, r.Value = true, pick("", "", "360600", "360400"), fact.NumberValue(float64(source.IntN(4)))
		}
		e.readings = append(e.readings, r)
	}
	for range source.IntN(40) * int(shape/128) {
		code := fmt.Sprintf("3606031%02d", source.IntN(20))
		e.entries = append(e.entries, fact.RegionEntry{
			Code: pick(code, code, code+"001", "360603", "x"), Name: pick("镇", "镇", "余江区", ""), Parent: pick("", "", "360602", "?"),
		})
	}
	row := int32(0)
	for i := range e.readings {
		row++
		e.readings[i].Place.Row = row
	}
	for i := range e.entries {
		row++
		e.entries[i].Place.Row = row
	}
	return e
}

// spoil breaks columns as the bits of the shape say: all of them, those of one
// field or indicator, or here and there.
func spoil(r *fact.Reading, shape uint8, source *rand.Rand) {
	often := shape&1 == 0 || source.IntN(10) > 0
	if shape&2 != 0 && often {
		r.Region = "nowhere"
	}
	if shape&4 != 0 && often && r.Place.Field == "a" {
		r.Value = fact.TextValue("many")
	}
	if shape&8 != 0 && often && r.Indicator == "cases" {
		r.Period = "soon"
	}
	if shape&16 != 0 && often {
		r.Indicator += "?"
	}
	if shape&32 != 0 && source.IntN(10) == 0 {
		r.Value = fact.Value{}
	}
}
