package app_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

const (
	benchedTargets = 100
	atOnce         = 10
	answersAfter   = 200 * time.Millisecond
)

// BenchmarkFanOut pulls from a hundred counties' APIs, each of which takes 200 ms
// to answer, ten at once, into a ledger on disk. The baseline is a plain client
// that asks the same.
func BenchmarkFanOut(b *testing.B) {
	var asked atomic.Int64
	server := serve(b, answersAfter, func(w http.ResponseWriter, _ *http.Request) {
		// Another figure each time, so that every run has something to keep.
		fmt.Fprintf(w, `{"rows":[{"month":"2025-12","n":%d}]}`, asked.Add(1)%1000)
	})
	p := newFanOutPlace(b, server.URL)
	a := p.start(b)
	var run, bare time.Duration
	for b.Loop() {
		start := time.Now()
		if r, err := a.Collect(b.Context(), "counties", fact.Period{}); err != nil || r.Accepted != benchedTargets {
			b.Fatalf("got %+v, %v", r, err)
		}
		run += time.Since(start)
		start = time.Now()
		askAll(b, server.URL)
		bare += time.Since(start)
	}
	b.ReportMetric(run.Seconds()/float64(b.N), "s/run")
	b.ReportMetric(run.Seconds()/bare.Seconds(), "x-plain-client")
}

// BenchmarkFanOutMemory pulls large pages, from ten counties at once and from one
// at a time: what is held at once grows with the workers, not with the counties.
func BenchmarkFanOutMemory(b *testing.B) {
	page := largePage()
	server := serve(b, 0, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) })
	for _, parallel := range []int{1, atOnce} {
		b.Run(fmt.Sprintf("parallel=%d", parallel), func(b *testing.B) {
			p := newFanOutPlace(b, server.URL)
			p.parallel(b, parallel)
			a := p.start(b)
			var peak uint64
			for b.Loop() {
				stop := watchHeap(&peak)
				if _, err := a.Collect(b.Context(), "counties", fact.Period{}); err != nil {
					b.Fatal(err)
				}
				stop()
			}
			b.ReportMetric(float64(peak)/(1<<20), "MB-peak-heap")
			b.ReportMetric(float64(len(page)*benchedTargets)/(1<<20), "MB-read/run")
		})
	}
}

// largePage is some 2 MB of ten years of months, with remarks that nobody reads.
func largePage() string {
	var rows []string
	for i := range 120 {
		rows = append(rows, fmt.Sprintf(`{"month":"%d-%02d","n":%d,"remark":%q}`, 2016+i/12, i%12+1, i%7, strings.Repeat("x", 17_000)))
	}
	return `{"rows":[` + strings.Join(rows, ",") + `]}`
}

// watchHeap notes the largest heap until it is stopped.
func watchHeap(peak *uint64) (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			*peak = max(*peak, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-ticker.C:
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

func serve(b *testing.B, after time.Duration, answer http.HandlerFunc) *httptest.Server {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-time.After(after)
		w.Header().Set("Content-Type", "application/json")
		answer(w, r)
	}))
	b.Cleanup(server.Close)
	return server
}

// askAll asks for every county as a plain client would.
func askAll(b *testing.B, url string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
	defer client.CloseIdleConnections()
	work := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := range work {
				response, err := client.Get(fmt.Sprintf("%s/%d", url, i)) //nolint:noctx // a baseline
				if err != nil {
					b.Error(err)
					continue
				}
				_, err = io.Copy(io.Discard, response.Body)
				if closeErr := response.Body.Close(); err != nil || closeErr != nil {
					b.Error(err, closeErr)
				}
			}
		})
	}
	for i := range benchedTargets {
		work <- i
	}
	close(work)
	workers.Wait()
}

// fanOutPlace is a folder with a configuration of a hundred counties.
type fanOutPlace struct {
	folder  string
	content string
}

const fanOutTree = `
site: {name: {zh: 某省, en: A province}, zone: Asia/Shanghai, region: "360000"}
ledger: {path: data, keep_rejections: 1d}
schedule: {parallel: 2}
regions: {divisions: [regions.csv]}
units: [{id: grids, title: {zh: 个, en: grids}, counts: true}]
themes: [{id: test, title: {zh: 试, en: Test}}]
indicators:
  - id: grids
    title: {zh: 网格, en: Grids}
    definition: {zh: 网格数, en: Number of grids}
    theme: test
    unit: grids
    kind: stock
    direction: more
    levels: [county]
    cadence: month
    grace_working_days: 10
    expires_after_periods: 12
sources:
  - name: counties
    title: {zh: 各县, en: Counties}
    kind: httpjson
    httpjson:
      url: ${URL}
      timeout: 10s
      retries: {attempts: 1}
collectors:
  - name: counties
    source: counties
    schedule: "0 6 * * *"
    deadline: 30s
    retry: {attempts: 1}
    for_each: counties
    parallel: 10
    httpjson:
      path: /{region.code}
      method: GET
      limits: {page_bytes: 16MiB, pages: 1, rows: 100000, depth: 10}
      rows: .rows[]
      indicator: grids
      columns: {period: .month, value: .n}
`

func newFanOutPlace(b *testing.B, url string) *fanOutPlace {
	b.Helper()
	p := &fanOutPlace{folder: b.TempDir(), content: strings.Replace(fanOutTree, "${URL}", url, 1)}
	var regions strings.Builder
	regions.WriteString("code,name,level,parent\n360000,某省,province,\n")
	for city := range 10 {
		fmt.Fprintf(&regions, "36%02d00,市%d,city,360000\n", city+1, city)
		for county := range benchedTargets / 10 {
			fmt.Fprintf(&regions, "36%02d%02d,县%d之%d,county,36%02d00\n", city+1, county+1, city, county, city+1)
		}
	}
	write(b, p.folder, "regions.csv", regions.String())
	return p
}

func (p *fanOutPlace) parallel(b *testing.B, n int) {
	b.Helper()
	p.content = strings.Replace(p.content, "parallel: 10", fmt.Sprintf("parallel: %d", n), 1)
}

// start makes the App; nothing runs by itself.
func (p *fanOutPlace) start(b *testing.B) *app.App {
	b.Helper()
	write(b, p.folder, "govkpi.yaml", p.content)
	a, err := app.New(b.Context(), app.Options{
		Load: func() (*config.Config, error) { return config.LoadFile(p.folder+"/govkpi.yaml", config.Options{}) },
		Now:  time.Now, Log: slog.New(slog.DiscardHandler), Version: "bench", Revision: "bench",
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.Stop(b.Context()); err != nil && b.Context().Err() == nil {
			b.Error(err)
		}
	})
	return a
}
