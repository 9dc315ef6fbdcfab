package ledger_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func TestOverrulings(t *testing.T) {
	key := fact.Key{Indicator: "grids", Region: "360603", Period: period("2025-12")}
	quarter := key
	quarter.Period = period("2025-Q4")
	for name, test := range map[string]struct {
		do    func(*writer, *fact.Committed, int) bool // one commit; false is no more
		wrong []float64
		right []float64
	}{
		"nothing": {func(*writer, *fact.Committed, int) bool { return false }, nil, []float64{0, 100}},
		"corrected": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.fact(c, key, 1000, fact.Pulled, fact.BySource)
			case 1:
				w.correct(c, key, 100)
			}
			return i < 2
		}, []float64{1000}, []float64{100}},
		"corrected, and back": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.fact(c, key, 1000, fact.Pulled, fact.BySource)
			case 1:
				w.correct(c, key, 100)
			case 2:
				w.correct(c, key, 1000)
			}
			return i < 3
		}, []float64{100}, []float64{1000}},
		"rejected": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.hold(c, key, 1000)
			case 1:
				w.judge(c, key, false)
			}
			return i < 2
		}, []float64{1000}, []float64{100}},
		"rejected, and then corrected to that": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.hold(c, key, 1000)
			case 1:
				w.judge(c, key, false)
			case 2:
				w.correct(c, key, 1000)
			}
			return i < 3
		}, nil, []float64{1000}},
		"rejected, and then released": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0, 2:
				w.hold(c, key, 1000)
			case 1, 3:
				w.judge(c, key, i == 3)
			}
			return i < 4
		}, nil, []float64{1000}},
		"held, and corrected to another": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.fact(c, key, 50, fact.Pulled, fact.BySource)
			case 1:
				w.hold(c, key, 1000)
			case 2:
				w.correct(c, key, 100)
			}
			return i < 3
		}, []float64{50, 1000}, []float64{100}},
		"held, and corrected to the same": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.hold(c, key, 1000)
			case 1:
				w.correct(c, key, 1000)
			}
			return i < 2
		}, nil, []float64{1000}},
		"held, and another sent": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.hold(c, key, 1000)
			case 1:
				w.fact(c, key, 100, fact.Pulled, fact.BySource)
			case 2:
				w.confirm(c, key)
			}
			return i < 3
		}, nil, []float64{100, 1000}},
		"a correction of another period that begins with it": {func(w *writer, c *fact.Committed, i int) bool {
			switch i {
			case 0:
				w.fact(c, quarter, 1000, fact.Pulled, fact.BySource)
			case 1:
				w.correct(c, quarter, 100)
			}
			return i < 2
		}, nil, []float64{100, 1000}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter()
			applied := &ledger.Overrulings{}
			for i := 0; ; i++ {
				w.now++
				var c fact.Committed
				if !test.do(w, &c, i) {
					break
				}
				w.records = append(w.records, c)
				applied.Apply(c)
			}
			opened, err := ledger.OpenOverrulings(t.Context(), w.records)
			if err != nil {
				t.Fatal(err)
			}
			for how, o := range map[string]*ledger.Overrulings{"opened": opened, "applied": applied} {
				for _, value := range test.wrong {
					if d, ok := o.Find(key, value); !ok || d.By != "李芳" || d.Key != key {
						t.Errorf("%s: %v: %+v, %t; want who found it wrong", how, value, d, ok)
					}
				}
				for _, value := range test.right {
					if d, ok := o.Find(key, value); ok || d != (fact.Decision{}) {
						t.Errorf("%s: %v was found wrong by %+v", how, value, d)
					}
				}
			}
		})
	}
}

// Whatever the order in which commits arrive, and however often, the same values
// are found wrong by the same decisions; and a set, changed decision by decision
// in the order of the ledger, agrees.
func TestOverrulingsInAnyOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawRecords(t)
		opened, err := ledger.OpenOverrulings(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		applied := &ledger.Overrulings{}
		for _, c := range drawArrival(t, all) {
			applied.Apply(c)
		}
		model := wrongValues(all)
		for key := range keysOf(all) {
			for value := range 4 {
				want := model[key][float64(value)]
				for how, o := range map[string]*ledger.Overrulings{"opened": opened, "applied": applied} {
					if d, ok := o.Find(key, float64(value)); ok != (want != 0) || d.ID != want {
						t.Fatalf("%s: %+v = %d was found wrong by decision %d (%t), want %d", how, key, value, d.ID, ok, want)
					}
				}
			}
		}
	})
}

func keysOf(all records) map[fact.Key]bool {
	keys := map[fact.Key]bool{}
	for _, c := range all {
		for _, d := range c.Decisions {
			keys[d.Key] = true
		}
	}
	return keys
}

// wrongValues goes through a ledger in its order and returns, by figure and
// value, the decision that found it wrong.
func wrongValues(all records) map[fact.Key]map[float64]int64 {
	sets := map[fact.Key]map[float64]int64{}
	for _, c := range all {
		for _, d := range c.Decisions {
			set := sets[d.Key]
			if set == nil {
				set = map[float64]int64{}
				sets[d.Key] = set
			}
			if d.Overruled.OK {
				set[d.Overruled.Value] = d.ID
			}
			for _, h := range c.Held {
				if h.Key == d.Key && h.Closing == fact.ByCorrection {
					set[h.Value] = d.ID
				}
				if d.Action == fact.Release && h.ID == d.Held {
					delete(set, h.Value)
				}
			}
			for _, f := range c.Facts {
				if f.Key() == d.Key && d.Action == fact.Correct {
					delete(set, f.Value)
				}
			}
		}
	}
	return sets
}

func TestOverrulingsFail(t *testing.T) {
	cause := errors.New("disk on fire")
	w := newWriter()
	var c fact.Committed
	w.correct(&c, fact.Key{Indicator: "grids", Region: "360603", Period: period("2025-12")}, 1)
	for name, test := range map[string]struct {
		store failing
		want  string
	}{
		"facts":     {failing{records: records{c}, facts: cause}, "what figures were corrected to"},
		"decisions": {failing{decisions: cause}, "people's decisions"},
		"held":      {failing{held: cause}, "held figures"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := ledger.OpenOverrulings(t.Context(), test.store)
			if o != nil || !errors.Is(err, cause) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("OpenOverrulings: %v, %v", o, err)
			}
		})
	}
}

func TestOverrulingsConcurrently(t *testing.T) {
	var o ledger.Overrulings
	key := fact.Key{Indicator: "grids", Region: "360603", Period: period("2025-12")}
	var group sync.WaitGroup
	for i := range 3 {
		group.Go(func() {
			for n := range 100 {
				d := fact.Decision{ID: int64(n*3 + i), Key: key, Action: fact.Reject, Overruled: fact.Some(float64(i))}
				o.Apply(fact.Committed{Decisions: []fact.Decision{d}})
				if _, ok := o.Find(key, float64(i)); !ok {
					t.Errorf("%d is not found wrong", i)
				}
			}
		})
	}
	group.Wait()
	if d, _ := o.Find(key, 2); d.ID != 299 {
		t.Errorf("decision %d; want the newest, 299", d.ID)
	}
}
