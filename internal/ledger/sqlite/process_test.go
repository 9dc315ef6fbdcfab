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

// childFacts is how many facts each delivery of the child has.
const childFacts = 300

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
		run, err := deliver(ctx, s, figures(period, childFacts, value))
		if err != nil {
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
	for _, run := range reported {
		if outcome[run] != fact.Succeeded || facts[run] != childFacts {
			t.Errorf("run %d was reported as done and is %s with %d facts; want %d", run, outcome[run], facts[run], childFacts)
		}
	}
	for run, n := range facts {
		if n != childFacts {
			t.Errorf("%d facts of run %d; want all %d or none", n, run, childFacts)
		}
	}
	if found, err := s.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("Check: %q, %v", found, err)
	}
	t.Logf("%d runs reported as done, %d in the ledger, %d with facts", len(reported), len(runs), len(facts))
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
