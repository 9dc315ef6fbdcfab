package standing_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/region"
	"github.com/govkpi/govkpi/internal/standing"
)

// province is a register of 10 cities with 10 counties each and, where there are
// any, so many grids: ten to a village, ten villages to a township.
func province(grids int) *region.Register {
	regions := []fact.Region{{Code: "360000", Name: "省", Level: fact.Province}}
	add := func(parent fact.Region, code string) fact.Region {
		r := fact.Region{Code: code, Name: code, Level: parent.Level + 1, Parent: parent.Code, Villages: 100, Population: 300_000}
		regions = append(regions, r)
		return r
	}
	for c := range 10 {
		city := add(regions[0], fmt.Sprintf("36%02d00", c+1))
		for n := range 10 {
			county := add(city, fmt.Sprintf("%s%02d", city.Code[:4], n+1))
			var town, village fact.Region
			for g := range grids / 100 {
				if g%100 == 0 {
					town = add(county, fmt.Sprintf("%s%03d", county.Code, g/100+1))
				}
				if g%10 == 0 {
					village = add(town, fmt.Sprintf("%s%03d", town.Code, g/10%10+1))
				}
				add(village, fmt.Sprintf("%s%03d", village.Code, g%10+1))
			}
		}
	}
	return mustRegister(regions)
}

// site is a board over real projections, with its clock.
type site struct {
	board   *standing.Board
	options standing.Options
	ledgers
	facts []fact.Fact // of the newest month
}

// newSite fills a site with months of figures of every region of the level, up
// to December 2025; of December only each so many'th has any.
func newSite(b *testing.B, register *region.Register, indicators []fact.Indicator, level fact.Level, months, each int) site {
	b.Helper()
	s := site{ledgers: newLedgers(b, indicators)}
	last := mustPeriod("2025-12")
	for i := range indicators {
		if indicators[i].Kind == fact.RatioKind {
			continue
		}
		var facts []fact.Fact
		n := 0
		for r := range register.Under("360000", level) {
			n++
			for m := range months {
				p := last.Add(m + 1 - months)
				if p == last && n%each != 0 {
					continue
				}
				facts = append(facts, fact.Fact{
					Indicator: indicators[i].ID, Region: r.Code, Period: p, Value: float64(n%97 + m + 1), Revision: 1,
					Recorded: p.End(shanghai).Add(48 * time.Hour).UnixMilli(),
				})
			}
		}
		s.apply(commit{what: fact.Committed{Facts: facts}})
		s.facts = append(s.facts, facts[len(facts)-1])
	}
	s.options = standing.Options{
		Indicators: indicators, Regions: register, Site: "360000", Head: s.head, Tracks: s.timeline, Facts: book{world: &world{}},
		Calendar: holidays(b), Zone: shanghai, Now: clockAt(at(b, "2026-01-20")), Since: at(b, "2023-12-01"),
	}
	s.board = standing.New(s.options)
	return s
}

// askAll asks a board everything that exposition does.
func askAll(board *standing.Board, indicators []fact.Indicator) (answers int) {
	board.Version()
	board.ValidUntil()
	for i := range indicators {
		for range board.Newest(&indicators[i]) {
			answers++
		}
		answers += len(board.Reports(&indicators[i])) + len(board.Rankings(&indicators[i])) +
			len(board.Rollups(&indicators[i])) + len(board.Discrepancies(&indicators[i]))
	}
	return answers
}

// thirty are indicators of all kinds.
func thirty() []fact.Indicator {
	var all []fact.Indicator
	for i := range 30 {
		indicator := county(fact.Indicator{
			ID: fmt.Sprintf("indicator_%d", i), Kind: fact.Kind(i%3 + 1), Cadence: fact.Monthly, Grace: 10, ExpiresAfter: 3,
			Missing: fact.MissingPolicy(i % 3), CarryPeriods: 2, RankBy: fact.RankBy(i % 4), SignOff: i%2 == 0,
			Targets: []fact.Target{{Level: fact.County, Value: 100}},
		})
		if i%10 == 9 {
			indicator.Kind, indicator.Numerator, indicator.Denominator = fact.RatioKind, all[i-9].ID, all[i-6].ID
		}
		if i%10 == 8 {
			indicator.Compare = &fact.Comparison{With: all[i-1].ID, Tolerance: 0.01}
		}
		all = append(all, indicator)
	}
	return all
}

// BenchmarkBoard works out 30 indicators of 100 counties and 24 months: all of
// it, and what one fact changes. x-bare-walk says how many times as long that
// takes as to look once at every mark.
func BenchmarkBoard(b *testing.B) {
	indicators := thirty()
	s := newSite(b, province(0), indicators, fact.County, 24, 1)
	b.Run("full", func(b *testing.B) {
		var bare, whole time.Duration
		for b.Loop() {
			start := time.Now()
			walkTracks(s.timeline, indicators)
			bare += time.Since(start)
			start = time.Now()
			if askAll(standing.New(s.options), indicators) == 0 {
				b.Fatal("no answers")
			}
			whole += time.Since(start)
		}
		b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/board")
		b.ReportMetric(float64(whole)/float64(bare), "x-bare-walk")
	})
	b.Run("one-fact", func(b *testing.B) {
		var bare, whole time.Duration
		askAll(s.board, indicators)
		for b.Loop() {
			start := time.Now()
			walkTracks(s.timeline, indicators)
			bare += time.Since(start)
			f := &s.facts[0]
			f.Value, f.Revision = f.Value+1, f.Revision+1
			s.apply(commit{what: fact.Committed{Facts: []fact.Fact{*f}}})
			start = time.Now()
			askAll(s.board, indicators)
			whole += time.Since(start)
		}
		b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/fact")
		b.ReportMetric(float64(whole)/float64(bare), "x-bare-walk")
	})
}

func walkTracks(timeline *ledger.Timeline, indicators []fact.Indicator) (sum float64) {
	for i := range indicators {
		for track := range timeline.Tracks(indicators[i].ID) {
			for m := range track.Marks {
				sum += track.Marks[m].Value
			}
		}
	}
	return sum
}

// BenchmarkGrids works out the roll-ups of 10 indicators of 176,000 grids, and
// streams all their figures once: when December is due, and in the middle of
// January, when a tenth of the grids have reported it, and the others November.
// x-of-bare says how many times as long that takes as to look at the series of
// the head once. The ledger is not read.
func BenchmarkGrids(b *testing.B) {
	indicators := tenOfGrids()
	register := province(176_000)
	for _, c := range []struct {
		name, now, period string
		each              int
	}{
		{"due", "2026-01-20", "2025-12", 1},
		{"mid-month", "2026-01-10", "2025-11", 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := newSite(b, register, indicators, fact.Grid, 4, c.each)
			s.options.Now, s.options.Facts = clockAt(at(b, c.now)), failing{mended: &atomic.Bool{}}
			var bare, whole time.Duration
			for b.Loop() {
				start := time.Now()
				if walkHead(s.head, indicators) == 0 {
					b.Fatal("no figures")
				}
				bare += time.Since(start)
				start = time.Now()
				board := standing.New(s.options)
				if n := askAll(board, indicators); n < 10*176_000 {
					b.Fatalf("%d answers", n)
				}
				whole += time.Since(start)
				for i := range indicators {
					all := board.Rollups(&indicators[i]) // none where the ledger was read
					if len(all) == 0 || all[0].Period != mustPeriod(c.period) || all[0].Reported != 176_000 || !all[0].Previous.OK {
						b.Fatalf("rolled up %+v", all)
					}
				}
			}
			b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/board")
			b.ReportMetric(float64(whole)/float64(bare), "x-of-bare")
		})
	}
}

func tenOfGrids() []fact.Indicator {
	policies := map[fact.Kind]fact.MissingPolicy{fact.Stock: fact.CarryForward, fact.Flow: fact.LikeForLike, fact.FlowYTD: fact.LeaveOut}
	var indicators []fact.Indicator
	for i := range 10 {
		kind := fact.Kind(i%3 + 1)
		indicators = append(indicators, fact.Indicator{
			ID: fmt.Sprintf("grid_indicator_%d", i), Kind: kind, Cadence: fact.Monthly, Grace: 10, ExpiresAfter: 3,
			Levels: []fact.Level{fact.Grid}, Direction: fact.MoreIsBetter, Missing: policies[kind], CarryPeriods: 2,
		})
	}
	return indicators
}

func walkHead(head *ledger.Head, indicators []fact.Indicator) (sum float64) {
	for i := range indicators {
		for series := range head.Series(indicators[i].ID) {
			sum += series.Newest.Value
		}
	}
	return sum
}
