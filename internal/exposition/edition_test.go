package exposition_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/fact"
)

// Fifty scrapes at once, in all formats and codings: text and OpenMetrics come
// of one walk through the figures, protobuf of another.
func TestOneWalkPerChangeAndWire(t *testing.T) {
	site, standing := tinySite()
	e := expose(t, site)
	formats := []string{acceptText, acceptOpenMetrics, acceptProtobuf}
	codings := []string{"gzip", "identity"}
	const changes = 5
	for change := range changes {
		var scrapes sync.WaitGroup
		for i := range 50 {
			scrapes.Go(func() { get(t, e, "Accept", formats[i%3], "Accept-Encoding", codings[i%2]) })
		}
		scrapes.Wait()
		if got, want := standing.walks.Load(), int32(2*(change+1)); got != want {
			t.Fatalf("%d walks through the figures after %d changes, want %d", got, change, want)
		}
		standing.change("grids", fact.Figure{Region: "360102", Period: period("2025-12"), Value: float64(change), Revision: 1})
	}
}

func TestFormatIsMadeAtItsFirstRequest(t *testing.T) {
	site, standing := tinySite()
	e := expose(t, site)
	for i, step := range []struct {
		accept string
		walks  int32
	}{{acceptText, 1}, {acceptText, 1}, {acceptOpenMetrics, 1}, {acceptProtobuf, 2}, {acceptProtobuf, 2}} {
		get(t, e, "Accept", step.accept)
		if got := standing.walks.Load(); got != step.walks {
			t.Errorf("step %d: %d walks, want %d", i, got, step.walks)
		}
	}
}

func TestExpiry(t *testing.T) {
	site, standing := tinySite()
	at := newClock(january())
	e := newExposition(t, prometheus.NewPedanticRegistry(), at.now, nil)
	standing.validUntil = january().Add(time.Hour)
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name  string
		after time.Duration
		walks int32
	}{
		{"first", 0, 1},
		{"before the expiry", time.Hour - 1, 1},
		{"at the expiry", time.Hour, 2},
		{"an expiry that stays in the past holds a second", time.Hour + time.Second - 1, 2},
		{"and is asked again", time.Hour + time.Second, 3},
	} {
		at.set(january().Add(step.after))
		get(t, e)
		if got := standing.walks.Load(); got != step.walks {
			t.Errorf("%s: %d walks, want %d", step.name, got, step.walks)
		}
	}
}

func TestSetSite(t *testing.T) {
	site, _ := tinySite()
	e := expose(t, site)
	if !strings.Contains(text(t, e), "governance_grids{") {
		t.Fatal("no figure to begin with")
	}
	wrong := site
	wrong.Indicators = []fact.Indicator{{ID: "target"}}
	if err := e.SetSite(wrong); err == nil {
		t.Error("a site with a reserved name was taken")
	}
	if !strings.Contains(text(t, e), "governance_grids{") {
		t.Error("a refused site took the place of the one in force")
	}
	next := site
	next.Indicators = site.Indicators[1:]
	if err := e.SetSite(next); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text(t, e), "governance_grids{") {
		t.Error("an indicator that is no longer in the catalogue is still exposed")
	}
}

func TestNotice(t *testing.T) {
	site, _ := tinySite()
	site.Notice = fact.Text{ZH: "均为合成。", EN: "Every figure is synthetic."}
	body := text(t, expose(t, site))
	const notice = "Every figure is synthetic. 均为合成。"
	for line := range strings.Lines(body) {
		name, isHelp := strings.CutPrefix(line, "# HELP governance_")
		if !isHelp {
			continue
		}
		figures := !strings.HasPrefix(name, "published ") && !strings.Contains(name, "_info ") && !strings.HasPrefix(name, "region_")
		if strings.Contains(line, notice) != figures {
			t.Errorf("the notice is missing or misplaced: %s", line)
		}
	}
	if !strings.Contains(body, notice) {
		t.Error("the notice is nowhere")
	}
}

func TestReconciliationFails(t *testing.T) {
	site, standing := tinySite()
	at, log := newClock(january()), &bytes.Buffer{}
	e := newExposition(t, prometheus.NewPedanticRegistry(), at.now, log)
	standing.err = errors.New("the ledger is busy")
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	got := text(t, e)
	if strings.Contains(got, "governance_reconciliation_gap") || !strings.Contains(got, "governance_region_info") {
		t.Error("want everything but the reconciliation")
	}
	if !strings.Contains(got, `govkpi_exposition_errors_total{stage="reconcile"} 1`) || !strings.Contains(log.String(), "the ledger is busy") {
		t.Errorf("the error is neither counted nor logged: %s", log)
	}
	standing.err = nil
	if strings.Contains(text(t, e), "governance_reconciliation_gap") {
		t.Error("tried again at once")
	}
	at.set(january().Add(30 * time.Second))
	if !strings.Contains(text(t, e), "governance_reconciliation_gap") {
		t.Error("not tried again after half a minute")
	}
}

// fragile panics when it is walked through for the first time.
type fragile struct {
	*figures
	once sync.Once
}

func (f *fragile) Version() uint64 { return f.figures.Version() }

func (f *fragile) ValidUntil() time.Time {
	f.once.Do(func() { panic("not yet") })
	return time.Time{}
}

func TestPanicDoesNotStick(t *testing.T) {
	site, standing := tinySite()
	site.Figures = &fragile{figures: standing}
	e := expose(t, site)
	func() {
		defer func() { _ = recover() }()
		get(t, e)
		t.Error("the panic was swallowed")
	}()
	if !strings.Contains(text(t, e), "governance_grids{") {
		t.Error("no figures after a scrape that panicked")
	}
}

func TestFiguresWithoutAPlace(t *testing.T) {
	december := period("2025-12")
	for name, c := range map[string]struct {
		indicator string
		figure    fact.Figure
		says      string
	}{
		"a region that left the register": {"grids", fact.Figure{Region: "361000", Period: december}, "grids of region 361000, which is not in the register"},
		"a level that left the catalogue": {"grids", fact.Figure{Region: "360100", Period: december}, "grids of city 360100, a level that does not report it"},
		"a dimension that left it": {
			"full_time_grid_staff", fact.Figure{Region: "360603", Dimensions: fact.MakeDimensions(fact.Pair{Name: "age", Value: "60"}), Period: december},
			"full_time_grid_staff of 360603 split by age=60, which it does not declare",
		},
	} {
		t.Run(name, func(t *testing.T) {
			site, standing := tinySite()
			log := &bytes.Buffer{}
			e := newExposition(t, prometheus.NewPedanticRegistry(), january, log)
			if err := e.SetSite(site); err != nil {
				t.Fatal(err)
			}
			standing.change(c.indicator, c.figure)
			got := text(t, e)
			if strings.Contains(got, "governance_"+c.indicator+"{") {
				t.Errorf("exposed all the same:\n%s", got)
			}
			if !strings.Contains(got, "govkpi_exposition_left_out_figures 1\n") || !strings.Contains(log.String(), c.says) {
				t.Errorf("neither counted nor logged: %s", log)
			}
			standing.change(c.indicator)
			if got := text(t, e); !strings.Contains(got, "govkpi_exposition_left_out_figures 0\n") {
				t.Error("still counted when it is gone")
			}
		})
	}
}

// A scrape of a body that is ready costs the same whether it has ten series or
// twenty thousand.
func TestScrapeAllocatesNothingPerSeries(t *testing.T) {
	for name, headers := range map[string]http.Header{
		"plain": {"Accept": {acceptText}},
		"gzip":  {"Accept": {acceptOpenMetrics}, "Accept-Encoding": {"gzip"}},
	} {
		t.Run(name, func(t *testing.T) {
			few, many := allocatedByScrape(t, 10, headers), allocatedByScrape(t, 20_000, headers)
			if many > few+16<<10 {
				t.Errorf("a scrape allocates %d bytes with 10 series and %d with 20,000", few, many)
			}
		})
	}
}

func allocatedByScrape(t *testing.T, grids int, headers http.Header) uint64 {
	t.Helper()
	site, _ := gridSite(grids)
	e := expose(t, site)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
	request.Header = headers
	scrape := func() { e.ServeHTTP(&discard{header: http.Header{}}, request) }
	scrape()
	// The pool of tails may be emptied between two scrapes: the least counts.
	least := allocatedBy(scrape)
	for range 20 {
		least = min(least, allocatedBy(scrape))
	}
	return least
}

func TestFirstEncodingAllocatesLittleMoreThanTheBody(t *testing.T) {
	site, standing := gridSite(50_000)
	for name, accept := range map[string]string{"text": acceptText, "protobuf": acceptProtobuf} {
		t.Run(name, func(t *testing.T) {
			e := expose(t, site)
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
			request.Header.Set("Accept", accept)
			sink := &discard{header: http.Header{}}
			standing.version.Add(1)
			allocated := allocatedBy(func() { e.ServeHTTP(sink, request) })
			if ratio := float64(allocated) / float64(sink.size); ratio > 1.3 {
				t.Errorf("%d bytes were allocated for %d: %.2f times", allocated, sink.size, ratio)
			}
		})
	}
}

func TestOldBodiesAreLetGo(t *testing.T) {
	site, standing := gridSite(20_000)
	e := expose(t, site)
	var held [2]uint64
	for i := range held {
		for range 4 * i { // the second time after four changes
			standing.version.Add(1)
			get(t, e, "Accept", acceptText)
		}
		size := get(t, e, "Accept", acceptText).Body.Len()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		held[i] = m.HeapAlloc
		if i > 0 && held[1] > held[0]+uint64(size)/2 {
			t.Errorf("the heap grew from %d to %d bytes over four changes of a body of %d", held[0], held[1], size)
		}
	}
	runtime.KeepAlive(e)
}
