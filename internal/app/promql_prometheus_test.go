package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/servertest"
)

// A Prometheus that has just scraped us and our own PromQL agree on what is now,
// in every expression that asks for nothing else.
func TestPrometheusAgreesOnTheNewest(t *testing.T) {
	now := time.Now()
	p := newStoryPlace(t, now.Add(-time.Hour))
	last := fact.LastEnded(now.In(time.FixedZone("CST", 8*3600)), fact.Monthly)
	for n, county := range storyCounties {
		p.source(fmt.Sprintf("INSERT INTO figures (indicator, region, period, n) VALUES ('grids', '%[1]s', '%[2]s', %[3]d), ('grids_counted', '%[1]s', '%[2]s', %[4]d), ('cases', '%[1]s', '%[2]s', %[3]d), ('cases_closed', '%[1]s', '%[2]s', %[5]d), ('visits', '%[1]s', '%[6]s', 7)",
			county.code, last, 20+n, 22+n, 10+n, fact.LastEnded(now, fact.Weekly)))
	}
	a := p.open()
	p.collect(a, "all")
	p.setClock(now)
	served := httptest.NewServer(a.Handler())
	t.Cleanup(served.Close)
	address := servertest.Prometheus(t, served.Listener.Addr().String(), `metric_relabel_configs: [{action: labeldrop, regex: "job|instance"}]`)

	// What Prometheus 2 knows, without ranges and other times; nothing that names the
	// target's own series, and not atan2, which then kept the name.
	unsuited := regexp.MustCompile(`\[|offset|@|limit|info\(|histogram|native|sort_by_label|start|end\(|range\(|step\(|m(ax|in)_of|govkpi|^\{|__name__|time\(\)|hour\(\)|year\(\)|atan2`)
	eventually(t, "Prometheus has scraped", func() bool {
		answered, err := fetchQuery(t.Context(), "http://"+address, "count(governance_region_info)", time.Now())
		return err == nil && len(answered) == 1
	})
	compared := 0
	for _, expression := range corpus(t) {
		if unsuited.MatchString(expression) {
			continue
		}
		at := time.Now()
		p.setClock(at)
		ours, err := fetchQuery(t.Context(), served.URL, expression, at)
		if err != nil {
			t.Errorf("ours: %s: %v", expression, err)
			continue
		}
		theirs, err := fetchQuery(t.Context(), "http://"+address, expression, at)
		if err != nil {
			t.Errorf("Prometheus: %s: %v", expression, err)
			continue
		}
		if strings.Contains(expression, "overdue") || strings.Contains(expression, "timestamp(") {
			continue // they move while the two are asked
		}
		if d := difference(answer{lines: ours}, answer{lines: theirs}); d != "" {
			t.Errorf("%s: %s", expression, d)
		}
		compared++
	}
	if compared < 80 {
		t.Errorf("only %d expressions compared", compared)
	}
}

// fetchQuery returns the series of an answer, sorted.
func fetchQuery(ctx context.Context, server, expression string, at time.Time) ([]line, error) {
	form := url.Values{"query": {expression}, "time": {at.Format(time.RFC3339Nano)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/api/v1/query", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := new(http.Client).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status, Error string
		Data          struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Status != "success" {
		return nil, fmt.Errorf("%s %.300s", answer.Error, body)
	}
	if answer.Data.ResultType == "scalar" {
		answer.Data.Result = json.RawMessage(`[{"value":` + string(answer.Data.Result) + `}]`)
	}
	var series []struct {
		Metric map[string]string
		Value  [2]any
	}
	if err := json.Unmarshal(answer.Data.Result, &series); err != nil {
		return nil, err
	}
	lines := make([]line, len(series))
	for i, s := range series {
		v, err := strconv.ParseFloat(fmt.Sprint(s.Value[1]), 64)
		if err != nil {
			return nil, err
		}
		lines[i] = line{metric: fmt.Sprint(s.Metric), points: []promql.FPoint{{F: v}}}
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.metric, b.metric) })
	return lines, nil
}
