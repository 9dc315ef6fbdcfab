package main_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"math"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
)

// demoRun is a demo under test.
type demoRun struct {
	address string
	folder  string
	stop    func()
}

// startDemo starts the real program and waits until counties have corrected
// their figures, which is the last that it does by itself.
func startDemo(t *testing.T, program, now string) *demoRun {
	t.Helper()
	d := &demoRun{address: freeAddress(t), folder: filepath.Join(t.TempDir(), "demo")}
	cmd := exec.CommandContext(t.Context(), program, "demo", "--data", d.folder, "--now", now, "--listen", d.address, "--log-level", "error")
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Ready") {
	}
	d.stop = func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo did not stop in good order: %v", err)
		}
	}
	return d
}

// metrics returns /metrics.
func (d *demoRun) metrics(t *testing.T) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+d.address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func shippedIndicators(t *testing.T) []fact.Indicator {
	t.Helper()
	cfg, err := config.Load(jiangxi.Files, "demo.yaml", config.Options{Env: demo.Env("none", "http://none.invalid")})
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Indicators
}

// TestDemo is the main job end to end: what the sample systems hold comes out of
// the real program, adds up to every published figure, and says that it is
// synthetic.
func TestDemo(t *testing.T) {
	program := buildProgram(t)
	d := startDemo(t, program, "2026-03-20T09:00:00+08:00")
	defer d.stop()

	published := 0
	for _, indicator := range shippedIndicators(t) {
		for _, p := range indicator.Published {
			published++
			level := fact.Province
			if p.Region != "360000" {
				level = fact.County
			}
			got, notice := figure(t, program, d.folder, indicator.ID, p, level)
			if math.Abs(got-p.Value) > 1e-12 {
				t.Errorf("%s adds up to %v for %s, published was %v", indicator.ID, got, p.Period, p.Value)
			}
			if !strings.Contains(notice, "synthetic") {
				t.Errorf("figures of %s do not say that they are synthetic", indicator.ID)
			}
		}
	}
	if published != 22 {
		t.Errorf("compared %d published figures, want 22", published)
	}

	body := d.metrics(t)
	for _, want := range []string{"synthetic", `governance_revisions{indicator="grids",level="county",code="360102",city="南昌市",county="东湖区"} 1`, `} 2` + "\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %q", want)
		}
	}
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "governance_reconciliation_gap{") && !strings.HasSuffix(line, "} 0\n") {
			t.Errorf("a total does not agree with what was published: %s", line)
		}
	}
	promtool := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	promtool.Stdin = strings.NewReader(body)
	if out, err := promtool.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics (Debian's package prometheus): %v\n%s", err, out)
	}
}

// figure asks the program for the total that a published figure is compared
// with.
func figure(t *testing.T, program, folder, indicator string, p fact.Published, level fact.Level) (value float64, notice string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "figures", "--data", folder, "--indicator", indicator,
		"--period", p.Period.String(), "--by", level.String(), "--format", "csv").Output()
	if err != nil {
		t.Fatalf("figures of %s for %s: %v", indicator, p.Period, err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0][:4], ","); got != "code,name,period,value" {
		t.Fatalf("the columns begin %s", got)
	}
	for _, row := range rows[1:] {
		if row[0] != p.Region {
			continue
		}
		if value, err = strconv.ParseFloat(row[3], 64); err != nil {
			t.Fatal(err)
		}
		return value, row[len(row)-1]
	}
	t.Fatalf("no figure of %s for %s in %s", indicator, p.Period, p.Region)
	return 0, ""
}

// The demo of the same time shows the same figures.
func TestDemoIsTheSameForTheSameTime(t *testing.T) {
	program := buildProgram(t)
	figures := func() string {
		d := startDemo(t, program, "2026-11-22T12:00:00+08:00")
		defer d.stop()
		all, _, found := strings.Cut(d.metrics(t), "# HELP go_")
		if !found || !strings.Contains(all, "governance_grids{") {
			t.Fatal("no figures")
		}
		// How long a county has been overdue runs with the clock.
		return regexp.MustCompile(`(?m)^governance_overdue_seconds\{.*$`).ReplaceAllString(all, "")
	}
	if one, two := figures(), figures(); one != two {
		t.Error("two demos of one time differ")
	}
}
