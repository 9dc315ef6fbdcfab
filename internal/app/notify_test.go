package app_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/app"
)

// withNotify loads the demo's configuration with a section notify, in which
// something may be replaced.
func withNotify(t *testing.T, section, robot string) *config.Config {
	t.Helper()
	tree := shippedTree(t)
	tree["notify.yaml"] = &fstest.MapFile{Data: []byte(section)}
	tree["govkpi.yaml"].Data = append(tree["govkpi.yaml"].Data, "  - notify.yaml\n"...)
	cfg, err := config.Load(tree, "govkpi.yaml", config.Options{Env: func(name string) (string, bool) {
		if strings.HasPrefix(name, "GOVKPI_WECOM") {
			return robot, true
		}
		return "secret-of-" + name, true
	}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// shippedTree is the shipped configuration, to change something in it.
func shippedTree(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	err := fs.WalkDir(jiangxi.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(jiangxi.Files, name)
		tree[name] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// example is the example beside the shipped configuration.
func example(t *testing.T) string {
	t.Helper()
	content, err := fs.ReadFile(jiangxi.Files, "notify.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestNotifyExample(t *testing.T) {
	if err := app.CheckNotify(withNotify(t, example(t), "https://robot.example/send"), time.Now); err != nil {
		t.Error(err)
	}
}

func TestNotifyRefusals(t *testing.T) {
	tests := map[string]struct{ old, text, want string }{
		"schedule":       {`"30 8 * * *"`, `"30 8 * *"`, "notify.yaml:6:3: schedule"},
		"kind":           {"kind: email\n      email:", "kind: pigeon\n      pigeon:", `there is no kind of channel "pigeon"`},
		"a key":          {"format: markdown", "format: rich", `notify.yaml:19:50: format: unknown format "rich"`},
		"mail to nobody": {"      to: [province@example.gov.cn]\n", "", "the channel mail needs addresses under to"},
		"a robot's to":   {"- channel: wecom-cities\n", "- channel: wecom-cities\n      to: [a@x.cn]\n", "the channel wecom-cities has no addresses"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			section := example(t)
			if !strings.Contains(section, test.old) {
				t.Fatalf("the example has no %q", test.old)
			}
			cfg := withNotify(t, strings.Replace(section, test.old, test.text, 1), "https://robot.example/send")
			if err := app.CheckNotify(cfg, time.Now); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestNobodyIsNotified(t *testing.T) {
	cfg := withNotify(t, "units: []\n", "")
	if err := app.CheckNotify(cfg, time.Now); err != nil {
		t.Error(err)
	}
	if _, err := app.OpenNotifications(t.Context(), app.NotifyOptions{Config: cfg, Data: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, app.ErrNoNotify) {
		t.Errorf("error %v", err)
	}
}

// An alert comes by Alertmanager's webhook and goes to the robots of its city's
// two routes, with the names and titles of the shipped configuration.
func TestNotifications(t *testing.T) {
	got := make(chan string, 10)
	robot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	defer robot.Close()
	registry := prometheus.NewPedanticRegistry()
	n, err := app.OpenNotifications(t.Context(), app.NotifyOptions{
		Config: withNotify(t, example(t), robot.URL+"/send?key=693a91f6-key"), Data: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler), Registry: registry,
	})
	if err != nil {
		t.Fatal(err)
	}
	webhook, err := os.ReadFile("../notify/testdata/webhook.json")
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	n.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(webhook))))
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	alerts, asOf := n.Alerts()
	if report, err := n.Send(t.Context(), alerts, asOf); err != nil || report.New != 2 || len(report.Unheard) != 0 {
		t.Fatalf("report %+v, %v", report, err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	mentioned := 0
	for range 2 {
		body := <-got
		if !strings.Contains(body, "鹰潭市治理指标提醒") || !strings.Contains(body, "余江区 城乡老年助餐点：逾期未报，现12个") {
			t.Errorf("the robot got %s", body)
		}
		if strings.Contains(body, "zhangsan") {
			mentioned++
		}
	}
	if mentioned != 1 {
		t.Errorf("zhangsan is called %d times", mentioned)
	}
	if err := n.Use(t.Context(), withNotify(t, example(t), robot.URL+"/other")); err != nil {
		t.Error(err)
	}
	if families, err := registry.Gather(); err != nil || len(families) == 0 {
		t.Errorf("%d families, %v", len(families), err)
	}
	if err := n.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}
