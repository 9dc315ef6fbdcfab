package notify_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

func names(alerts []notify.Alert) string {
	var all []string
	for _, a := range alerts {
		all = append(all, a.Name+" "+a.Labels["code"])
	}
	return strings.Join(all, ", ")
}

func (o *office) receive(t testing.TB, alerts ...notify.Alert) {
	t.Helper()
	if err := o.Receive(t.Context(), alerts); err != nil {
		t.Fatal(err)
	}
}

func TestReceive(t *testing.T) {
	o := newOffice(t, &group{format: markdown()})
	expect := func(when, want string) {
		t.Helper()
		alerts, _ := o.Firing()
		if got := names(alerts); got != want {
			t.Errorf("%s: %s are firing, want %s", when, got, want)
		}
	}
	restart := func() {
		t.Helper()
		o.Notifier, o.queue = open(t, o.file, o.clock, settings(t, o.group))
	}
	meals, grids := overdue(t, "鹰潭市", "余江区", "360603", "meals", 1), overdue(t, "鹰潭市", "月湖区", "360602", "meals", 1)
	o.receive(t, meals)
	o.receive(t, grids)
	expect("two are received", "ReportOverdue 360602, ReportOverdue 360603")
	restart()
	expect("after a restart", "ReportOverdue 360602, ReportOverdue 360603")

	resolved := meals
	resolved.Resolved = o.clock.Now().Add(-time.Second)
	o.receive(t, resolved)
	expect("one is resolved", "ReportOverdue 360602")
	restart()
	expect("that is remembered", "ReportOverdue 360602")

	until := meals
	until.Resolved = o.clock.Now().Add(4 * time.Minute)
	o.receive(t, until)
	expect("for four minutes", "ReportOverdue 360602, ReportOverdue 360603")
	o.clock.add(4 * time.Minute)
	expect("after them", "ReportOverdue 360602")

	o.clock.add(70 * time.Hour)
	o.receive(t, meals)
	o.clock.add(2 * time.Hour)
	expect("three days without a word", "ReportOverdue 360603")
	_, asOf := o.Firing()
	if want := o.clock.Now().Add(-2 * time.Hour); !asOf.Equal(want) {
		t.Errorf("as of %v, want %v", asOf, want)
	}
}

func post(t testing.TB, server *httptest.Server, body io.Reader) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

func TestHandler(t *testing.T) {
	o := newOffice(t, &group{format: markdown()})
	server := httptest.NewServer(o.Handler())
	defer server.Close()
	if status, answer := post(t, server, strings.NewReader(string(file(t, "webhook.json")))); status != http.StatusOK {
		t.Errorf("status %d: %s", status, answer)
	}
	if alerts, _ := o.Firing(); names(alerts) != "ReportOverdue 360603" {
		t.Errorf("%s are firing", names(alerts))
	}
	if status, answer := post(t, server, strings.NewReader(`{"version":"3"}`)); status != http.StatusBadRequest || !strings.Contains(answer, `its version is "3", not 4`) {
		t.Errorf("status %d: %s", status, answer)
	}
	if status, _ := post(t, server, io.LimitReader(endless{}, 17<<20)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d of a body without end", status)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != http.MethodPost {
		t.Errorf("status %d, allowed are %q", response.StatusCode, response.Header.Get("Allow"))
	}
	// What can't be stored is not answered with 200, so that it comes again.
	if err := o.queue.Close(); err != nil {
		t.Fatal(err)
	}
	if status, _ := post(t, server, strings.NewReader(strings.ReplaceAll(string(file(t, "webhook.json")), "360603", "360602"))); status != http.StatusServiceUnavailable {
		t.Errorf("status %d without a store", status)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestOptions(t *testing.T) {
	c := &clock{now: morning(t)}
	good := notify.Options{Store: none{}, Memory: none{}, Now: c.Now, Log: slog.New(slog.DiscardHandler), Settings: settings(t, &group{})}
	if _, err := notify.New(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*notify.Options){
		"Store": func(o *notify.Options) { o.Store = nil }, "Memory": func(o *notify.Options) { o.Memory = nil },
		"Now": func(o *notify.Options) { o.Now = nil }, "Log": func(o *notify.Options) { o.Log = nil },
		"Settings.Zone":     func(o *notify.Options) { o.Settings.Zone = nil },
		"Settings.Schedule": func(o *notify.Options) { o.Settings.Schedule = nil },
	} {
		bad := good
		spoil(&bad)
		if _, err := notify.New(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "option "+name+" is required") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
