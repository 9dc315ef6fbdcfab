package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func sharingTests() tests {
	return tests{
		"a ledger that is opened again has everything": durable,
		"statistics count":                   statistics,
		"readers don't wait for a commit":    readDuringCommit,
		"readers never see half a delivery":  wholeDeliveries,
		"writers wait for each other":        manyWriters,
		"targets of one run deliver at once": manyTargets,
		"a writer that waits gives up with its context": func(t *testing.T, h *harness) {
			run := h.begin(t, "grids")
			h.clock.onNext(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				if _, err := h.Begin(ctx, fact.Run{Collector: "other", Start: time.Unix(0, 0)}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Begin during a commit: %v; want context.DeadlineExceeded", err)
				}
			})
			h.commit(t, fact.Delivery{Run: run, Facts: counties(10)})
		},
		"a backup leaves what is there alone": func(t *testing.T, h *harness) {
			h.deliver(t, counties(10)...)
			file := filepath.Join(t.TempDir(), "backup")
			if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := h.Backup(t.Context(), file); err == nil {
				t.Error("Backup overwrote a file")
			}
			if content, err := os.ReadFile(file); err != nil || string(content) != "precious" {
				t.Errorf("the file holds %q, %v", content, err)
			}
			if err := h.Backup(t.Context(), file+"2"); err != nil {
				t.Errorf("Backup: %v", err)
			}
		},
	}
}

func durable(t *testing.T, h *harness) {
	var want []fact.Fact
	for i := range 3 {
		facts := counties(100 * (i + 1))
		for j := range facts {
			facts[j].Value += float64(i) // all but the first delivery are corrections and additions
		}
		want = append(want, h.deliver(t, facts...)...)
		h.reopen()
	}
	same(t, "the ledger holds", h.history(t), sorted(want))
	if n := len(h.runs(t, ledger.RunQuery{})); n != 3 {
		t.Errorf("%d runs; want 3", n)
	}
}

func statistics(t *testing.T, h *harness) {
	get := func() ledger.Statistics {
		t.Helper()
		s, err := h.Statistics(t.Context())
		if err != nil {
			t.Fatalf("Statistics: %v", err)
		}
		if s.Bytes <= 0 {
			t.Errorf("%d bytes on disk", s.Bytes)
		}
		s.Bytes = 0
		return s
	}
	same(t, "when new", get(), ledger.Statistics{})
	h.deliver(t, counties(10)...)
	same(t, "after a delivery", get(), ledger.Statistics{Facts: 10, Runs: 1})
	h.deliver(t, counties(15)...) // ten of them are the same
	same(t, "after a second", get(), ledger.Statistics{Facts: 15, Runs: 2})
	h.reject(t, "grids", "a", "b")
	same(t, "after rejections", get(), ledger.Statistics{Facts: 15, Runs: 3, Rejections: 2})
	h.deliverRegions(t, villages(7)...)
	h.deliverRegions(t, villages(8)...) // seven of them are the same
	same(t, "after a register", get(), ledger.Statistics{Facts: 15, Regions: 8, Runs: 5, Rejections: 2})
	h.reopen()
	same(t, "when opened again", get(), ledger.Statistics{Facts: 15, Regions: 8, Runs: 5, Rejections: 2})
	if _, err := h.PruneRejections(t.Context(), h.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	same(t, "after pruning", get(), ledger.Statistics{Facts: 15, Regions: 8, Runs: 5})
}

// readDuringCommit reads from within a commit: a reader that waited for the
// writer would wait for ever, and the test end by its deadline.
func readDuringCommit(t *testing.T, h *harness) {
	h.deliver(t, counties(10)...)
	run := h.begin(t, "grids")
	h.clock.onNext(func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		n := 0
		err := h.Facts(ctx, ledger.FactQuery{}, func(fact.Fact) error { n++; return nil })
		if err != nil || n != 10 {
			t.Errorf("Facts during a commit: %d facts, %v; want the 10 of before", n, err)
		}
		if runs, err := h.Runs(ctx, ledger.RunQuery{}); err != nil || len(runs) != 2 {
			t.Errorf("Runs during a commit: %v, %v", runs, err)
		}
		if _, err := h.Statistics(ctx); err != nil {
			t.Errorf("Statistics during a commit: %v", err)
		}
	})
	if n := len(h.commit(t, fact.Delivery{Run: run, Facts: counties(3000)})); n != 2990 {
		t.Errorf("%d facts were new; want 2990", n)
	}
}

// wholeDeliveries sets all regions to 1, 2, 3 … while readers look for two
// values at once.
func wholeDeliveries(t *testing.T, h *harness) {
	const regions = 600
	deliver := func(value float64) error {
		facts := counties(regions)
		for i := range facts {
			facts[i].Value = value
		}
		return h.tryDeliver(t.Context(), "grids", facts...)
	}
	if err := deliver(0); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for last := 0.0; ; {
				values, n := map[float64]int{}, 0
				err := h.Facts(t.Context(), ledger.FactQuery{}, func(f fact.Fact) error {
					values[f.Value]++
					last = max(last, f.Value)
					n++
					return nil
				})
				if err != nil || n != regions || values[last] != regions {
					t.Errorf("a reader saw %v, %v; want %d of one value that doesn't fall", values, err, regions)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 20 {
		if err := deliver(float64(i + 1)); err != nil {
			t.Errorf("delivery %d: %v", i, err)
			break
		}
	}
	close(done)
	readers.Wait()
}

func manyWriters(t *testing.T, h *harness) {
	const writers, deliveries, size = 5, 8, 50
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			for j := range deliveries {
				facts := counties(size)
				for k := range facts {
					facts[k].Indicator = fmt.Sprintf("indicator_%d_%d", i, j)
				}
				if err := h.tryDeliver(t.Context(), fmt.Sprintf("collector-%d", i), facts...); err != nil {
					t.Errorf("writer %d, delivery %d: %v", i, j, err)
				}
			}
		})
	}
	group.Wait()
	perRun := map[int64]int{}
	for _, f := range h.history(t) {
		perRun[f.Run]++
	}
	runs := h.runs(t, ledger.RunQuery{})
	if len(runs) != writers*deliveries {
		t.Errorf("%d runs; want %d", len(runs), writers*deliveries)
	}
	for _, run := range runs {
		if perRun[run.ID] != size || run.Outcome != fact.Succeeded {
			t.Errorf("run %d ended with %s and brought %d facts; want %d", run.ID, run.Outcome, perRun[run.ID], size)
		}
	}
}

// manyTargets is a fan-out: some workers deliver the targets of one run, of
// which every tenth is refused and leaves nothing.
func manyTargets(t *testing.T, h *harness) {
	const workers, targets, size = 10, 100, 20
	run := h.begin(t, "grids")
	var (
		group sync.WaitGroup
		ended [targets]fact.TargetRun
		next  atomic.Int32
	)
	for range workers {
		group.Go(func() {
			for i := next.Add(1) - 1; i < targets; i = next.Add(1) - 1 {
				d := fact.Delivery{Run: run, Target: strconv.Itoa(int(100000 + i)), Facts: counties(size), Regions: villages(size), Rows: size}
				for j := range size {
					d.Facts[j].Region = d.Target + d.Facts[j].Region
					d.Regions[j].Code = d.Target + d.Regions[j].Code[6:]
				}
				ended[i] = fact.TargetRun{Run: run, Target: d.Target, Start: h.clock.Now(), End: h.clock.Now(), Outcome: fact.Succeeded, Attempts: 1, Rows: size}
				if i%10 == 3 {
					d.Regions[size-1].Code = "none"
					ended[i].Outcome = fact.Failed
				}
				committed, err := h.Commit(t.Context(), d)
				if (err == nil) != (ended[i].Outcome == fact.Succeeded) || err == nil && len(committed.Facts)+len(committed.Regions) != 2*size {
					t.Errorf("target %s: %d facts and %d regions, %v", d.Target, len(committed.Facts), len(committed.Regions), err)
				}
			}
		})
	}
	group.Wait()
	h.end(t, run, fact.Partial, ended[:]...)
	same(t, "targets", h.targets(t, run), ended[:])
	if facts, regions, want := len(h.history(t)), len(h.regions(t)), size*targets*9/10; facts != want || regions != want {
		t.Errorf("%d facts and %d regions; want %d of each", facts, regions, want)
	}
	if n := len(h.deliveries(t, "grids", fact.DeliveryQuery{})); n != targets*9/10 {
		t.Errorf("%d deliveries; want those of the targets that succeeded", n)
	}
}
