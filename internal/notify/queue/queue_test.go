package queue_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/notify"
	"github.com/govkpi/govkpi/internal/notify/queue"
)

func start() time.Time { return time.Date(2026, 1, 15, 8, 30, 0, 0, time.UTC) }

func open(t testing.TB, file string) *queue.Queue {
	t.Helper()
	q, err := queue.Open(t.Context(), file, start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// message is the nth of a day.
func message(n int) notify.Message {
	return notify.Message{
		Key:  notify.Key{Channel: "robot", To: "a@x.cn", Region: fmt.Sprintf("36%04d", n), Day: "2026-01-15"},
		City: "鹰潭市", Subject: "提醒", Body: "第一行\n第二行", Mention: []string{"zhangsan"},
		State: notify.Pending, Stored: start(), Next: start(), Changed: start(),
	}
}

func put(t testing.TB, q *queue.Queue, messages ...notify.Message) notify.Stored {
	t.Helper()
	stored, err := q.Put(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestKeepsWhatItIsGiven(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "notify.db")
	q := open(t, file)
	put(t, q, message(1))
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	claimed, next, err := open(t, file).Claim(t.Context(), "robot")
	if err != nil || claimed == nil || !next.IsZero() {
		t.Fatal(claimed, next, err)
	}
	want := message(1)
	want.ID, want.State, want.Attempts = 1, notify.Sending, 1
	if diff := cmp.Diff(&want, claimed); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
}

func TestHeardAndFired(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notify.db")
	q := open(t, file)
	one := notify.Heard{At: start(), Alert: notify.Alert{Name: "A", Labels: map[string]string{"x": "1"}, ZH: "一", Since: start()}}
	two := notify.Heard{At: start(), Alert: notify.Alert{Name: "A", Labels: map[string]string{"x": "2"}, Since: start()}}
	for _, step := range []struct{ heard, forget []notify.Heard }{{[]notify.Heard{one, two}, nil}, {[]notify.Heard{one}, []notify.Heard{two}}} {
		if err := q.Remember(t.Context(), step.heard, step.forget); err != nil {
			t.Fatal(err)
		}
	}
	if at, err := q.Fired(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("fired %v, %v", at, err)
	}
	if err := q.SetFired(t.Context(), start()); err != nil {
		t.Fatal(err)
	}
	q = open(t, file)
	if at, err := q.Fired(t.Context()); err != nil || !at.Equal(start()) {
		t.Errorf("fired %v, %v", at, err)
	}
	heard, err := q.Remembered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]notify.Heard{one}, heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// However many ask at once, and through however many openings of the file, each
// message is handed out once.
func TestHandsOutOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notify.db")
	var messages []notify.Message
	for i := range 15 {
		messages = append(messages, message(i))
	}
	put(t, open(t, file), messages...)
	var mu sync.Mutex
	var all sync.WaitGroup
	claimed := map[int64]int{}
	for range 4 {
		q := open(t, file)
		for range 2 {
			all.Go(func() {
				for {
					m, _, err := q.Claim(t.Context(), "robot")
					if err != nil {
						t.Error(err)
					}
					if m == nil {
						return
					}
					mu.Lock()
					claimed[m.ID]++
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	for id, times := range claimed {
		if times != 1 {
			t.Errorf("message %d was handed out %d times", id, times)
		}
	}
	if len(claimed) != 15 {
		t.Errorf("%d messages were handed out", len(claimed))
	}
}

func TestOneSends(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notify.db")
	first, second := open(t, file), open(t, file)
	if _, err := first.TakeSending(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := first.TakeSending(t.Context()); err != nil {
		t.Errorf("asked again: %v", err)
	}
	if _, err := second.TakeSending(t.Context()); !errors.Is(err, queue.ErrSending) {
		t.Errorf("error %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := second.TakeSending(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRetryRefuses(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "notify.db"))
	put(t, q, message(1))
	for id, want := range map[int64]string{1: "it is pending", 2: "there is none of this number"} {
		if _, err := q.Retry(t.Context(), id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestSettlesOnlyWhatIsSent(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "notify.db"))
	put(t, q, message(1))
	m := message(1)
	m.ID, m.State = 1, notify.Sent
	if err := q.Settle(t.Context(), m, time.Time{}); err == nil || !strings.Contains(err.Error(), "message 1 is not being sent") {
		t.Errorf("error %v", err)
	}
}

func TestForgetsWhatIsSettledLong(t *testing.T) {
	q := open(t, filepath.Join(t.TempDir(), "notify.db"))
	put(t, q, message(1), message(2))
	m, _, err := q.Claim(t.Context(), "robot")
	if err != nil {
		t.Fatal(err)
	}
	m.State, m.Changed = notify.Failed, start().Add(-queue.KeepSettled-time.Hour)
	if err := q.Settle(t.Context(), *m, time.Time{}); err != nil {
		t.Fatal(err)
	}
	put(t, q)
	messages, err := q.Messages(t.Context())
	if err != nil || len(messages) != 1 || messages[0].ID != 2 {
		t.Errorf("kept %+v, %v", messages, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	newer := filepath.Join(folder, "newer.db")
	db, err := sql.Open("sqlite", newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	junk := filepath.Join(folder, "junk.db")
	if err := os.WriteFile(junk, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{newer: "a newer program wrote it (version 99, this one knows 1)", junk: "not a database"} {
		if _, err := queue.Open(t.Context(), file, start); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", file, err, want)
		}
	}
}

// killed is the environment variable that makes the test program the one that is
// killed.
const killed = "GOVKPI_TEST_QUEUE"

func TestMain(m *testing.M) {
	file := os.Getenv(killed)
	if file == "" {
		m.Run()
		return
	}
	panic(sendUntilKilled(file))
}

// sendUntilKilled sends as fast as it can, and says on standard output what it has
// sent: a line for each message, which is what its receiver gets.
func sendUntilKilled(file string) error {
	q, err := queue.Open(context.Background(), file, time.Now)
	if err != nil {
		return err
	}
	if _, err := q.TakeSending(context.Background()); err != nil {
		return err
	}
	for i := 0; ; i++ {
		channel := fmt.Sprintf("robot-%d", i%50) // so that no limit of a channel holds it up
		m, _, err := q.Claim(context.Background(), channel)
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		fmt.Println(m.ID) //nolint:forbidigo // to the parent
		m.State = notify.Sent
		if err := q.Settle(context.Background(), *m, time.Time{}); err != nil {
			return err
		}
	}
}

// A program is killed again and again while it sends. No message arrives twice,
// and each one arrives or is known to be in doubt.
func TestKill(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notify.db")
	const lives, all = 15, 500
	var messages []notify.Message
	for i := range all {
		m := message(i)
		m.Channel = fmt.Sprintf("robot-%d", i%50)
		messages = append(messages, m)
	}
	put(t, open(t, file), messages...)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	got := map[string]int{}
	for range lives {
		receiveUntil(t, file, 1+random.IntN(40), got)
	}
	q := open(t, file)
	if _, err := q.TakeSending(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, err := q.Messages(t.Context())
	if err != nil || len(kept) != all {
		t.Fatalf("%d messages, %v", len(kept), err)
	}
	states := map[notify.State]int{}
	for _, m := range kept {
		states[m.State]++
		times := got[fmt.Sprint(m.ID)]
		if times > 1 || m.State == notify.Sent && times != 1 || m.State == notify.Pending && times != 0 {
			t.Errorf("message %d is %s and arrived %d times", m.ID, m.State, times)
		}
	}
	if states[notify.Doubtful] > lives || states[notify.Sent] < lives/2 {
		t.Errorf("states after %d lives: %v", lives, states)
	}
	t.Logf("states %v", states)
}

// receiveUntil starts the program, takes so many messages and kills it.
func receiveUntil(t *testing.T, file string, count int, got map[string]int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), killed+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i := 0; lines.Scan(); i++ {
		got[lines.Text()]++
		if i+1 == count {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
}
