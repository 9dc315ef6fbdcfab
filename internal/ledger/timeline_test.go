package ledger_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func openTimeline(t testing.TB, store ledger.Records, indicators ...string) *ledger.Timeline {
	t.Helper()
	timeline, err := ledger.OpenTimeline(t.Context(), store, indicators)
	if err != nil {
		t.Fatal(err)
	}
	return timeline
}

func confirmation(f fact.Fact, recorded int64) fact.Decision {
	return fact.Decision{Key: f.Key(), Action: fact.Confirm, Revision: f.Revision, Recorded: recorded}
}

// recorded is a fact with the instant of its record.
func recorded(f fact.Fact, at int64, origin fact.Origin) fact.Fact {
	f.Recorded, f.Origin = at, origin
	return f
}

func TestTimelineKeepsEveryRevision(t *testing.T) {
	female := grids("360602", "2025-12", 40, 1)
	female.Dimensions = "sex=female"
	store := records{
		{Facts: []fact.Fact{
			recorded(grids("360603", "2025-12", 100, 1), 1000, fact.Pulled),
			recorded(grids("360603", "2025-11", 90, 1), 1000, fact.History),
			recorded(grids("360602", "2025-12", 50, 1), 1000, fact.Pulled),
			recorded(female, 1000, fact.Imported),
		}},
		{
			Facts:     []fact.Fact{recorded(grids("360603", "2025-12", 110, 2), 2000, fact.Decided)},
			Decisions: []fact.Decision{confirmation(grids("360603", "2025-11", 90, 1), 2000)},
		},
	}
	december, november := period("2025-12"), period("2025-11")
	want := []fact.Track{
		{Region: "360602", Marks: []fact.Mark{{Period: december, Value: 50, Recorded: 1000, Revision: 1}}},
		{Region: "360602", Dimensions: "sex=female", Marks: []fact.Mark{{Period: december, Value: 40, Recorded: 1000, Revision: 1, Origin: fact.Imported}}},
		{Region: "360603", Marks: []fact.Mark{
			{Period: november, Value: 90, Recorded: 1000, Revision: 1, Confirmed: 2000, Origin: fact.History},
			{Period: december, Value: 100, Recorded: 1000, Revision: 1},
			{Period: december, Value: 110, Recorded: 2000, Revision: 2, Origin: fact.Decided},
		}},
	}
	opened := openTimeline(t, store, "grids")
	equal(t, "opened", slices.Collect(opened.Tracks("grids")), want)
	applied := openTimeline(t, records{}, "grids")
	for _, c := range store {
		applied.Apply(c)
	}
	equal(t, "applied", slices.Collect(applied.Tracks("grids")), want)
	for range opened.Tracks("grids") {
		break // stopping early is allowed
	}
}

// view is all that can be seen of a timeline, but for its versions.
type view struct {
	Tracks map[string][]fact.Track
	Held   map[string][]fact.HeldFact
}

func viewOf(t *ledger.Timeline) view {
	v := view{map[string][]fact.Track{}, map[string][]fact.HeldFact{}}
	for _, indicator := range indicators {
		v.Tracks[indicator] = slices.Collect(t.Tracks(indicator))
		v.Held[indicator] = t.Held(indicator)
	}
	return v
}

func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateComparable(fact.Period{}), cmpopts.EquateEmpty())
}

// Whatever the order in which commits arrive, and however often, they lead to
// what reading the whole ledger leads to.
func TestTimelineInAnyOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawRecords(t)
		followed := indicators[:2]
		opened, err := ledger.OpenTimeline(t.Context(), all, followed)
		if err != nil {
			t.Fatal(err)
		}
		timeline, err := ledger.OpenTimeline(t.Context(), records{}, followed)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range drawArrival(t, all) {
			timeline.Apply(c)
		}
		if d := diff(viewOf(opened), viewOf(timeline)); d != "" {
			t.Fatalf("as the commits arrived (-opened +applied):\n%s", d)
		}
		if tracks := slices.Collect(timeline.Tracks("unfollowed")); len(tracks) > 0 {
			t.Fatalf("%d tracks of an indicator that nobody follows", len(tracks))
		}
		if d := diff(modelTracks(all, "grids"), slices.Collect(timeline.Tracks("grids"))); d != "" {
			t.Fatalf("against a plain model (-want +got):\n%s", d)
		}
	})
}

// modelTracks says the slow way what the tracks of an indicator are.
func modelTracks(all records, indicator string) []fact.Track {
	var tracks []fact.Track
	confirmed := map[fact.Key]map[int32]int64{}
	for _, c := range all {
		for _, d := range c.Decisions {
			if d.Action == fact.Confirm {
				if confirmed[d.Key] == nil {
					confirmed[d.Key] = map[int32]int64{}
				}
				confirmed[d.Key][d.Revision] = d.Recorded
			}
		}
	}
	for _, c := range all {
		for _, f := range c.Facts {
			if f.Indicator != indicator {
				continue
			}
			i := slices.IndexFunc(tracks, func(t fact.Track) bool { return t.Region == f.Region && t.Dimensions == f.Dimensions })
			if i < 0 {
				i = len(tracks)
				tracks = append(tracks, fact.Track{Region: f.Region, Dimensions: f.Dimensions})
			}
			tracks[i].Marks = append(tracks[i].Marks, fact.Mark{
				Period: f.Period, Value: f.Value, Recorded: f.Recorded, Revision: f.Revision, Origin: f.Origin,
				Confirmed: confirmed[f.Key()][f.Revision],
			})
		}
	}
	slices.SortFunc(tracks, func(a, b fact.Track) int {
		return strings.Compare(a.Region+"\x00"+string(a.Dimensions), b.Region+"\x00"+string(b.Dimensions))
	})
	for _, t := range tracks {
		slices.SortFunc(t.Marks, func(a, b fact.Mark) int {
			if c := a.Period.Compare(b.Period); c != 0 {
				return c
			}
			return int(a.Revision - b.Revision)
		})
	}
	return tracks
}

func TestTimelineConfirmationComesFirst(t *testing.T) {
	timeline := openTimeline(t, records{}, "grids")
	first, second := grids("360603", "2025-12", 100, 1), grids("360603", "2025-12", 110, 2)
	timeline.Apply(fact.Committed{Decisions: []fact.Decision{confirmation(second, 3000)}})
	if n := len(slices.Collect(timeline.Tracks("grids"))); n != 0 {
		t.Errorf("%d tracks of figures that have not come yet", n)
	}
	timeline.Apply(fact.Committed{Facts: []fact.Fact{first}})
	timeline.Apply(fact.Committed{Facts: []fact.Fact{second}})
	// It was confirmed once; should a ledger ever say so twice, the first counts.
	timeline.Apply(fact.Committed{Decisions: []fact.Decision{confirmation(second, 4000)}})
	for track := range timeline.Tracks("grids") {
		equal(t, "confirmed", []int64{track.Marks[0].Confirmed, track.Marks[1].Confirmed}, []int64{0, 3000})
	}
}

// What a reader has been handed never changes.
func TestTimelineTracksAreASnapshot(t *testing.T) {
	november, december := grids("360603", "2025-11", 90, 1), grids("360603", "2025-12", 100, 1)
	timeline := openTimeline(t, records{{Facts: []fact.Fact{december}}}, "grids")
	iterator := timeline.Tracks("grids")
	before := slices.Collect(iterator)
	timeline.Apply(fact.Committed{Decisions: []fact.Decision{confirmation(december, 2000)}})
	timeline.Apply(fact.Committed{Facts: []fact.Fact{november, grids("360602", "2025-12", 1, 1)}})
	want := []fact.Track{{Region: "360603", Marks: []fact.Mark{{Period: december.Period, Value: 100, Revision: 1}}}}
	equal(t, "read before", before, want)
	equal(t, "opened before, and read after", slices.Collect(iterator), want)
	if n := len(slices.Collect(timeline.Tracks("grids"))); n != 2 {
		t.Errorf("%d tracks by now, want 2", n)
	}
}

func TestTimelineHeld(t *testing.T) {
	key := fact.Key{Indicator: "unfollowed", Region: "360603", Period: period("2025-12")}
	first := fact.HeldFact{ID: 1, Key: key, Value: 1, Recorded: 1000}
	closed := first
	closed.Closed, closed.Closing = 2000, fact.BySource
	second := fact.HeldFact{ID: 2, Key: key, Value: 2, Recorded: 2000}
	timeline := openTimeline(t, records{{Held: []fact.HeldFact{first}}}, "grids")
	equal(t, "opened", timeline.Held("unfollowed"), []fact.HeldFact{first})

	before := timeline.Held("unfollowed")
	timeline.Apply(fact.Committed{Held: []fact.HeldFact{closed}})
	equal(t, "closed", timeline.Held("unfollowed"), []fact.HeldFact{closed})
	timeline.Apply(fact.Committed{Held: []fact.HeldFact{second, closed}})
	equal(t, "another in its place", timeline.Held("unfollowed"), []fact.HeldFact{closed, second})
	timeline.Apply(fact.Committed{Held: []fact.HeldFact{first}})
	equal(t, "what came late opens nothing again", timeline.Held("unfollowed"), []fact.HeldFact{closed, second})
	equal(t, "what a reader had before", before, []fact.HeldFact{first})
	equal(t, "of another", timeline.Held("grids"), []fact.HeldFact(nil))
}

func TestTimelineVersions(t *testing.T) {
	timeline := openTimeline(t, records{}, "grids", "volunteers")
	f := grids("360603", "2025-12", 100, 1)
	forms := f
	forms.Indicator = "forms"
	held := fact.HeldFact{ID: 1, Key: forms.Key()}
	for name, test := range map[string]struct {
		apply fact.Committed
		grids bool // whether its version changes
		forms bool
	}{
		"nothing":                 {fact.Committed{}, false, false},
		"a fact":                  {fact.Committed{Facts: []fact.Fact{f}}, true, false},
		"a confirmation":          {fact.Committed{Decisions: []fact.Decision{confirmation(f, 1)}}, true, false},
		"a rejection":             {fact.Committed{Decisions: []fact.Decision{{Key: f.Key(), Action: fact.Reject}}}, false, false},
		"what nobody follows":     {fact.Committed{Facts: []fact.Fact{forms}, Decisions: []fact.Decision{confirmation(forms, 1)}}, false, false},
		"held, and not followed":  {fact.Committed{Held: []fact.HeldFact{held}}, false, true},
		"several in one delivery": {fact.Committed{Facts: []fact.Fact{forms, f}, Held: []fact.HeldFact{held}}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			grids, forms, volunteers := timeline.Version("grids"), timeline.Version("forms"), timeline.Version("volunteers")
			timeline.Apply(test.apply)
			if changed := timeline.Version("grids") != grids; changed != test.grids {
				t.Errorf("grids changed: %t, want %t", changed, test.grids)
			}
			if changed := timeline.Version("forms") != forms; changed != test.forms {
				t.Errorf("forms changed: %t, want %t", changed, test.forms)
			}
			if timeline.Version("volunteers") != volunteers {
				t.Error("volunteers changed")
			}
		})
	}
}

// counted is a store that counts what it is asked.
type counted struct {
	records
	asked []string
}

func (c *counted) Facts(ctx context.Context, q ledger.FactQuery, each func(fact.Fact) error) error {
	c.asked = append(c.asked, q.Indicators...)
	return c.records.Facts(ctx, q, each)
}

func TestTimelineFollow(t *testing.T) {
	forms := grids("360603", "2025-12", 7, 1)
	forms.Indicator = "forms"
	store := &counted{records: records{{Facts: []fact.Fact{grids("360603", "2025-12", 100, 1), forms}}}}
	timeline := openTimeline(t, store)
	if store.asked != nil || timeline.Version("grids") != 0 {
		t.Errorf("with nothing to follow, %v was read", store.asked)
	}
	steps := []struct {
		follow, asked []string
		grids, forms  int // tracks
	}{
		{[]string{"grids"}, []string{"grids"}, 1, 0},
		{[]string{"grids", "forms", "forms"}, []string{"forms"}, 1, 1},
		{[]string{"forms"}, nil, 0, 1},
		{[]string{"grids", "forms"}, []string{"grids"}, 1, 1},
		{nil, nil, 0, 0},
	}
	for i, step := range steps {
		store.asked = nil
		version := timeline.Version("grids")
		had := len(slices.Collect(timeline.Tracks("grids")))
		if err := timeline.Follow(t.Context(), step.follow); err != nil {
			t.Fatal(err)
		}
		equal(t, "read in step "+strconv.Itoa(i), store.asked, step.asked)
		equal(t, "tracks after step "+strconv.Itoa(i),
			[]int{len(slices.Collect(timeline.Tracks("grids"))), len(slices.Collect(timeline.Tracks("forms")))}, []int{step.grids, step.forms})
		if changed := timeline.Version("grids") != version; changed != (had != step.grids) {
			t.Errorf("step %d: the version of grids changed: %t", i, changed)
		}
	}
}

// failing is a store of which one part can't be read.
type failing struct {
	records
	facts, decisions, held error
}

func (f failing) Facts(ctx context.Context, q ledger.FactQuery, each func(fact.Fact) error) error {
	if f.facts != nil {
		return f.facts
	}
	return f.records.Facts(ctx, q, each)
}

func (f failing) Decisions(ctx context.Context, q ledger.DecisionQuery) ([]fact.Decision, error) {
	if f.decisions != nil {
		return nil, f.decisions
	}
	return f.records.Decisions(ctx, q)
}

func (f failing) Held(ctx context.Context, q ledger.HeldQuery) ([]fact.HeldFact, error) {
	if f.held != nil {
		return nil, f.held
	}
	return f.records.Held(ctx, q)
}

func TestTimelineFails(t *testing.T) {
	cause := errors.New("disk on fire")
	for name, test := range map[string]struct {
		store failing
		want  string
	}{
		"facts":     {failing{facts: cause}, "history of indicator grids"},
		"decisions": {failing{decisions: cause}, "decisions on indicator grids"},
		"held":      {failing{held: cause}, "held figures"},
	} {
		t.Run(name, func(t *testing.T) {
			timeline, err := ledger.OpenTimeline(t.Context(), test.store, []string{"grids"})
			if timeline != nil || !errors.Is(err, cause) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("OpenTimeline: %v, %v", timeline, err)
			}
		})
	}
	store := &failing{records: records{{Facts: []fact.Fact{grids("360603", "2025-12", 100, 1)}}}}
	timeline := openTimeline(t, store, "grids")
	store.facts = cause
	if err := timeline.Follow(t.Context(), []string{"forms"}); !errors.Is(err, cause) {
		t.Errorf("Follow: %v", err)
	}
	if n := len(slices.Collect(timeline.Tracks("grids"))); n != 1 {
		t.Errorf("%d tracks after a Follow that failed; want what was there", n)
	}
}

func TestTimelineZeroValue(t *testing.T) {
	var timeline ledger.Timeline
	f := grids("360603", "2025-12", 100, 1)
	timeline.Apply(fact.Committed{Facts: []fact.Fact{f}, Held: []fact.HeldFact{{ID: 1, Key: f.Key()}}})
	if len(slices.Collect(timeline.Tracks("grids"))) != 0 || len(timeline.Held("grids")) != 1 {
		t.Error("it follows something, or lost a held figure")
	}
	if err := timeline.Follow(t.Context(), []string{"grids"}); err != nil {
		t.Fatal(err)
	}
	timeline.Apply(fact.Committed{Facts: []fact.Fact{f}})
	if len(slices.Collect(timeline.Tracks("grids"))) != 1 {
		t.Error("what it follows by now is not kept")
	}
}

// A reader that has begun sees what was there then, whole.
func TestTimelineConcurrently(t *testing.T) {
	store := records{}
	timeline := openTimeline(t, store, "grids")
	var group sync.WaitGroup
	for i := range 3 {
		group.Go(func() {
			for revision := int32(1); revision <= 50; revision++ {
				var c fact.Committed
				for j := range 300 {
					f := grids(strconv.Itoa(1000+j), "2025-"+strconv.Itoa(10+i), 1, revision)
					c.Facts = append(c.Facts, f)
				}
				c.Decisions = []fact.Decision{confirmation(c.Facts[0], int64(revision))}
				c.Held = []fact.HeldFact{{ID: int64(i), Key: c.Facts[0].Key()}}
				timeline.Apply(c)
			}
		})
		group.Go(func() {
			for range 100 {
				checkWhole(t, timeline.Tracks("grids"))
				timeline.Held("grids")
				timeline.Version("grids")
			}
		})
	}
	group.Wait()
	for track := range timeline.Tracks("grids") {
		if len(track.Marks) != 150 {
			t.Fatalf("region %s has %d marks; want 150", track.Region, len(track.Marks))
		}
	}
}

// checkWhole fails where one region has more marks than another: all come with
// every Apply.
func checkWhole(t *testing.T, tracks iter.Seq[fact.Track]) {
	marks := map[int]bool{}
	for track := range tracks {
		marks[len(track.Marks)] = true
	}
	if len(marks) > 1 {
		t.Errorf("a reader saw half an Apply: %v", marks)
	}
}
