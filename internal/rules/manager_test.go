package rules_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/govkpi/govkpi/internal/rules"
)

// A manager is what the HTTP API asks for rules and alerts.
var _ interface {
	RuleGroups() []*promrules.Group
	AlertingRules() []*promrules.AlertingRule
} = (*rules.Manager)(nil)

// inbox is a webhook that counts what people would have been told.
type inbox struct {
	*httptest.Server
	mu       sync.Mutex
	messages []message
}

type message struct {
	Status      string
	GroupLabels map[string]string
	Alerts      []struct {
		Status string
		Labels map[string]string
	}
}

func newInbox(t testing.TB) *inbox {
	t.Helper()
	in := &inbox{}
	in.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Errorf("a message that is no JSON: %v", err)
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		in.messages = append(in.messages, m)
	}))
	t.Cleanup(in.Close)
	return in
}

// count returns how many messages of a status there were that held the alert.
func (in *inbox) count(status, alert string) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := 0
	for _, m := range in.messages {
		for _, a := range m.Alerts {
			if a.Status == status && a.Labels["alertname"] == alert {
				n++
				break
			}
		}
	}
	return n
}

// freeAddress is an address of loopback that nobody listens at.
func freeAddress(t testing.TB) string {
	t.Helper()
	var c net.ListenConfig
	l, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// alertmanager starts the real one; stop ends it.
func alertmanager(t testing.TB, address, folder, webhook string) (stop func()) {
	t.Helper()
	config := filepath.Join(folder, "alertmanager.yml")
	content := fmt.Sprintf(`route: {receiver: digest, group_by: [city, theme], group_wait: 100ms, group_interval: 300ms, repeat_interval: 1h}
receivers: [{name: digest, webhook_configs: [{url: %q, send_resolved: true}]}]
`, webhook)
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "prometheus-alertmanager", "--config.file="+config, "--storage.path="+filepath.Join(folder, "data"),
		"--web.listen-address="+address, "--cluster.listen-address=")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			_ = command.Process.Signal(syscall.SIGTERM)
			_ = command.Wait()
		})
	}
	t.Cleanup(stop)
	eventually(t, "the Alertmanager is ready", func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/-/ready", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := (&http.Client{Timeout: time.Second}).Do(request)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return stop
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	limit, tick := time.After(90*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// behind are the series of one county that is behind its target.
func behind() map[string]series {
	region := []string{"indicator", "grids", "level", "county", "code", "360601", "city", "鹰潭市", "county", "县1"}
	return map[string]series{
		"share":  append(series{"governance_attainment_ratio"}, region...),
		"target": append(series{"governance_target"}, region...),
		"late":   append(series{"governance_overdue_seconds"}, region...),
		"info": {
			"governance_indicator_info", "indicator", "grids", "theme", "co-governance", "title_zh", "网格", "title_en", "Grids",
			"unit", "items", "unit_zh", "个", "unit_en", "items",
		},
	}
}

func share(of float64) map[string]float64 {
	return map[string]float64{"share": of, "target": 100, "late": 0, "info": 1}
}

// quick is the site with rules that are evaluated five times a second, and one
// alert that needs its condition to have held for so long.
func quick(t testing.TB, lasting time.Duration) rules.Options {
	t.Helper()
	s := site(t)
	s.Policy.Interval = 200 * time.Millisecond
	s.Policy.General.BehindTarget.For = lasting
	groups, err := rules.Generate(s)
	if err != nil {
		t.Fatal(err)
	}
	return rules.Options{Engine: engine(), Groups: groups, ExternalURL: "https://kpi.example.org", Log: slog.New(slog.DiscardHandler)}
}

func started(t testing.TB, db *tsdb.DB, o rules.Options) *rules.Manager {
	t.Helper()
	o.Queryable, o.Appendable = db, db
	m, err := rules.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	return m
}

func stop(t testing.TB, m *rules.Manager) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) //nolint:usetesting // also when the test is over
	defer cancel()
	if err := m.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func firing(m *rules.Manager, alert string) bool {
	return slices.ContainsFunc(m.Firing(), func(a rules.Alert) bool { return a.Labels["alertname"] == alert })
}

// An alert is raised, routed, survives a restart of the program before and after
// it fires, is told once, and is resolved.
func TestAlertsReachPeople(t *testing.T) {
	mail := newInbox(t)
	address := freeAddress(t)
	alertmanager(t, address, t.TempDir(), mail.URL)
	db := open(t, t.TempDir())
	defer db.Close()
	const lasting = 6 * time.Second
	options := quick(t, lasting)
	options.Alertmanagers = []rules.Alertmanager{{URL: "http://" + address}}
	var mu sync.Mutex
	received := map[string]bool{}
	options.Receive = func(_ context.Context, alerts []rules.Alert) {
		mu.Lock()
		defer mu.Unlock()
		for _, a := range alerts {
			received[a.Labels["alertname"]+a.Labels["county"]+a.Annotations["summary_zh"]] = true
		}
	}

	begun := time.Now()
	put(t, db, begun, share(0.5), behind())
	first := started(t, db, options)
	const recorded = `ALERTS_FOR_STATE{alertname="RegionBehindTarget"}`
	eventually(t, "the alert has been pending for a while", func() bool {
		return time.Since(begun) > 3*time.Second && len(sampled(t, db, recorded)) > 0
	})
	stop(t, first)

	second := started(t, db, options)
	eventually(t, "the alert fires", func() bool { return firing(second, "RegionBehindTarget") })
	var since time.Time
	for _, a := range second.Firing() {
		since = a.ActiveAt
	}
	if after := since.Sub(begun); after > 2*time.Second {
		t.Errorf("the restart cost the alert its time: it counts from %s after the beginning", after)
	}
	eventually(t, "people are told", func() bool { return mail.count("firing", "RegionBehindTarget") > 0 })
	mu.Lock()
	if !received["RegionBehindTarget县1鹰潭市县1网格：50个，目标100个，差50个"] {
		t.Errorf("the program itself was told %v", received)
	}
	mu.Unlock()
	stop(t, second)

	third := started(t, db, options)
	defer stop(t, third)
	eventually(t, "the alert fires again", func() bool { return firing(third, "RegionBehindTarget") })
	put(t, db, time.Now(), share(0.95), behind())
	eventually(t, "people are told that it is over", func() bool { return mail.count("resolved", "RegionBehindTarget") > 0 })
	if n := mail.count("firing", "RegionBehindTarget"); n != 1 {
		t.Errorf("people were told %d times that the county is behind, want once", n)
	}
}

// sampled returns the samples that a query finds.
func sampled(t testing.TB, db *tsdb.DB, expr string) []float64 {
	t.Helper()
	query, err := engine().NewInstantQuery(t.Context(), db, nil, expr, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	vector, err := query.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatal(err)
	}
	var values []float64
	for _, s := range vector {
		values = append(values, s.F)
	}
	return values
}

// An Alertmanager that is away for a while is told when it is back, and another
// one all the time.
func TestAlertmanagerAway(t *testing.T) {
	mail, other := newInbox(t), newInbox(t)
	address, second := freeAddress(t), freeAddress(t)
	folder := t.TempDir()
	alertmanager(t, second, t.TempDir(), other.URL)
	db := open(t, t.TempDir())
	defer db.Close()
	options := quick(t, 0)
	options.Alertmanagers = []rules.Alertmanager{{URL: "http://" + address}, {URL: "http://" + second}}
	put(t, db, time.Now(), share(0.5), behind())
	m := started(t, db, options)
	defer stop(t, m)
	eventually(t, "the other one is told", func() bool { return other.count("firing", "RegionBehindTarget") > 0 })
	if n := mail.count("firing", "RegionBehindTarget"); n != 0 {
		t.Fatalf("%d messages of an Alertmanager that does not run", n)
	}
	alertmanager(t, address, folder, mail.URL)
	eventually(t, "it is told when it is back", func() bool { return mail.count("firing", "RegionBehindTarget") == 1 })
}

// A reload takes other rules and keeps what is active in the others.
func TestReload(t *testing.T) {
	db := open(t, t.TempDir())
	defer db.Close()
	options := quick(t, 0)
	put(t, db, time.Now(), share(0.5), behind())
	m := started(t, db, options)
	defer stop(t, m)
	eventually(t, "the alert fires", func() bool { return firing(m, "RegionBehindTarget") })
	if len(m.RuleGroups()) != len(options.Groups) || len(m.AlertingRules()) < len(options.Groups) {
		t.Errorf("%d groups and %d rules of %d groups", len(m.RuleGroups()), len(m.AlertingRules()), len(options.Groups))
	}
	before := m.Firing()[0].FiredAt
	if err := m.Reload(options.Groups[:1], nil); err != nil {
		t.Fatal(err)
	}
	if len(m.RuleGroups()) != 1 || !firing(m, "RegionBehindTarget") || !m.Firing()[0].FiredAt.Equal(before) {
		t.Errorf("after the reload: %d groups, firing %v", len(m.RuleGroups()), m.Firing())
	}
	broken := slices.Clone(options.Groups[:1])
	broken[0].Rules = slices.Clone(broken[0].Rules)
	broken[0].Rules[0].Expr = "sum("
	if err := m.Reload(broken, nil); err == nil {
		t.Error("a rule that is no PromQL was taken")
	}
	if err := m.Reload(options.Groups, []rules.Alertmanager{{URL: "alerts.example.org"}}); err == nil {
		t.Error("an Alertmanager without a scheme was taken")
	}
	if len(m.RuleGroups()) != 1 {
		t.Error("a refused reload changed the rules")
	}
}

// A demo of another day evaluates its rules on that day.
func TestAnotherDay(t *testing.T) {
	db := open(t, t.TempDir())
	defer db.Close()
	begun := time.Now()
	day := time.Date(2026, 1, 5, 9, 0, 0, 0, shanghai(t))
	options := quick(t, 0)
	options.Now = func() time.Time { return day.Add(time.Since(begun)) }
	put(t, db, day, share(0.5), behind())
	m := started(t, db, options)
	defer stop(t, m)
	eventually(t, "the alert fires", func() bool { return firing(m, "RegionBehindTarget") })
	if at := m.Firing()[0].ActiveAt; at.Before(day) || at.After(options.Now()) {
		t.Errorf("it is active since %s, want after %s", at, day)
	}
}

// Basic authentication, a bearer's token and a private authority of TLS.
func TestAlertmanagerAuthentication(t *testing.T) {
	authorizations := make(chan string, 100)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case authorizations <- r.URL.Path + " " + r.Header.Get("Authorization"):
		default:
		}
	}))
	defer secure.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pemOf(secure.Certificate().Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, to := range map[string]rules.Alertmanager{
		"/alerts/api/v2/alerts Bearer s3cret-token": {URL: secure.URL + "/alerts", Token: "s3cret-token", CA: ca},
		"/api/v2/alerts Basic Z292a3BpOmh1bnRlcjI=": {URL: secure.URL, User: "govkpi", Password: "hunter2", CA: ca},
	} {
		t.Run(want, func(t *testing.T) {
			db := open(t, t.TempDir())
			defer db.Close()
			options := quick(t, 0)
			options.Alertmanagers = []rules.Alertmanager{to}
			put(t, db, time.Now(), share(0.5), behind())
			m := started(t, db, options)
			defer stop(t, m)
			eventually(t, "the Alertmanager is asked with "+want, func() bool {
				select {
				case got := <-authorizations:
					return got == want
				default:
					return false
				}
			})
		})
	}
}

func TestManagerRefuses(t *testing.T) {
	db := open(t, t.TempDir())
	defer db.Close()
	for name, change := range map[string]func(*rules.Options){
		"no engine":         func(o *rules.Options) { o.Engine = nil },
		"no storage":        func(o *rules.Options) { o.Queryable = nil },
		"nowhere to write":  func(o *rules.Options) { o.Appendable = nil },
		"no logger":         func(o *rules.Options) { o.Log = nil },
		"no address":        func(o *rules.Options) { o.Alertmanagers = []rules.Alertmanager{{URL: "ftp://x"}} },
		"a group too quick": func(o *rules.Options) { o.Groups = slices.Clone(o.Groups); o.Groups[0].Interval = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			o := quick(t, 0)
			o.Queryable, o.Appendable = db, db
			change(&o)
			if _, err := rules.New(o); err == nil {
				t.Error("it was taken")
			}
		})
	}
	o := quick(t, 0)
	o.Queryable, o.Appendable = db, db
	m, err := rules.New(o)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, m)
	if m.Start() == nil {
		t.Error("what was stopped was started")
	}
}
