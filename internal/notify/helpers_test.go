package notify_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/notify"
	"github.com/govkpi/govkpi/internal/notify/queue"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// clock is a clock that stands until it is put forward.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// morning is when the digests of the tests are made.
func morning(t testing.TB) time.Time {
	t.Helper()
	return time.Date(2026, 1, 15, 8, 30, 0, 0, shanghai(t))
}

// group is a channel whose messages stay in memory.
type group struct {
	format notify.Format
	// answer says how an attempt ends; nil is well.
	answer func(m notify.Message) error

	mu       sync.Mutex
	got      []notify.Message
	attempts int
}

func (g *group) Format() notify.Format { return g.format }

func (g *group) Send(_ context.Context, m notify.Message) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.attempts++
	if g.answer != nil {
		if err := g.answer(m); err != nil {
			return err
		}
	}
	g.got = append(g.got, m)
	return nil
}

func (g *group) messages() []notify.Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]notify.Message(nil), g.got...)
}

func (g *group) setAnswer(answer func(m notify.Message) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer = answer
}

// markdown is the format of a robot of WeCom.
func markdown() notify.Format {
	return notify.Format{Bytes: 4096, Markdown: true, Mention: func(name string) string { return "<@" + name + ">" }}
}

// daily fires at one time of every day.
type daily struct {
	hour, minute int
	zone         *time.Location
}

func (d daily) Next(after time.Time) time.Time {
	after = after.In(d.zone)
	year, month, day := after.Date()
	next := time.Date(year, month, day, d.hour, d.minute, 0, 0, d.zone)
	if !next.After(after) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

// jiangxi names the eleven cities.
func jiangxi() []notify.Region {
	var cities []notify.Region
	for i, name := range []string{"南昌市", "景德镇市", "萍乡市", "九江市", "新余市", "鹰潭市", "赣州市", "吉安市", "宜春市", "抚州市", "上饶市"} {
		cities = append(cities, notify.Region{Code: fmt.Sprintf("36%02d00", i+1), Name: name})
	}
	return cities
}

// settings has one robot for all.
func settings(t testing.TB, g notify.Channel) notify.Settings {
	t.Helper()
	return notify.Settings{
		Cities: jiangxi(), Site: notify.Region{Code: "360000", Name: "江西省"}, Zone: shanghai(t),
		Schedule: daily{8, 30, shanghai(t)}, ChronicAfter: 14,
		Wording: notify.Wording{
			Title: func(id string) string {
				return map[string]string{"meals": "老年助餐点", "grids": "村（社区）网格"}[id]
			},
			Notice: "演示数据，均为合成", Link: "https://kpi.example.gov.cn/",
		},
		ForgetAfter: 72 * time.Hour, Retry: notify.Retry{Backoff: 30 * time.Second, Longest: 10 * time.Minute, Window: 12 * time.Hour},
		Channels: map[string]notify.Channel{"robot": g}, Routes: []notify.Route{{Channel: "robot"}},
	}
}

// office is a Notifier with a real queue, and what it is made from.
type office struct {
	*notify.Notifier
	queue *queue.Queue
	file  string
	clock *clock
	group *group
}

func open(t testing.TB, file string, c *clock, s notify.Settings) (*notify.Notifier, *queue.Queue) {
	t.Helper()
	q, err := queue.Open(t.Context(), file, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	n, err := notify.New(t.Context(), notify.Options{Store: q, Memory: q, Settings: s, Now: c.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return n, q
}

func newOffice(t testing.TB, g *group) *office {
	t.Helper()
	o := &office{file: filepath.Join(t.TempDir(), "notify.db"), clock: &clock{now: morning(t)}, group: g}
	o.Notifier, o.queue = open(t, o.file, o.clock, settings(t, g))
	return o
}

// deliver sends what is due until nothing is for so long, as the loop would.
func (o *office) deliver(t testing.TB, within time.Duration) {
	t.Helper()
	for end := o.clock.Now().Add(within); ; {
		next, err := o.Deliver(t.Context(), "robot", o.group)
		if err != nil {
			t.Fatal(err)
		}
		if next.IsZero() || next.After(end) {
			return
		}
		o.clock.add(next.Sub(o.clock.Now()))
	}
}

// send puts the digests of alerts into the queue.
func (o *office) send(t testing.TB, alerts []notify.Alert) notify.Report {
	t.Helper()
	report, err := o.Send(t.Context(), alerts, o.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (o *office) states(t testing.TB) map[notify.State]int {
	t.Helper()
	summary, err := o.queue.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return summary.Messages
}

// overdue is a county whose report is late since a day.
func overdue(t testing.TB, city, county, code, indicator string, days int) notify.Alert {
	t.Helper()
	since := morning(t).Add(-time.Duration(days) * 24 * time.Hour)
	return notify.Alert{
		Name: "ReportOverdue", Since: since.Add(time.Hour), Due: since,
		Labels: map[string]string{"severity": "warning", "level": "county", "code": code, "city": city, "county": county, "indicator": indicator, "theme": "livelihood"},
	}
}

// behind is a county behind its target.
func behind(t testing.TB, city, county, code, indicator string, days int) notify.Alert {
	t.Helper()
	a := overdue(t, city, county, code, indicator, days)
	a.Name, a.Due = "RegionBehindTarget", time.Time{}
	a.Value, a.Target, a.Gap, a.Rank = "12个", "20个", "8个", "第 93/100"
	return a
}
