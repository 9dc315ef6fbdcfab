package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/notify"
)

// composed returns the one message to a region.
func composed(t testing.TB, n *notify.Notifier, alerts []notify.Alert, region string) notify.Message {
	t.Helper()
	for _, c := range n.Compose(alerts, morning(t)) {
		if c.Region.Code == region {
			if len(c.Messages) != 1 {
				t.Fatalf("%d messages to %s", len(c.Messages), region)
			}
			return c.Messages[0]
		}
	}
	t.Fatalf("no digest of %s", region)
	return notify.Message{}
}

// yingtan is what a city may have on one morning.
func yingtan(t testing.TB) []notify.Alert {
	t.Helper()
	grave := behind(t, "鹰潭市", "贵溪市", "360681", "grids", 3)
	grave.Labels["severity"] = "critical"
	down := notify.Alert{Name: "SourceDown", ZH: "民政厅接口自昨日起无法访问", Since: morning(t), Labels: map[string]string{"severity": "critical", "source": "civil-affairs"}}
	foreign := notify.Alert{Name: "DiskFull", Since: morning(t), Labels: map[string]string{"city": "鹰潭市", "severity": "info"}, ZH: "磁盘<已满>\n[点此](http://evil.example) @all"}
	return []notify.Alert{
		overdue(t, "鹰潭市", "余江区", "360603", "meals", 5),
		behind(t, "鹰潭市", "余江区", "360603", "meals", 4),
		overdue(t, "鹰潭市", "月湖区", "360602", "meals", 14),
		behind(t, "鹰潭市", "月湖区", "360602", "grids", 15),
		overdue(t, "鹰潭市", "贵溪市", "360681", "unknown_indicator", 40),
		grave, down, foreign,
	}
}

func TestDigests(t *testing.T) {
	formats := map[string]notify.Format{
		"wecom-markdown": markdown(),
		"wecom-text":     {Bytes: 2048},
		"email":          {Addressed: true},
		"dingtalk":       {Bytes: 19960, Markdown: true, Mention: func(name string) string { return "@" + name }},
	}
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			g := &group{format: format}
			s := settings(t, g)
			s.Routes[0].Mention = []string{"zhangsan", "lisi"}
			if format.Addressed {
				s.Routes[0].To = []string{"a@example.gov.cn"}
			}
			n, _ := open(t, filepath.Join(t.TempDir(), "q.db"), &clock{now: morning(t)}, s)
			var text strings.Builder
			for _, c := range n.Compose(yingtan(t), morning(t)) {
				for _, m := range c.Messages {
					fmt.Fprintf(&text, "%s %s %q\n%s\n\n", m.Region, m.Subject, m.Mention, m.Body)
				}
			}
			golden(t, name+".txt", text.String())
		})
	}
}

// Fourteen days are new, fifteen are chronic; a day begins at midnight in the
// site's zone, not after 24 hours.
func TestNewAgainstChronic(t *testing.T) {
	o := newOffice(t, &group{format: markdown()})
	midnight := overdue(t, "鹰潭市", "月湖区", "360602", "meals", 0)
	midnight.Due = morning(t).AddDate(0, 0, -14).Add(-8*time.Hour - 30*time.Minute) // 00:00 of that day
	before := midnight
	before.Due = midnight.Due.Add(-1)
	tests := map[string]struct {
		alert   notify.Alert
		chronic bool
	}{
		"fourteen days":    {overdue(t, "鹰潭市", "月湖区", "360602", "meals", 14), false},
		"fifteen days":     {overdue(t, "鹰潭市", "月湖区", "360602", "meals", 15), true},
		"at midnight":      {midnight, false},
		"just before it":   {before, true},
		"no due, since 15": {behind(t, "鹰潭市", "月湖区", "360602", "meals", 15), true},
		"begins tomorrow":  {behind(t, "鹰潭市", "月湖区", "360602", "meals", -1), false},
		"due in the future": {func() notify.Alert {
			a := behind(t, "鹰潭市", "月湖区", "360602", "meals", 2)
			a.Due = morning(t).AddDate(0, 1, 0)
			return a
		}(), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := composed(t, o.Notifier, []notify.Alert{test.alert}, "360600").Body
			if strings.Contains(body, "长期滞后（超过 14 天）1 项") != test.chronic || strings.Contains(body, "新增滞后 1 项") == test.chronic {
				t.Errorf("chronic is to be %t:\n%s", test.chronic, body)
			}
		})
	}
}

// A hundred counties fall behind at once: each of eleven cities gets one message.
func TestDeadlineDay(t *testing.T) {
	o := newOffice(t, &group{format: markdown()})
	var alerts []notify.Alert
	for i := range 100 {
		city := jiangxi()[i%11]
		for _, indicator := range []string{"meals", "grids"} {
			alerts = append(alerts, overdue(t, city.Name, fmt.Sprintf("第%d县", i), fmt.Sprintf("%s%02d", city.Code[:4], i), indicator, 1))
		}
	}
	if report := o.send(t, alerts); report.New != 11 {
		t.Fatalf("%d messages in the queue", report.New)
	}
	o.deliver(t, 0)
	cities := map[string]bool{}
	for _, m := range o.group.messages() {
		cities[m.City] = true
		if lines := strings.Count(m.Body, "\n") + 1; lines > 20 {
			t.Errorf("%s has %d lines", m.City, lines)
		}
	}
	if len(cities) != 11 || len(o.group.messages()) != 11 {
		t.Errorf("%d messages to %d cities", len(o.group.messages()), len(cities))
	}
}

func TestWhatHasNoRoomIsCounted(t *testing.T) {
	o := newOffice(t, &group{format: markdown()})
	var alerts []notify.Alert
	for i := range 40 {
		alerts = append(alerts, overdue(t, "鹰潭市", fmt.Sprintf("第%d县", i), fmt.Sprint(i), "meals", i))
	}
	golden(t, "forty.txt", composed(t, o.Notifier, alerts, "360600").Body)
	golden(t, "thirty-chronic.txt", composed(t, o.Notifier, append(alerts[:2:2], alerts[16:]...), "360600").Body)
}

func TestNothingToSay(t *testing.T) {
	g := &group{format: markdown()}
	s := settings(t, g)
	c := &clock{now: morning(t)}
	silent, _ := open(t, filepath.Join(t.TempDir(), "q.db"), c, s)
	if report, err := silent.Send(t.Context(), nil, morning(t)); err != nil || report.New != 0 {
		t.Errorf("%d messages about nothing, %v", report.New, err)
	}
	s.SaysNothing = true
	s.Routes[0].Mention = []string{"zhangsan"}
	says, _ := open(t, filepath.Join(t.TempDir(), "q.db"), c, s)
	m := composed(t, says, nil, "360600")
	golden(t, "nothing.txt", m.Body)
	if len(m.Mention) > 0 || strings.Contains(m.Body, "zhangsan") {
		t.Error("somebody is called for nothing")
	}
}

func TestUnheard(t *testing.T) {
	g := &group{format: markdown()}
	s := settings(t, g)
	s.Routes[0].Regions = []string{"360100"}
	n, _ := open(t, filepath.Join(t.TempDir(), "q.db"), &clock{now: morning(t)}, s)
	report, err := n.Send(t.Context(), yingtan(t), morning(t))
	if err != nil || report.New != 0 || len(report.Unheard) != 2 || report.Unheard[0].Name != "鹰潭市" || report.Unheard[1].Name != "江西省" {
		t.Errorf("report %+v, %v", report, err)
	}
}

func TestSeveralReceivers(t *testing.T) {
	g := &group{format: notify.Format{Addressed: true}}
	s := settings(t, g)
	s.Routes = []notify.Route{
		{Regions: []string{"360600"}, Channel: "robot", To: []string{"a@x.cn", "b@x.cn"}},
		{Channel: "robot", To: []string{"b@x.cn", "c@x.cn"}}, // b has it already
	}
	n, _ := open(t, filepath.Join(t.TempDir(), "q.db"), &clock{now: morning(t)}, s)
	var to []string
	for _, c := range n.Compose(yingtan(t)[:1], morning(t)) {
		for _, m := range c.Messages {
			to = append(to, m.City+" "+m.To)
		}
	}
	if got := strings.Join(to, ", "); got != "鹰潭市 a@x.cn, 鹰潭市 b@x.cn, 鹰潭市 c@x.cn" {
		t.Errorf("to %s", got)
	}
}

// Whatever the alerts say, a digest has at most twenty lines, fits the channel,
// is whole characters, and counts what it leaves out.
func TestLimitsHold(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		format := notify.Format{Bytes: 2048}
		if rapid.Bool().Draw(r, "markdown") {
			format = markdown()
		}
		s := settings(t, &group{format: format})
		s.Wording.Notice = strings.Repeat("演", 500)
		s.Wording.Link = "https://kpi.example/" + strings.Repeat("x", 492)
		for i := range 20 {
			s.Routes[0].Mention = append(s.Routes[0].Mention, fmt.Sprintf("%02d%s", i, strings.Repeat("n", 62)))
		}
		n, err := notify.New(t.Context(), notify.Options{Store: none{}, Memory: none{}, Settings: s, Now: func() time.Time { return morning(t) }, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			r.Fatal(err)
		}
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.IntRange(0, 3000), func(n int) string { return strings.Repeat("县", n) }))
		count := rapid.IntRange(1, 60).Draw(r, "alerts")
		var alerts []notify.Alert
		for i := range count {
			a := behind(t, "鹰潭市", text.Draw(r, "county"), fmt.Sprint(i), text.Draw(r, "indicator"), rapid.IntRange(0, 40).Draw(r, "days"))
			a.Name, a.ZH = rapid.SampledFrom([]string{"ReportOverdue", "Own"}).Draw(r, "name"), text.Draw(r, "zh")
			a.Value, a.Rank = text.Draw(r, "value"), text.Draw(r, "rank")
			alerts = append(alerts, a)
		}
		body := composed(t, n, alerts, "360600").Body
		lines := strings.Split(body, "\n")
		if len(lines) > 20 || len(body) > format.Bytes || !utf8.ValidString(body) {
			r.Fatalf("%d lines, %d bytes:\n%s", len(lines), len(body), body)
		}
		shown, rest := 0, 0
		for _, line := range lines {
			if number, _, ok := strings.Cut(line, ". "); ok && strings.Trim(number, "0123456789") == "" {
				shown++
			}
			_, _ = fmt.Sscanf(line, "另有 %d 条", &rest)
		}
		if shown+rest < 1 || shown > count || rest > count {
			r.Fatalf("%d shown, %d counted, of %d:\n%s", shown, rest, count, body)
		}
	})
}

// none is a store for what only composes.
type none struct{}

func (none) Put(context.Context, []notify.Message) (notify.Stored, error) {
	return notify.Stored{}, nil
}
func (none) Claim(context.Context, string) (*notify.Message, time.Time, error) {
	return nil, time.Time{}, nil
}
func (none) Settle(context.Context, notify.Message, time.Time) error        { return nil }
func (none) Abandon(context.Context, []string) (int, error)                 { return 0, nil }
func (none) Summary(context.Context) (notify.Summary, error)                { return notify.Summary{}, nil }
func (none) Remember(context.Context, []notify.Heard, []notify.Heard) error { return nil }
func (none) Remembered(context.Context) ([]notify.Heard, error)             { return nil, nil }
func (none) Fired(context.Context) (time.Time, error)                       { return time.Time{}, nil }
func (none) SetFired(context.Context, time.Time) error                      { return nil }
