package main_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/govkpi/govkpi/internal/servertest"
)

const gridConfiguration = `
site: {name: {zh: 江西省, en: Jiangxi}, zone: Asia/Shanghai, region: "360000"}
ledger: {path: data, keep_rejections: 1d}
schedule: {parallel: 2}
regions: {divisions: [divisions.csv, townships.csv, grids.csv]}
units: [{id: things, title: {zh: 件, en: things}, counts: true}]
themes: [{id: test, title: {zh: 试, en: Test}}]
indicators:
  - {id: grid_visits, title: {zh: 走访, en: Visits}, definition: {zh: 走访次数, en: Number of visits}, theme: test, unit: things, kind: stock, direction: more, levels: [grid], cadence: month, grace_working_days: 10, expires_after_periods: 12}
sources:
  - {name: source, title: {zh: 源, en: Source}, kind: sqlquery, sqlquery: {url: "${SOURCE}", statement_timeout: 5m}}
collectors:
  - name: grids
    source: source
    schedule: "0 6 * * *"
    deadline: 10m
    retry: {attempts: 1, backoff: 1s, window: 1m}
    sqlquery:
      query: SELECT code, town, county, city, value FROM grid
      row_limit: 2000000
      period: last_ended
      indicator: grid_visits
      columns: {region: code, within: [city, county, town], value: value}
`

// BenchmarkProgram starts the real program with a register of so many grids and
// an empty ledger, and lets it collect a figure for each from PostgreSQL. It
// prints how long the delivery took, against a bare scan of the same rows; how
// long a scrape takes, against a static handler of the same bytes; how long PromQL
// takes to add up all of them and to list the values of a label; and the program's
// resident memory after that.
func BenchmarkProgram(b *testing.B) {
	for _, grids := range []int{176_000, 1_760_000} {
		b.Run(strconv.Itoa(grids), func(b *testing.B) {
			folder := b.TempDir()
			program := buildProgram(b)
			database := servertest.PostgreSQL(b).URL()
			writeGridSite(b, folder, database, grids)
			scan := bareScan(b, database, grids)
			for b.Loop() {
				if err := os.RemoveAll(filepath.Join(folder, "data")); err != nil {
					b.Fatal(err)
				}
				p := startProgram(b, program, filepath.Join(folder, "govkpi.yaml"), database)
				delivery := p.waitForRun(b, grids)
				b.ReportMetric(delivery.Seconds(), "delivery-s")
				b.ReportMetric(delivery.Seconds()/scan.Seconds(), "delivery/scan")
				for _, coding := range []string{"identity", "gzip"} {
					b.ReportMetric(scrapeRatio(b, p.address, coding), coding+"-scrape/static")
				}
				b.ReportMetric(p.memory(b, "VmRSS"), "scraped-resident-MB")
				api := "http://" + p.address + "/api/v1/"
				sum := api + "query?query=sum+by+(city)+(governance_grid_visits)"
				b.ReportMetric(timeOf(b, sum).Seconds(), "first-sum-by-city-s")
				b.ReportMetric(timeOf(b, sum).Seconds(), "sum-by-city-s")
				b.ReportMetric(timeOf(b, api+"query?query=count(governance_grid_visits{city=%22%E9%B9%B0%E6%BD%AD%E5%B8%82%22})").Seconds(), "count-of-one-city-s")
				b.ReportMetric(timeOf(b, api+"label/county/values?match[]=governance_grid_visits").Seconds()*1000, "label-values-ms")
				b.ReportMetric(timeOf(b, api+"label/city/values").Seconds()*1000, "label-values-of-all-ms")
				b.ReportMetric(p.memory(b, "VmRSS"), "resident-MB")
				b.ReportMetric(p.memory(b, "VmHWM"), "peak-MB")
				p.stop(b)
			}
			b.ReportMetric(scan.Seconds(), "scan-s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// writeGridSite writes the configuration with the shipped register and so many
// grids below its townships, and fills the source with a row for each.
func writeGridSite(b *testing.B, folder, database string, grids int) {
	b.Helper()
	shipped := "../../config/jiangxi/regions"
	names := map[string]string{}
	for _, file := range []string{"divisions.csv", "townships.csv"} {
		content, err := os.ReadFile(filepath.Join(shipped, file))
		if err != nil {
			b.Fatal(err)
		}
		writeFile(b, filepath.Join(folder, file), string(content))
		for _, row := range readCSV(b, content) {
			names[row[0]] = row[1]
		}
	}
	var towns []string
	for code := range names {
		if len(code) == 9 {
			towns = append(towns, code)
		}
	}
	slices.Sort(towns)
	var register strings.Builder
	register.WriteString("code,name,level,parent\n")
	var rows [][]any
	for i, town := range towns {
		for g := grids * i / len(towns); g < grids*(i+1)/len(towns); g++ {
			code := fmt.Sprintf("%s%06d", town, g-grids*i/len(towns)+1)
			fmt.Fprintf(&register, "%s,,grid,%s\n", code, town)
			rows = append(rows, []any{code, names[town], names[town[:6]], names[town[:4]+"00"], int64(g % 500)})
		}
	}
	writeFile(b, filepath.Join(folder, "grids.csv"), register.String())
	writeFile(b, filepath.Join(folder, "govkpi.yaml"), gridConfiguration)

	conn, err := pgx.Connect(b.Context(), database)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	if _, err := conn.Exec(b.Context(), "CREATE TABLE grid (code text, town text, county text, city text, value bigint)"); err != nil {
		b.Fatal(err)
	}
	columns := []string{"code", "town", "county", "city", "value"}
	if _, err := conn.CopyFrom(b.Context(), pgx.Identifier{"grid"}, columns, pgx.CopyFromRows(rows)); err != nil {
		b.Fatal(err)
	}
}

func writeFile(b *testing.B, name, content string) {
	b.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
}

func readCSV(b *testing.B, content []byte) [][]string {
	b.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	return rows[1:]
}

// bareScan is the median time of five scans of the source with the same driver.
func bareScan(b *testing.B, database string, grids int) time.Duration {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), database)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	var times []time.Duration
	for range 5 {
		start := time.Now()
		rows, err := conn.Query(b.Context(), "SELECT code, town, county, city, value FROM grid")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			var code, town, county, city string
			var value int64
			if err := rows.Scan(&code, &town, &county, &city, &value); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if rows.Err() != nil || n != grids {
			b.Fatalf("scanned %d rows: %v", n, rows.Err())
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return times[2]
}

// running is the program under test.
type running struct {
	cmd     *exec.Cmd
	address string
	log     *bufio.Scanner
}

func startProgram(b *testing.B, program, configuration, database string) *running {
	b.Helper()
	p := &running{address: freeAddress(b)}
	p.cmd = exec.CommandContext(b.Context(), program, "serve", "--config", configuration, "--listen", p.address, "--log-format", "json")
	p.cmd.Env = append(os.Environ(), "SOURCE="+database)
	log, err := p.cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p.log = bufio.NewScanner(log)
	return p
}

// waitForRun waits until the program logs the end of its first run.
func (p *running) waitForRun(b *testing.B, grids int) time.Duration {
	b.Helper()
	for p.log.Scan() {
		var line struct {
			Message  string        `json:"msg"`
			Changed  int           `json:"changed"`
			Duration time.Duration `json:"duration"`
		}
		if json.Unmarshal(p.log.Bytes(), &line) != nil || line.Message != "run ended" {
			continue
		}
		if line.Changed != grids {
			b.Fatalf("the run did not take %d figures: %s", grids, p.log.Text())
		}
		return line.Duration
	}
	b.Fatal("the program ended before its first run did")
	return 0
}

// memory reads a line of the program's status, in megabytes of 10^6 bytes.
func (p *running) memory(b *testing.B, line string) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), line+":")
	kilobytes, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes * 1024 / 1e6
}

func (p *running) stop(b *testing.B) {
	b.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	for p.log.Scan() { // until the program closes it
	}
	if err := p.cmd.Wait(); err != nil {
		b.Fatalf("the program did not stop in good order: %v", err)
	}
}

// scrapeRatio is the median time of scrapes of a ready body over that of the same
// bytes from a static handler, the two taken in turn.
func scrapeRatio(b *testing.B, address, coding string) float64 {
	b.Helper()
	client := &http.Client{}
	defer client.CloseIdleConnections()
	metrics := "http://" + address + "/metrics"
	body, contentType := scrape(b, client, metrics, coding)
	static := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	defer static.Close()
	var ours, theirs []time.Duration
	for range 15 {
		start := time.Now()
		scrape(b, client, static.URL, coding)
		theirs = append(theirs, time.Since(start))
		start = time.Now()
		scrape(b, client, metrics, coding)
		ours = append(ours, time.Since(start))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	return ours[7].Seconds() / theirs[7].Seconds()
}

// scrape returns the body as it came over the wire.
func scrape(b *testing.B, client *http.Client, address, coding string) (body []byte, contentType string) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", coding) // set by hand it is not undone by the client
	response, err := client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		b.Fatal(err)
	}
	return body, response.Header.Get("Content-Type")
}

// BenchmarkDemoReady is how long it takes from the start of the demo until every
// collector has run.
func BenchmarkDemoReady(b *testing.B) {
	program := buildProgram(b)
	for b.Loop() {
		address := freeAddress(b)
		start := time.Now()
		cmd := exec.CommandContext(b.Context(), program, "demo", "--listen", address, "--log-level", "error")
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		waitFor(b, "http://"+address+"/-/ready")
		b.ReportMetric(time.Since(start).Seconds(), "ready-s")
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Fatalf("the demo did not stop in good order: %v", err)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkExplain asks the running demo where figures come from: of a county, of
// a ratio, of the province, and as of a time before a correction. The baseline is
// a request that is answered without looking anything up.
func BenchmarkExplain(b *testing.B) {
	address := freeAddress(b)
	cmd := exec.CommandContext(b.Context(), buildProgram(b), "demo", "--listen", address, "--log-level", "error")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			b.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Errorf("the demo did not stop in good order: %v", err)
		}
	}()
	waitFor(b, "http://"+address+"/-/ready")
	const explain = "/api/governance/v1/explain?"
	for name, path := range map[string]string{
		"county":   explain + "indicator=elder_meal_sites&region=360603&period=2025-06",
		"ratio":    explain + "indicator=form_reduction_ratio&region=360603",
		"province": explain + "indicator=grids&region=360000",
		"past":     explain + "indicator=elder_meal_sites&region=360603&period=2025-06&as_known_at=" + url.QueryEscape(time.Now().Format(time.RFC3339)),
	} {
		b.Run(name, func(b *testing.B) {
			var asked, bare, longest time.Duration
			for b.Loop() {
				took := timeOf(b, "http://"+address+path)
				asked += took
				longest = max(longest, took)
				bare += timeOf(b, "http://"+address+"/-/healthy")
			}
			b.ReportMetric(asked.Seconds()*1000/float64(b.N), "ms")
			b.ReportMetric(longest.Seconds()*1000, "ms-longest")
			b.ReportMetric(asked.Seconds()/bare.Seconds(), "x-healthy")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// timeOf is how long a request takes that must go well.
func timeOf(b *testing.B, address string) time.Duration {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	response, err := new(http.Client).Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("%s answers %s, %v: %.300s", address, response.Status, err, body)
	}
	return time.Since(start)
}

// BenchmarkBinary prints the size of the program as it is shipped.
func BenchmarkBinary(b *testing.B) {
	program := filepath.Join(b.TempDir(), "govkpi")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build govkpi: %v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
	b.ReportMetric(0, "ns/op")
}
