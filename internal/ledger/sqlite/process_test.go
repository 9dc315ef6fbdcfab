package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// The test binary is its own child: with these variables set it is a program
// that uses a ledger instead of running tests.
const (
	childTask = "LEDGER_TEST_CHILD"
	childFile = "LEDGER_TEST_FILE"
)

func TestMain(m *testing.M) {
	task := os.Getenv(childTask)
	if task == "" {
		m.Run()
		return
	}
	if err := child(task, os.Getenv(childFile)); err != nil {
		panic(err)
	}
}

// childFacts is how many facts each delivery of the child has, childRegions how
// many regions, all of which it renames, and childHeld how many held figures,
// which take the place of those before. It confirms childDecisions of the facts.
const (
	childFacts     = 300
	childRegions   = 50
	childHeld      = 5
	childDecisions = 3
)

// child opens the ledger and says so; to hold it, it then waits to be killed,
// and to fill it, it delivers for ever and says which runs it has ended.
func child(task, file string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, options(file))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(os.Stdout, "open"); err != nil {
		return err
	}
	if task == "hold" {
		_, err := io.Copy(io.Discard, os.Stdin) // until the parent goes
		return err
	}
	if _, err := s.InterruptRunning(ctx, fixedNow()); err != nil {
		return err
	}
	for {
		// Every other delivery corrects, the others add.
		value, period := rand.Float64(), "2025-12"
		if rand.IntN(2) == 0 {
			period = time.Unix(rand.Int64N(1e9), 0).UTC().Format(time.DateOnly)
		}
		run, err := s.Begin(ctx, fact.Run{Collector: "grids", Start: fixedNow()})
		if err != nil {
			return err
		}
		d := fact.Delivery{Run: run, Target: "360603", Facts: figures(period, childFacts, value),
			Regions: register(childRegions, strconv.FormatFloat(value, 'g', -1, 64))}
		for i := range childDecisions {
			d.Decisions = append(d.Decisions, fact.Decision{Key: d.Facts[i].Key(), Action: fact.Confirm})
		}
		for _, f := range figures("1999", childHeld, value) {
			d.Held = append(d.Held, fact.HeldFact{Key: f.Key(), Value: f.Value})
		}
		if _, err := s.Commit(ctx, d); err != nil {
			return err
		}
		if err := s.End(ctx, fact.Run{ID: run, End: fixedNow(), Outcome: fact.Partial},
			fact.TargetRun{Target: "360602", Outcome: fact.Failed}, fact.TargetRun{Target: "360603", Outcome: fact.Succeeded}); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(os.Stdout, run); err != nil {
			return err
		}
	}
}

// startChild starts a child and returns its output after it has opened the
// ledger.
func startChild(t *testing.T, task, file string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), binary)
	command.Env = append(os.Environ(), childTask+"="+task, childFile+"="+file)
	command.Stderr = os.Stderr
	if _, err := command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "open" {
		t.Fatalf("the child said %q", lines.Text())
	}
	return command, lines
}

func TestLockBetweenProcesses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.db")
	holder, _ := startChild(t, "hold", file)
	_, err := sqlite.Open(t.Context(), options(file))
	mustFail(t, err, file, "process "+strconv.Itoa(holder.Process.Pid)+" writes it", "stop that one first")
	if !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("%v is not ErrLocked", err)
	}

	r, err := sqlite.OpenReadOnly(t.Context(), options(file))
	if err != nil {
		t.Fatalf("a reader is kept out: %v", err)
	}
	if n := len(history(t, r)); n != 0 {
		t.Errorf("%d facts in a new ledger", n)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}

	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // says that it was killed
	s := open(t, file, fixedNow)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestKill kills a program that delivers without pause, again and again. What
// it had reported as done must be there, and no delivery may be there in part.
// This shows what a kill can do; what a power cut can, is in the hands of fsync
// and the disk.
func TestKill(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.db")
	var reported []int64
	for range 30 {
		command, lines := startChild(t, "fill", file)
		// The moment depends on the machine, so it is any moment: the first
		// few runs end, then the child goes on to be killed anywhere.
		for range rand.IntN(3) {
			reported = append(reported, nextRun(t, lines))
		}
		timer := time.AfterFunc(time.Duration(rand.Int64N(int64(30*time.Millisecond))), func() { _ = command.Process.Kill() })
		for lines.Scan() {
			reported = append(reported, parseRun(t, lines.Text()))
		}
		timer.Stop()
		_ = command.Wait() // says that it was killed
	}
	if len(reported) == 0 {
		t.Fatal("no run ended before its program was killed")
	}

	s := open(t, file, fixedNow)
	defer s.Close()
	if _, err := s.InterruptRunning(t.Context(), fixedNow()); err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs(t.Context(), ledger.RunQuery{})
	if err != nil {
		t.Fatal(err)
	}
	outcome := map[int64]fact.Outcome{}
	for _, run := range runs {
		outcome[run.ID] = run.Outcome
	}
	facts := map[int64]int{}
	for _, f := range history(t, s) {
		facts[f.Run]++
	}
	regions := perRun(t, file, "SELECT delivery.run || ' ' || count(*) FROM region JOIN delivery ON delivery.id = region.delivery GROUP BY delivery.run")
	judged := map[string]map[int64]int{}
	for what, text := range map[string]string{
		"held":      "SELECT delivery.run || ' ' || count(*) FROM held JOIN delivery ON delivery.id = held.delivery GROUP BY delivery.run",
		"closed":    "SELECT (closed_by - delivery) || ' ' || count(*) FROM held WHERE closing IS NOT NULL GROUP BY closed_by - delivery",
		"decisions": "SELECT delivery.run || ' ' || count(*) FROM decision JOIN delivery ON delivery.id = decision.delivery GROUP BY delivery.run",
	} {
		judged[what] = perRun(t, file, text)
	}
	targets := perRun(t, file, "SELECT run || ' ' || count(*) FROM target_run GROUP BY run")
	for _, run := range reported {
		if outcome[run] != fact.Partial || facts[run] != childFacts || targets[run] != 2 {
			t.Errorf("run %d was reported as done and is %s with %d facts and %d targets; want %d and 2", run, outcome[run], facts[run], targets[run], childFacts)
		}
	}
	for run, n := range facts {
		if n != childFacts || regions[run] != childRegions {
			t.Errorf("%d facts and %d regions of run %d; want all %d and %d, or none", n, regions[run], run, childFacts, childRegions)
		}
		if held, decisions := judged["held"][run], judged["decisions"][run]; held != childHeld || decisions != childDecisions {
			t.Errorf("%d held figures and %d decisions of run %d; want all %d and %d", held, decisions, run, childHeld, childDecisions)
		}
	}
	// Every delivery but the first has closed what the one before it held.
	if closed, want := judged["closed"], childHeld*(len(facts)-1); len(closed) != 1 || closed[1] != want {
		t.Errorf("figures closed by the delivery after, or so many later: %v; want 1: %d alone", closed, want)
	}
	for run, n := range targets {
		if n != 2 || outcome[run] != fact.Partial {
			t.Errorf("run %d is %s with %d targets; want them with its end", run, outcome[run], n)
		}
	}
	if found, err := s.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("Check: %q, %v", found, err)
	}
	t.Logf("%d runs reported as done, %d in the ledger, %d with facts", len(reported), len(runs), len(facts))
}

// perRun reads lines of a run and a number.
func perRun(t *testing.T, file, text string) map[int64]int {
	t.Helper()
	numbers := map[int64]int{}
	for line := range strings.Lines(query(t, file, text)) {
		var (
			run int64
			n   int
		)
		if _, err := fmt.Sscan(line, &run, &n); err != nil {
			t.Fatal(err)
		}
		numbers[run] = n
	}
	return numbers
}

func nextRun(t *testing.T, lines *bufio.Scanner) int64 {
	t.Helper()
	if !lines.Scan() {
		t.Fatal("the child ended by itself")
	}
	return parseRun(t, lines.Text())
}

func parseRun(t *testing.T, line string) int64 {
	t.Helper()
	run, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		t.Fatalf("the child said %q", line)
	}
	return run
}
