package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/servertest"
)

// posts are what came to a receiver on loopback, by path. What is on the way to
// the digests is let through to them.
type posts struct {
	*httptest.Server
	digests string // where the digests' webhook is

	mu   sync.Mutex
	got  map[string][][]byte
	fail []string
}

func newPosts(t *testing.T) *posts {
	t.Helper()
	p := &posts{got: map[string][][]byte{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// handOn posts what an Alertmanager sent to the digests.
func (p *posts) handOn(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.digests, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := new(http.Client).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the digests answer %s", answer.Status)
	}
	return nil
}

func (p *posts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil && r.URL.Path == "/digest" {
		err = p.handOn(r.Context(), body)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.fail = append(p.fail, err.Error())
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	p.got[r.URL.Path] = append(p.got[r.URL.Path], body)
}

func (p *posts) at(path string) [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got[path])
}

// An existing stack beside the program: a real Prometheus scrapes it and evaluates
// the generated files, a real Alertmanager routes with the shipped configuration,
// and our digest reaches people. Both name the same regions.
func TestAlertsInARealStack(t *testing.T) {
	people := newPosts(t)
	s, folder := &demoSite{people: people.URL + "/people"}, t.TempDir()
	s.open(t, folder, hastyTree(t), time.Now)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(s.Handler())
	t.Cleanup(served.Close)
	people.digests = served.URL + "/api/notify/alertmanager"

	alertmanager := servertest.Alertmanager(t, shippedAlertmanager(t, people.URL))
	rules := t.TempDir()
	files, err := app.RuleFiles(s.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(t, rules, f.Name, string(f.Content))
	}
	prometheus := servertest.PrometheusOf(t, fmt.Sprintf(`{global: {scrape_interval: 3s}, rule_files: [%q], alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]},
scrape_configs: [{job_name: govkpi, static_configs: [{targets: [%q]}]}]}`, filepath.Join(rules, "*.yaml"), alertmanager, served.Listener.Addr()))

	var ours, theirs []string
	within(t, time.Minute, "Prometheus and we name the same regions", func() bool {
		ours, theirs = firingAt(t, served.URL), firingAt(t, "http://"+prometheus)
		return len(ours) > 0 && slices.Equal(ours, theirs)
	}, func() string { return cmp.Diff(ours, theirs) })
	t.Logf("%d alerts on regions fire in Prometheus and at ours", len(ours))

	var want, got map[string][]string
	within(t, time.Minute, "every city and theme was told of its alerts, once", func() bool {
		want, got = routedToDigest(firingAt(t, "http://"+prometheus)), messagesBy(t, people.at("/digest"))
		return maps.EqualFunc(want, got, slices.Equal)
	}, func() string { return cmp.Diff(want, got) })
	for _, failure := range people.fail {
		t.Error(failure)
	}
	t.Logf("%d messages of the Alertmanager, one for each city and theme", len(got))
	s.wantDigests(t, filepath.Join(folder, "data"), people)
}

// wantDigests has the digests sent, and expects one for every city.
func (s *demoSite) wantDigests(t *testing.T, data string, people *posts) {
	t.Helper()
	n, err := app.OpenNotifications(t.Context(), app.NotifyOptions{Config: s.config, Data: data, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Stop(t.Context()) //nolint:errcheck // the App closes its own
	alerts, asOf := n.Alerts()
	report, err := n.Send(t.Context(), alerts, asOf)
	if err != nil || report.New == 0 {
		t.Fatalf("report %+v, %v", report, err)
	}
	within(t, time.Minute, "the digests have arrived", func() bool { return len(people.at("/people")) >= report.New }, func() string { return "" })
	cities := map[string]int{}
	for _, body := range people.at("/people") {
		var message struct{ City, Text string }
		if err := json.Unmarshal(body, &message); err != nil {
			t.Fatal(err)
		}
		cities[message.City]++
		if cities[message.City] > 1 || !strings.Contains(message.Text, message.City+"治理指标提醒") {
			t.Errorf("message %d of %s: %s", cities[message.City], message.City, message.Text)
		}
		if message.City == "赣州市" && !strings.Contains(message.Text, "定南县 城乡老年助餐点：逾期未报，已") {
			t.Errorf("the digest does not say who is late: %s", message.Text)
		}
	}
	t.Logf("%d digests of %d alerts", len(cities), len(alerts))
}

// hastyTree is the shipped configuration of the demo with rules that wait for
// nothing, and with somebody who is told.
func hastyTree(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := shippedTree(t)
	settings := regexp.MustCompile(`for: \d+[dhm]\b`).ReplaceAllString(string(tree["settings.yaml"].Data), "for: 0s")
	tree["settings.yaml"].Data = []byte(strings.Replace(settings, "interval: 5m", "interval: 3s", 1))
	tree["demo.yaml"].Data = append(tree["demo.yaml"].Data, "  - notify.yaml\n"...)
	tree["notify.yaml"] = &fstest.MapFile{Data: []byte(`notify:
  schedule: "0 0 1 1 *"
  working_days_only: false
  chronic_after_days: 14
  when_nothing: silent
  forget_after: 3d
  retry: {backoff: 1s, longest: 1s, window: 1h}
  channels: [{name: people, kind: webhook, webhook: {url: "${PEOPLE_URL}"}}]
  routes: [{channel: people}]
`)}
	return tree
}

// shippedAlertmanager is the shipped configuration, with receivers on loopback and
// without the long waits.
func shippedAlertmanager(t *testing.T, receivers string) string {
	t.Helper()
	content, err := os.ReadFile("../../config/jiangxi/alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for old, replacement := range map[string]string{
		"http://127.0.0.1:9600/api/notify/alertmanager": receivers + "/digest",
		"group_wait: 10m": "group_wait: 12s",
		"group_wait: 1m":  "group_wait: 12s",
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("the shipped configuration has no %s", old)
		}
		text = strings.ReplaceAll(text, old, replacement)
	}
	text, _, _ = strings.Cut(text, "  - name: operators")
	for _, name := range []string{"operators", "statistics", "wecom"} {
		text += fmt.Sprintf("  - {name: %s, webhook_configs: [{url: %q}]}\n", name, receivers+"/"+name)
	}
	return text
}

// firingAt lists the alerts on regions that fire, as a server's API names them.
func firingAt(t *testing.T, server string) []string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+"/api/v1/alerts", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := new(http.Client).Do(request)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil // it is still starting
	}
	var body struct {
		Data struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		t.Fatalf("%s: %v", server, err)
	}
	var all []string
	for _, a := range body.Data.Alerts {
		if a.State == "firing" && a.Labels["code"] != "" && a.Labels["collector"] == "" {
			all = append(all, fmt.Sprint(a.Labels))
		}
	}
	slices.Sort(all)
	return all
}

// label takes a label's value out of labels as they are printed.
func label(of, name string) string {
	_, rest, found := strings.Cut(of, " "+name+":")
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(strings.TrimSuffix(rest, "]"), " ")
	return value
}

// routedToDigest are the alerts that the shipped routes send to the digests, by
// city and theme.
func routedToDigest(alerts []string) map[string][]string {
	by := map[string][]string{}
	for _, a := range alerts {
		switch name, _, _ := strings.Cut(strings.TrimPrefix(a, "map[alertname:"), " "); name {
		case "FigureHeld", "TotalsDisagree", "CoverageLow":
		default:
			group := label(a, "city") + " " + label(a, "theme")
			by[group] = append(by[group], a)
		}
	}
	return by
}

// messagesBy are the alerts of an Alertmanager's messages, by the city and theme
// that a message is of.
func messagesBy(t *testing.T, bodies [][]byte) map[string][]string {
	t.Helper()
	by := map[string][]string{}
	for _, body := range bodies {
		var m struct {
			GroupLabels map[string]string
			Alerts      []struct {
				Status string
				Labels map[string]string
			}
		}
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		group := m.GroupLabels["city"] + " " + m.GroupLabels["theme"]
		for _, a := range m.Alerts {
			by[group] = append(by[group], fmt.Sprint(a.Labels))
		}
		slices.Sort(by[group])
	}
	return by
}

// within polls until the condition holds; why says what it lacks.
func within(t *testing.T, limit time.Duration, what string, holds func() bool, why func() string) {
	t.Helper()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-time.After(200 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not within %s: %s\n%s", limit, what, why())
}
