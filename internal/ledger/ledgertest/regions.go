package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

func regionTests() tests {
	return tests{
		"a new region is revision 1 and keeps its provenance":  regionRoundTrip,
		"a region that says something else is a revision":      regionRevisions,
		"regions that can't be kept refuse the whole delivery": refusedRegions,
		"two regions with one code are refused":                regionTwice,
		"regions come in the order of their codes, shorter first": func(t *testing.T, h *harness) {
			want := []string{"36", "3606", "360603", "361100", "360603001", "360603002", "360603001001", "999999999999999999"}
			var delivered []fact.RegionFact
			for _, code := range want {
				delivered = append(delivered, village(code, "x"))
			}
			slices.Reverse(delivered)
			h.deliverRegions(t, delivered...)
			var got []string
			for _, r := range h.regions(t) {
				got = append(got, r.Code)
			}
			same(t, "codes", got, want)
		},
		"a refused delivery leaves its regions as they were": func(t *testing.T, h *harness) {
			h.deliverRegions(t, villages(1)...)
			regions := append(villages(600), village("none", "x"))
			if _, err := h.Commit(t.Context(), fact.Delivery{Run: h.begin(t, "register"), Regions: regions}); err == nil {
				t.Fatal("Commit took a region without a code")
			}
			same(t, "the regions", regions[:600], villages(600))
		},
		"an error of the callback ends the reading and comes back unchanged": regionCallback,
		"a context that ends ends the reading": func(t *testing.T, h *harness) {
			h.deliverRegions(t, villages(10)...)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := h.Regions(ctx, time.Time{}, func(fact.RegionFact) error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("Regions: %v; want context.Canceled", err)
			}
		},
		"a reading sees the register as it was at its start":   regionSnapshot,
		"random registers leave what a plain model predicts":   regionModel,
		"figures and regions of one delivery are one revision": mixedDelivery,
	}
}

func (h *harness) regions(t *testing.T) []fact.RegionFact {
	t.Helper()
	var regions []fact.RegionFact
	err := h.Regions(t.Context(), time.Time{}, func(r fact.RegionFact) error {
		regions = append(regions, r)
		return nil
	})
	if err != nil {
		t.Fatalf("Regions: %v", err)
	}
	return regions
}

// deliverRegions commits regions in a run of their own.
func (h *harness) deliverRegions(t *testing.T, regions ...fact.RegionFact) []fact.RegionFact {
	t.Helper()
	id := h.begin(t, "register")
	committed := h.commitAll(t, fact.Delivery{Run: id, Regions: regions})
	h.end(t, id, fact.Succeeded)
	return committed.Regions
}

// village is the region that most tests speak of.
func village(code, name string) fact.RegionFact {
	return fact.RegionFact{Region: fact.Region{Code: code, Name: name, Level: fact.Village, Parent: "360603001"}}
}

// villages are n regions, of codes 360603001000 and up.
func villages(n int) []fact.RegionFact {
	regions := make([]fact.RegionFact, n)
	for i := range regions {
		regions[i] = village(strconv.Itoa(360603001000+i), "村"+strconv.Itoa(i))
	}
	return regions
}

// byCode brings what Commit returned, which is in no particular order, into the
// ledger's.
func byCode(regions []fact.RegionFact) []fact.RegionFact {
	regions = slices.Clone(regions)
	slices.SortFunc(regions, func(a, b fact.RegionFact) int {
		if len(a.Code) != len(b.Code) {
			return len(a.Code) - len(b.Code)
		}
		return strings.Compare(a.Code, b.Code)
	})
	return regions
}

func regionRoundTrip(t *testing.T, h *harness) {
	run := h.begin(t, "register")
	want := []fact.RegionFact{
		{Region: fact.Region{Code: "36", Name: "江西省", Level: fact.Province}, Place: fact.Place{Field: "name"}},
		{Region: fact.Region{Code: "360603001", Name: "邓埠镇 <&'\"\\> \x00", Parent: "360603", Level: fact.Township},
			Place: fact.Place{Part: "名册", Field: "code", Row: math.MaxInt32}},
		{Region: fact.Region{Code: "360603001001001", Parent: "999999999999999999", Level: fact.Grid}}, // a grid may have no name
	}
	delivered := slices.Clone(want)
	delivered[0].Villages = 17 // not collected
	slices.Reverse(delivered)
	got := h.commitAll(t, fact.Delivery{Run: run, Regions: delivered})
	for i := range want {
		want[i].Revision, want[i].Run, want[i].Recorded = 1, run, h.clock.Now().UnixMilli()
	}
	same(t, "Commit returned", byCode(got.Regions), want)
	same(t, "facts", got.Facts, []fact.Fact{})
	h.clock.advance(time.Hour)
	h.reopen()
	same(t, "the ledger holds", h.regions(t), want)
}

// regionRevisions delivers one region again and again.
func regionRevisions(t *testing.T, h *harness) {
	revision := int32(0)
	for _, step := range []struct {
		what   string
		change func(*fact.RegionFact)
		new    bool
	}{
		{"first", func(*fact.RegionFact) {}, true},
		{"the same", func(*fact.RegionFact) {}, false},
		{"at another place", func(r *fact.RegionFact) { r.Place = fact.Place{Part: "2", Field: "x", Row: 9} }, false},
		{"with villages, which are not collected", func(r *fact.RegionFact) { r.Villages = 3 }, false},
		{"renamed", func(r *fact.RegionFact) { r.Name = "乙村" }, true},
		{"renamed, again", func(r *fact.RegionFact) { r.Name = "乙村" }, false},
		{"without a name", func(r *fact.RegionFact) { r.Name = "" }, true},
		{"moved", func(r *fact.RegionFact) { r.Name, r.Parent = "", "360603002" }, true},
		{"below nothing", func(r *fact.RegionFact) { r.Name, r.Parent = "", "" }, true},
		{"below nothing, again", func(r *fact.RegionFact) { r.Name, r.Parent = "", "" }, false},
		{"on another level", func(r *fact.RegionFact) { r.Name, r.Parent, r.Level = "", "", fact.Grid }, true},
		{"as it was at first", func(*fact.RegionFact) {}, true},
	} {
		h.clock.advance(time.Minute)
		r := village("360603001001", "甲村")
		step.change(&r)
		want := slices.Clone(h.regions(t))
		changed := h.deliverRegions(t, r)
		if !step.new {
			same(t, step.what+": Commit returned", changed, []fact.RegionFact{})
			same(t, step.what+": the ledger holds", h.regions(t), want)
			continue
		}
		revision++
		if len(changed) != 1 || changed[0].Revision != revision || changed[0].Region != r.Region {
			t.Errorf("%s: Commit returned %+v; want revision %d of %+v", step.what, changed, revision, r.Region)
		}
		same(t, step.what+": the ledger holds", h.regions(t), changed)
	}
}

func refusedRegions(t *testing.T, h *harness) {
	bad := func(change func(*fact.RegionFact)) fact.RegionFact {
		r := village("360603009009", "x")
		change(&r)
		return r
	}
	run := h.begin(t, "register")
	for name, r := range map[string]fact.RegionFact{
		"no code":                  bad(func(r *fact.RegionFact) { r.Code = "" }),
		"a code of letters":        bad(func(r *fact.RegionFact) { r.Code = "GRID1" }),
		"a code beginning with 0":  bad(func(r *fact.RegionFact) { r.Code = "036" }),
		"a code of 19 digits":      bad(func(r *fact.RegionFact) { r.Code = "1234567890123456789" }),
		"no level":                 bad(func(r *fact.RegionFact) { r.Level = 0 }),
		"a level below all":        bad(func(r *fact.RegionFact) { r.Level = fact.Grid + 1 }),
		"a parent of letters":      bad(func(r *fact.RegionFact) { r.Parent = "余江区" }),
		"a parent beginning in 0":  bad(func(r *fact.RegionFact) { r.Parent = "06" }),
		"a parent of a single one": bad(func(r *fact.RegionFact) { r.Parent = "6" }),
	} {
		t.Run(name, func(t *testing.T) {
			for _, regions := range [][]fact.RegionFact{append(villages(600), r), append([]fact.RegionFact{r}, villages(600)...)} {
				if _, err := h.Commit(t.Context(), fact.Delivery{Run: run, Facts: counties(300), Regions: regions}); err == nil {
					t.Error("Commit took it")
				}
			}
			assertEmpty(t, h)
		})
	}
	t.Run("a fact that can't be kept", func(t *testing.T) {
		facts := append(counties(300), grids("360603", "2025", math.NaN()))
		if _, err := h.Commit(t.Context(), fact.Delivery{Run: run, Facts: facts, Regions: villages(600)}); err == nil {
			t.Error("Commit took it")
		}
		assertEmpty(t, h)
	})
	// What was refused stands in the way of nothing.
	if c := h.commitAll(t, fact.Delivery{Run: run, Facts: counties(300), Regions: villages(600)}); len(c.Facts) != 300 || len(c.Regions) != 600 {
		t.Errorf("the good ones alone: %d facts and %d regions were new; want 300 and 600", len(c.Facts), len(c.Regions))
	}
}

func regionTwice(t *testing.T, h *harness) {
	run := h.begin(t, "register")
	for i, twice := range [][]fact.RegionFact{
		{village("360603001001", "甲"), village("360603001001", "甲")},
		append(villages(600), village(villages(4)[3].Code, "乙")),
	} {
		_, err := h.Commit(t.Context(), fact.Delivery{Run: run, Target: strconv.Itoa(i), Regions: twice})
		if code := twice[len(twice)-1].Code; err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("error %v; want one that names %s", err, code)
		}
	}
	assertEmpty(t, h)
}

func regionCallback(t *testing.T, h *harness) {
	h.deliverRegions(t, villages(10)...)
	stop := errors.New("enough")
	for last := 1; last <= 10; last += 3 { // 10 is the last there is
		calls := 0
		err := h.Regions(t.Context(), time.Time{}, func(fact.RegionFact) error {
			if calls++; calls == last {
				return stop
			}
			return nil
		})
		if err != stop || calls != last { //nolint:errorlint // unchanged is what is promised
			t.Errorf("Regions returned %v after %d calls; want %v after %d", err, calls, stop, last)
		}
	}
}

// mixedDelivery revises figures and regions side by side, from places they
// share.
func mixedDelivery(t *testing.T, h *harness) {
	deliver := func(value float64, name string) fact.Committed {
		h.clock.advance(time.Minute)
		run := h.begin(t, "grids")
		d := fact.Delivery{Run: run, Facts: counties(300), Regions: villages(300), Rows: 700, Rejections: []fact.Rejection{{Stage: "bounds"}}}
		for i := range 300 {
			place := fact.Place{Part: []string{"1月", "2月"}[i%2], Row: int32(i)}
			d.Facts[i].Place, d.Regions[i].Place = place, place
			d.Facts[i].Value = value * float64(i%2) // half of them change
			if i%3 == 0 {
				d.Regions[i].Name = name
			}
		}
		committed := h.commitAll(t, d)
		h.end(t, run, fact.Succeeded)
		return committed
	}
	for i, want := range []struct {
		value          float64
		name           string
		facts, regions int
	}{{1, "甲", 300, 300}, {2, "甲", 150, 0}, {2, "乙", 0, 100}, {3, "丙", 150, 100}, {3, "丙", 0, 0}} {
		c := deliver(want.value, want.name)
		if len(c.Facts) != want.facts || len(c.Regions) != want.regions {
			t.Errorf("delivery %d: %d facts and %d regions were new; want %d and %d", i+1, len(c.Facts), len(c.Regions), want.facts, want.regions)
		}
		for _, r := range c.Regions {
			if r.Recorded != h.clock.Now().UnixMilli() || r.Place.Row == 0 && r.Code != villages(1)[0].Code {
				t.Errorf("delivery %d: %+v", i+1, r)
			}
		}
	}
	var counted []string
	for _, d := range h.deliveries(t, "grids", fact.DeliveryQuery{}) {
		counted = append(counted, fmt.Sprintf("%d rows, %d accepted, %d changed, %d rejected", d.Rows, d.Accepted, d.Changed, d.Rejected))
	}
	same(t, "deliveries, newest first", counted, []string{
		"700 rows, 600 accepted, 0 changed, 1 rejected", "700 rows, 600 accepted, 250 changed, 1 rejected",
		"700 rows, 600 accepted, 100 changed, 1 rejected", "700 rows, 600 accepted, 150 changed, 1 rejected",
		"700 rows, 600 accepted, 600 changed, 1 rejected"})
}

func regionSnapshot(t *testing.T, h *harness) {
	h.deliverRegions(t, villages(500)...)
	started, delivered := make(chan struct{}), make(chan error)
	go func() {
		<-started
		id, err := h.Begin(t.Context(), fact.Run{Collector: "register", Start: h.clock.Now()})
		if err == nil {
			later := villages(700)
			for i := range later {
				later[i].Name = "later"
			}
			_, err = h.Commit(t.Context(), fact.Delivery{Run: id, Regions: later})
		}
		delivered <- err
	}()
	seen := 0
	err := h.Regions(t.Context(), time.Time{}, func(r fact.RegionFact) error {
		if seen++; seen == 1 {
			close(started)
			if err := <-delivered; err != nil {
				return err
			}
		}
		if r.Name == "later" {
			return errors.New("a later region")
		}
		return nil
	})
	if err != nil || seen != 500 {
		t.Errorf("Regions: %d regions, %v; want the 500 of before", seen, err)
	}
}

// regionModel delivers at random, from a few regions far apart to all of them,
// and compares with a map.
func regionModel(t *testing.T, h *harness) {
	random := rand.New(rand.NewPCG(3, 4))
	newest := map[string]fact.RegionFact{}
	for _, size := range []int{3, 1500, 2, 5, 0, 251, 40, 1500, 1, 900} {
		h.clock.advance(time.Second)
		run := h.begin(t, "register")
		var delivered, want []fact.RegionFact
		seen := map[string]bool{}
		for range size {
			r := village([]string{"36", "360603", "361102001"}[random.IntN(3)]+strconv.Itoa(100+random.IntN(800)), "村"+strconv.Itoa(random.IntN(2)))
			r.Parent = []string{"", "36", "3606"}[random.IntN(3)]
			r.Place = fact.Place{Part: []string{"", "a"}[random.IntN(2)], Row: random.Int32N(1000)}
			if seen[r.Code] {
				continue
			}
			seen[r.Code] = true
			delivered = append(delivered, r)
			old := newest[r.Code]
			if old.Region == r.Region {
				continue
			}
			r.Revision, r.Run, r.Recorded = old.Revision+1, run, h.clock.Now().UnixMilli()
			newest[r.Code] = r
			want = append(want, r)
		}
		same(t, "Commit returned", byCode(h.commitAll(t, fact.Delivery{Run: run, Regions: delivered}).Regions), byCode(want))
		h.end(t, run, fact.Succeeded)
	}
	var all []fact.RegionFact
	for _, r := range newest {
		all = append(all, r)
	}
	same(t, "the ledger holds", h.regions(t), byCode(all))
}
