package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/promapi"
)

// holdRules evaluates the generated rules through the last week of the story, on the
// ledger and in a Prometheus that has scraped us all the time: both raise the same
// alerts, in the same words, since the same moment.
func holdRules(t *testing.T, s *story, r *reference) {
	t.Helper()
	s.write("alerting.yaml", fmt.Sprintf(storyTree, 100)+benchedAlerts)
	cfg, err := config.LoadFile(s.folder+"/alerting.yaml", config.Options{Env: func(name string) (string, bool) { v, ok := s.env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	ownRecords, theirRecords := openTSDB(t), openTSDB(t)
	ours := byName(groupsOn(t, cfg, promapi.NewQueryable(s.app.Series(), beside{r.own, ownRecords}, s.clock), ownRecords))
	theirs := byName(groupsOn(t, cfg, beside{r.db, theirRecords}, theirRecords))
	firing := map[string]bool{}
	for at := storyEnds.AddDate(0, 0, -7); !at.After(storyEnds.Add(-time.Hour)); at = at.Add(3 * time.Hour) {
		for name := range theirs {
			ours[name].Eval(t.Context(), at)
			theirs[name].Eval(t.Context(), at)
			got, want := raisedBy(t, ours[name], firing), raisedBy(t, theirs[name], nil)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s at %s (-Prometheus +ours):\n%s", name, at, diff)
			}
		}
	}
	for _, kind := range []string{"RegionBehindTarget", "ReportOverdue", "CoverageLow", "TotalsDisagree", "FiguresRejected", "SourceDown", "CollectorMissedSchedule"} {
		if !firing[kind] { // nothing was compared
			t.Errorf("%s does not fire in the story", kind)
		}
	}
}

func byName(groups map[string]*promrules.Group) map[string]*promrules.Group {
	named := map[string]*promrules.Group{}
	for _, g := range groups {
		named[g.Name()] = g
	}
	return named
}

// raisedBy writes the alerts of a group down, and notes which kinds fire.
func raisedBy(t *testing.T, g *promrules.Group, firing map[string]bool) []string {
	t.Helper()
	for _, r := range g.Rules() {
		if r.LastError() != nil {
			t.Fatalf("%s: %v", r.Name(), r.LastError())
		}
	}
	var all []string
	for _, r := range g.AlertingRules() {
		for _, a := range r.ActiveAlerts() {
			all = append(all, fmt.Sprintf("%s %s %s since %s %.9g", a.Labels, a.Annotations, a.State, a.ActiveAt, a.Value))
			if a.State == promrules.StateFiring && firing != nil {
				firing[r.Name()] = true
			}
		}
	}
	slices.Sort(all)
	return all
}

// beside is a storage with another one for what rules record.
type beside struct{ scraped, recorded storage.Queryable }

func (b beside) Querier(mint, maxt int64) (storage.Querier, error) {
	scraped, err := b.scraped.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	recorded, err := b.recorded.Querier(mint, maxt)
	return besideQuerier{scraped, recorded}, err
}

type besideQuerier struct {
	storage.Querier
	recorded storage.Querier
}

func (q besideQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel && strings.HasPrefix(m.Value, "govkpi:") {
			return q.recorded.Select(ctx, sorted, hints, matchers...)
		}
	}
	return q.Querier.Select(ctx, sorted, hints, matchers...)
}

func (q besideQuerier) Close() error { return errors.Join(q.Querier.Close(), q.recorded.Close()) }

// A back-test names who was behind by the figures of then, though they have been
// corrected since.
func TestReviewGoesByWhatWasKnownThen(t *testing.T) {
	p := newStoryPlace(t, time.Date(2025, 11, 18, 1, 0, 0, 0, time.UTC))
	p.write("govkpi.yaml", fmt.Sprintf(storyTree, 100)+benchedAlerts)
	a := p.open()
	for _, county := range storyCounties {
		p.source(fmt.Sprintf("INSERT INTO figures (indicator, region, period, n) VALUES ('grids_counted', '%s', '2025-11', 100)", county.code))
	}
	p.source("UPDATE figures SET n = 10 WHERE region = '360602'")
	p.setClock(time.Date(2025, 12, 2, 2, 0, 0, 0, time.UTC))
	p.collect(a, "all")
	p.source("UPDATE figures SET n = 100")
	p.setClock(time.Date(2025, 12, 20, 2, 0, 0, 0, time.UTC))
	p.collect(a, "all")
	p.setClock(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))

	reader, err := app.OpenReaderOf(t.Context(), p.folder+"/data", app.ForReading(config.Options{Env: func(string) (string, bool) { return "", false }}), p.clock)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	zone := reader.Config.Site.Zone
	review, err := reader.Review(t.Context(), app.ReviewQuestion{From: time.Date(2025, 11, 1, 0, 0, 0, 0, zone), To: time.Date(2026, 1, 1, 0, 0, 0, 0, zone)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range review.Months {
		for _, n := range m.Named {
			if n.Labels["alertname"] == "RegionBehindPeers" {
				got = append(got, fmt.Sprintf("%s %s of %s, %s to %s", n.Labels["code"], n.Labels["indicator"], m.Month, n.First.In(zone).Format(time.DateOnly), n.Last.In(zone).Format(time.DateOnly)))
			}
		}
	}
	// Told at ten, so that for a day from the next morning on; corrected at ten.
	want := []string{"360602 grids_counted of 2025-12, 2025-12-04 to 2025-12-20"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
