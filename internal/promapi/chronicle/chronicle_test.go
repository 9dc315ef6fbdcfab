package chronicle_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
	"github.com/govkpi/govkpi/internal/promapi/chronicle"
)

// past is an archive in which a rank is what was recorded last, in an era that is
// part of the value.
type past struct {
	now     int64
	eras    []int64
	records []int64 // when; the n-th record says n
	walks   int
	broken  error
}

func (p *past) Now() time.Time { return time.UnixMilli(p.now) }

func (p *past) Families() []chronicle.Family {
	return []chronicle.Family{{Family: promapi.Family{Name: "governance_rank", Type: "gauge"}, Part: 1}}
}

func (p *past) Eras(context.Context) ([]chronicle.Era, error) {
	var eras []chronicle.Era
	for _, begin := range p.eras {
		if begin <= p.now {
			eras = append(eras, chronicle.Era{Begin: time.UnixMilli(begin), Digest: fmt.Sprint(begin)})
		}
	}
	return eras, nil
}

func (p *past) Open(_ context.Context, e chronicle.Era) (chronicle.Chapter, error) {
	return era{p, slices.Index(p.eras, e.Begin.UnixMilli())}, p.broken
}

func (p *past) Figures(context.Context, time.Time) (chronicle.Figures, error) {
	return nil, errors.New("nobody asks")
}

// at is what stood at an instant by what was known at another; 0 is nothing.
func (p *past) at(ms, knownBy int64) float64 {
	n, of := 0, -1
	for i, recorded := range p.records {
		if recorded <= min(ms, knownBy) {
			n = i + 1
		}
	}
	for i, begin := range p.eras {
		if begin <= min(ms, knownBy) {
			of = i
		}
	}
	if of < 0 || n%4 == 0 {
		return 0
	}
	return float64(1000*of + n)
}

type era struct {
	*past
	n int
}

func (e era) Indicators() []string { return []string{"grids"} }

func (e era) Instants(_ context.Context, id string, _ chronicle.Part, after, to time.Time) ([]fact.Instant, error) {
	var all []fact.Instant
	for _, recorded := range e.records {
		if id != "" && recorded > after.UnixMilli() && recorded <= to.UnixMilli() && recorded <= e.now {
			all = append(all, fact.Instant{At: recorded, Records: 1})
		}
	}
	return all, nil
}

func (e era) Walk(_ context.Context, id string, _ chronicle.Part, at, knownBy time.Time, each func(string, []byte, float64, int64)) error {
	e.walks++
	if v := e.at(at.UnixMilli(), knownBy.UnixMilli()); id != "" && v != 0 {
		if int(v)/1000 != e.n {
			return fmt.Errorf("%v is asked of era %d", v, e.n)
		}
		each("governance_rank", []byte("indicator\xffgrids\xffcode\xff360603\xff"), v, 0)
	}
	return nil
}

func (era) OnlyPresent(string) bool { return false }

func (era) WalkPresent(context.Context, string, chronicle.Part, func(string, []byte, float64, int64)) error {
	return errors.New("nobody asks")
}

// Whatever was asked before, and whatever has been recorded since, an answer is what
// stood; and what was worked out once is not worked out again.
func TestWhatStoodDoesNotDependOnWhoAskedBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &past{eras: []int64{1_000_000, 40_000_000, 90_000_000}}
		at := int64(0)
		for range rapid.IntRange(0, 30).Draw(t, "records") {
			at += rapid.Int64Range(1, 8_000_000).Draw(t, "gap")
			p.records = append(p.records, at)
		}
		c := chronicle.New(p)
		for range rapid.IntRange(1, 12).Draw(t, "questions") {
			p.now += rapid.Int64Range(0, 30_000_000).Draw(t, "passes")
			s := promapi.Selection{
				From: rapid.Int64Range(0, p.now).Draw(t, "from"), KnownBy: math.MaxInt64,
				Matchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "governance_rank")},
			}
			s.To = s.From + rapid.Int64Range(0, 50_000_000).Draw(t, "long")
			if rapid.IntRange(0, 3).Draw(t, "known") == 0 {
				s.KnownBy = rapid.Int64Range(1_000_000, max(1_000_000, p.now)).Draw(t, "by")
			}
			got, err := c.Select(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			for ms := s.From; ms <= min(s.To, p.now); ms += 1_700_003 {
				if v, want := valueAt(got, ms), p.at(ms, s.KnownBy); v != want {
					t.Fatalf("at %d of %d to %d, known by %d, now %d: %v, want %v", ms, s.From, s.To, s.KnownBy, p.now, v, want)
				}
			}
		}
	})
}

func valueAt(all []promapi.Series, ms int64) (v float64) {
	for _, s := range all {
		for _, step := range s.Steps {
			if step.From <= ms {
				v = step.Value
			}
		}
	}
	if value.IsStaleNaN(v) {
		return 0
	}
	return v
}

func TestWhatStoodIsWorkedOutOnce(t *testing.T) {
	p := &past{eras: []int64{0}, now: 10_000_000_000}
	for i := range int64(50) {
		p.records = append(p.records, (i+1)*100_000_000)
	}
	c := chronicle.New(p)
	s := promapi.Selection{From: 1, To: p.now, KnownBy: math.MaxInt64, Matchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "governance_rank")}}
	for range 5 {
		if _, err := c.Select(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if once := 2*51 + 2; p.walks > once { // the register has a column of its own
		t.Errorf("%d walks, want at most %d", p.walks, once)
	}
	p.broken = errors.New("the disk is on fire")
	if _, err := c.Select(t.Context(), s); !errors.Is(err, p.broken) {
		t.Errorf("got %v, want the archive's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.broken = nil
	if _, err := chronicle.New(p).Select(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question gives %v", err)
	}
}

// figures is an archive of two indicators whose figures are looked at as they were
// known then, and of one of which nothing can be worked out.
type figures struct{ *past }

func (figures) Families() []chronicle.Family {
	return []chronicle.Family{{Family: promapi.Family{Name: "governance_a"}, Then: 1}, {Family: promapi.Family{Name: "governance_b"}, Then: 1}}
}

func (f figures) Open(context.Context, chronicle.Era) (chronicle.Chapter, error) {
	return stood{era{f.past, 0}}, nil
}

type stood struct{ era }

func (stood) Indicators() []string { return []string{"a", "b"} }

func (s stood) Walk(_ context.Context, id string, _ chronicle.Part, _, _ time.Time, each func(string, []byte, float64, int64)) error {
	switch id {
	case "a":
		each("governance_a", []byte("code\xff360603\xff"), 7, 0)
	case "b":
		return errors.New("too large")
	}
	return nil
}

// Who asks for one indicator's figures as they were known then asks for no other's.
func TestFiguresAsKnownThen(t *testing.T) {
	c := chronicle.New(figures{&past{eras: []int64{0}, now: 1000}})
	s := promapi.Selection{From: 10, To: 900, KnownBy: math.MaxInt64, KnownThen: true}
	for _, matchers := range [][]*labels.Matcher{
		{labels.MustNewMatcher(labels.MatchEqual, "__name__", "governance_a")},
		{labels.MustNewMatcher(labels.MatchEqual, "__name__", "governance_a"), labels.MustNewMatcher(labels.MatchNotEqual, "indicator", "a")},
	} {
		s.Matchers = matchers
		if got, err := c.Select(t.Context(), s); err != nil || valueAt(got, 500) != 7 {
			t.Errorf("%v: %v, %v", matchers, got, err)
		}
	}
	s.Matchers = []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, "__name__", "governance_.")}
	if _, err := c.Select(t.Context(), s); err == nil {
		t.Error("what can't be worked out was answered")
	}
}
