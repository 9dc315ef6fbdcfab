package exposition_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

// stood is figures of which single indicators can be reconciled.
type stood struct{ *figures }

func (s stood) ReconciliationsOf(ctx context.Context, i *fact.Indicator) ([]fact.Reconciliation, error) {
	all, err := s.Reconciliations(ctx)
	return slices.DeleteFunc(slices.Clone(all), func(r fact.Reconciliation) bool { return r.Indicator != i.ID }), err
}

// What a walk hands on is what a scrape shows, but for the figures themselves,
// whose labels it makes.
func TestWalkIsAScrape(t *testing.T) {
	site, standing := tinySite()
	var want []string
	for line := range strings.Lines(text(t, complete(t))) {
		if strings.HasPrefix(line, "governance_") && !strings.HasPrefix(line, "governance_overdue_seconds") {
			want = append(want, strings.TrimSpace(line))
		}
	}
	w, err := exposition.NewWalker(site)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	counted := 0
	line := func(s exposition.Sample) {
		if s.Family == "governance_overdue_seconds" {
			counted++
			return
		}
		var labels []string
		rest := string(s.Labels)
		for rest != "" {
			name, after, _ := strings.Cut(rest, "\xff")
			value, next, _ := strings.Cut(after, "\xff")
			labels = append(labels, name+`="`+strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(value)+`"`)
			rest = next
		}
		got = append(got, fmt.Sprintf("%s{%s} %v", s.Family, strings.Join(labels, ","), s.Value))
	}
	for i := range site.Indicators {
		indicator := &site.Indicators[i]
		for _, part := range exposition.Parts() {
			if err := w.Walk(t.Context(), stood{standing}, indicator, part, line); err != nil {
				t.Fatal(err)
			}
		}
		labels := w.Series(indicator)
		for f := range standing.Newest(indicator) {
			if encoded, ok := labels(f.Region, f.Dimensions); ok {
				line(exposition.Sample{Family: "governance_" + indicator.ID, Labels: encoded, Value: f.Value})
			}
		}
	}
	if err := w.Walk(t.Context(), stood{standing}, nil, exposition.PartInfo, line); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	got = slices.Compact(got) // figures stand in both
	slices.Sort(want)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !sameSample(got[i], want[i]) {
			t.Fatalf("sample %d of %d and %d:\n%q\nwant\n%q", i, len(got), len(want), got[min(i, len(got)-1)], want[min(i, len(want)-1)])
		}
	}
	if counted == 0 {
		t.Error("no sample that counts")
	}
}

// sameSample compares lines whose numbers may be written in two ways.
func sameSample(a, b string) bool {
	cut := func(s string) (string, float64) {
		i := strings.LastIndex(s, " ")
		var v float64
		if _, err := fmt.Sscan(s[i+1:], &v); err != nil {
			return s, 0
		}
		return s[:i], v
	}
	labels, v := cut(a)
	others, w := cut(b)
	return labels == others && v == w
}
