package httpjson_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

// marked is a source of two pages that marks what it answers.
type marked struct {
	mu      sync.Mutex
	texts   [2]string
	version [2]int
	header  string // ETag, Last-Modified or nothing
	log     []string
}

func newMarked(header string) *marked {
	return &marked{texts: [2]string{data(row("a", 1), row("b", 2)), data(row("c", 3))}, header: header}
}

func (m *marked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	page := 0
	if r.URL.Query().Get("page") == "2" {
		page = 1
	}
	mark, given := fmt.Sprintf(`"%d.%d"`, page, m.version[page]), r.Header.Get("If-None-Match")
	if m.header == "Last-Modified" {
		mark = time.Date(2026, 1, 1, page, m.version[page], 0, 0, time.UTC).Format(http.TimeFormat)
		given = r.Header.Get("If-Modified-Since")
	}
	status := http.StatusOK
	if m.header != "" {
		w.Header().Set(m.header, mark)
		if given == mark {
			status = http.StatusNotModified
		}
	}
	m.log = append(m.log, fmt.Sprintf("%d%s:%d", page+1, map[bool]string{true: "?"}[given != ""], status))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status == http.StatusOK {
		fmt.Fprint(w, m.texts[page])
	}
}

// seen returns what was asked since: page, whether by condition, and answer.
func (m *marked) seen() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := strings.Join(m.log, " ")
	m.log = nil
	return seen
}

const twoPages = "paging: {by: page, parameter: page, first: 1, size_parameter: size, size: 2}\n"

func TestUnchangedSourceCostsNothing(t *testing.T) {
	const afresh, asking = "1:200 2:200", "1?:304 2?:304"
	today := collectors.Request{Now: now(t)}
	tomorrow := collectors.Request{Now: now(t).AddDate(0, 0, 1)}
	type run struct {
		request   collectors.Request
		change    func(*marked)
		reject    bool
		want      string // what was asked
		unchanged bool
	}
	dated := long + "lookback: 10d\nquery: {from: '{since.date}'}\n"
	ended := strings.Replace(long, "period: .month, ", "", 1) + "period: last_ended\n"
	since := collectors.Request{Now: now(t), Since: period(t, "2025-01")}
	dry := collectors.Request{Now: now(t), DryRun: true}
	second := func(m *marked) { m.version[1]++ }
	first := func(m *marked) { m.version[0]++ }
	tests := map[string]struct {
		header  string
		options string
		runs    []run
	}{
		"ETag":             {"ETag", long, []run{{today, nil, false, afresh, false}, {tomorrow, nil, false, asking, true}, {today, nil, false, asking, true}}},
		"Last-Modified":    {"Last-Modified", long, []run{{today, nil, false, afresh, false}, {today, nil, false, asking, true}}},
		"no mark":          {"", long, []run{{today, nil, false, afresh, false}, {today, nil, false, afresh, false}}},
		"first page":       {"ETag", long, []run{{today, nil, false, afresh, false}, {today, first, false, "1?:200 2:200", false}, {today, nil, false, asking, true}}},
		"second page":      {"ETag", long, []run{{today, nil, false, afresh, false}, {today, second, false, "1?:304 2?:200 1:200 2:200", false}, {today, nil, false, asking, true}}},
		"a rejection":      {"ETag", long, []run{{today, nil, true, afresh, false}, {today, nil, false, afresh, false}, {today, nil, false, asking, true}}},
		"then a rejection": {"ETag", long, []run{{today, nil, false, afresh, false}, {today, first, true, "1?:200 2:200", false}, {today, nil, false, afresh, false}}},
		"history":          {"ETag", dated, []run{{today, nil, false, afresh, false}, {since, nil, false, afresh, false}, {today, nil, false, asking, true}}},
		"only history":     {"ETag", dated, []run{{since, nil, false, afresh, false}, {today, nil, false, afresh, false}}},
		"a dry run":        {"ETag", long, []run{{dry, nil, false, afresh, false}, {today, nil, false, afresh, false}, {dry, nil, false, afresh, false}, {today, nil, false, asking, true}}},
		"another request":  {"ETag", dated, []run{{today, nil, false, afresh, false}, {tomorrow, nil, false, afresh, false}, {tomorrow, nil, false, asking, true}}},
		"last ended":       {"ETag", ended, []run{{today, nil, false, afresh, false}, {today, nil, false, asking, true}, {tomorrow, nil, false, afresh, false}}},
		"an error meanwhile": {"ETag", long, []run{{today, nil, false, afresh, false}, {today, func(m *marked) { m.version[0]++; m.texts[0] = "{}" }, false, "1?:200", false},
			{today, func(m *marked) { m.texts[0] = data(row("a", 1), row("b", 2)) }, false, afresh, false}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMarked(test.header)
			c := mustBuild(t, at(serve(t, m.ServeHTTP))+noWaiting, limits+twoPages+test.options)
			for i, run := range test.runs {
				if run.change != nil {
					run.change(m)
				}
				var sink collectorstest.Sink
				if run.reject {
					sink.Judge = func(readings []fact.Reading) []fact.Rejection {
						return []fact.Rejection{{Reading: readings[0], Stage: "region-resolved"}}
					}
				}
				summary, err := c.Collect(t.Context(), run.request, &sink)
				if failed := m.texts[0] == "{}"; (err != nil) != failed {
					t.Fatalf("run %d: error %v", i+1, err)
				}
				if got := m.seen(); got != run.want {
					t.Errorf("run %d: asked %s, want %s", i+1, got, run.want)
				}
				if summary.Unchanged != run.unchanged || run.unchanged && (len(sink.Readings) > 0 || len(sink.Parts) > 0) || summary.QueryDigest == "" {
					t.Errorf("run %d: summary %+v with %d readings and %d parts, want unchanged: %t", i+1, summary, len(sink.Readings), len(sink.Parts), run.unchanged)
				}
				ordinary := run.request.Since.IsZero() && !run.request.DryRun
				if delivers := test.header != "" && ordinary && err == nil && !run.unchanged; (len(sink.Parts) == 1) != delivers {
					t.Errorf("run %d: %d deliveries of its own, want one: %t", i+1, len(sink.Parts), delivers)
				}
			}
		})
	}
}

// Targets are remembered each for itself, and pulled at the same time.
func TestTargetsAreRememberedApart(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+r.URL.Path+`"`)
		if r.Header.Get("If-None-Match") == `"`+r.URL.Path+`"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		answer(`[{"n":1}]`)(w, r)
	})
	c := mustBuild(t, at(s)+noWaiting, limits+"path: /c/{region.code}\nrows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {value: '.n + 1'}\n", fannedOut)
	var codes []string
	for i := range 20 {
		codes = append(codes, fmt.Sprint(360600+i))
	}
	round := func() (unchanged []string) {
		var all sync.WaitGroup
		var mu sync.Mutex
		for _, code := range codes {
			all.Go(func() {
				summary, err := c.Collect(t.Context(), collectors.Request{Now: now(t), Target: collectors.Target{Code: code}}, &collectorstest.Sink{})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if summary.Unchanged {
					unchanged = append(unchanged, code)
				}
			})
		}
		all.Wait()
		slices.Sort(unchanged)
		return unchanged
	}
	if got := round(); len(got) > 0 {
		t.Errorf("%q have not changed, in the first round", got)
	}
	if diff := cmp.Diff(codes, round()); diff != "" {
		t.Errorf("unchanged in the second round (-want +got):\n%s", diff)
	}
}

func TestDeliveryThatFails(t *testing.T) {
	m := newMarked("ETag")
	c := mustBuild(t, at(serve(t, m.ServeHTTP))+noWaiting, limits+twoPages+long)
	_, err := c.Collect(t.Context(), collectors.Request{Now: now(t)}, &undeliverable{})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error %v, want that of the delivery", err)
	}
	m.seen()
	if _, _, err := collect(t, c); err != nil || m.seen() != "1:200 2:200" {
		t.Errorf("error %v; want that nothing is remembered", err)
	}
}

type undeliverable struct{ collectorstest.Sink }

func (*undeliverable) Deliver(context.Context, collectors.Part) (collectors.Receipt, error) {
	return collectors.Receipt{}, errors.New("disk full")
}
