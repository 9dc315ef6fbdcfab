package demo_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
)

// The whole corpus of the day: testdata/corpus.golden has what each collector
// delivered and all that was refused, testdata/receipts.golden what the senders
// of workbooks were told.
func testCorpus(t *testing.T, site *site) {
	var b strings.Builder
	for i := range site.config.Collectors {
		site.describe(&b, site.config.Collectors[i].Name)
	}
	fmt.Fprintf(&b, "%d facts, digest %s\n", len(site.ledger.facts), digestOf(site.ledger.facts))
	golden(t, "corpus.golden", b.String())

	b.Reset()
	all := files(t, site.folder)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasSuffix(name, ".receipt.txt") {
			fmt.Fprintf(&b, "---- %s\n%s\n", name, all[name])
		}
	}
	if strings.Contains(b.String(), filepath.Dir(site.folder)) {
		t.Error("receipts name the folder of the test: what they say must not depend on where they are")
	}
	golden(t, "receipts.golden", b.String())
}

// describe writes what a collector delivered.
func (s *site) describe(b *strings.Builder, collector string) {
	counts := map[string]map[fact.Period]int{}
	var refused []string
	deliveries, rows, regions, parts := 0, 0, 0, map[string]int{}
	for _, d := range s.ledger.deliveries {
		if d.collector != collector {
			continue
		}
		deliveries++
		rows += d.Rows
		regions += len(d.Regions)
		parts[path.Ext(d.Target)]++
		for _, f := range d.Facts {
			if counts[f.Indicator] == nil {
				counts[f.Indicator] = map[fact.Period]int{}
			}
			counts[f.Indicator][f.Period]++
		}
		for _, r := range d.Rejections {
			refused = append(refused, describeRejection(d.Target, r))
		}
		for i := range d.Held {
			h := &d.Held[i]
			refused = append(refused, fmt.Sprintf("  %s held: %s | %s | %s | %s | %g | %s\n    %s\n    %s\n",
				h.Stage, d.Target, h.Indicator, h.Region, h.Period, h.Value, h.Place, h.Reason.ZH, h.Reason.EN))
		}
	}
	fmt.Fprintf(b, "%s: %d deliveries, %d rows", collector, deliveries, rows)
	if regions > 0 {
		fmt.Fprintf(b, ", %d regions", regions)
	}
	b.WriteString("\n")
	for _, indicator := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(b, "  %s: %s\n", indicator, ranges(counts[indicator]))
	}
	slices.Sort(refused) // targets come in any order
	for _, r := range refused {
		b.WriteString(r)
	}
	b.WriteString("\n")
}

func describeRejection(target string, r fact.Rejection) string {
	reading := r.Reading
	when := reading.Period + reading.Date
	return fmt.Sprintf("  %s refused: %s | %s | %s | %s | %q | %s\n    %s\n    %s\n", r.Stage, target, reading.Indicator,
		strings.Join(append([]string{reading.Region}, reading.Within...), " < "), when, reading.Value, reading.Place, r.Reason.ZH, r.Reason.EN)
}

// ranges writes how many figures there are of each period, those of one number
// together.
func ranges(counts map[fact.Period]int) string {
	var parts []string
	periods := slices.SortedFunc(maps.Keys(counts), fact.Period.Compare)
	for i := 0; i < len(periods); {
		last := i
		for last+1 < len(periods) && counts[periods[last+1]] == counts[periods[i]] && periods[last+1] == periods[last].Next() {
			last++
		}
		span := periods[i].String()
		if last > i {
			span += ".." + periods[last].String()
		}
		parts = append(parts, fmt.Sprintf("%d in %s", counts[periods[i]], span))
		i = last + 1
	}
	return strings.Join(parts, ", ")
}

func digestOf(facts map[demo.Absence]float64) string {
	var lines []string
	for key, value := range facts {
		lines = append(lines, fmt.Sprintf("%s %s %s %g\n", key.Indicator, key.Region, key.Period, value))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, ""))))
}

// Every indicator is collected from one source, and each kind of source has its
// share.
func testSources(t *testing.T, site *site) {
	sources := map[string][]string{}
	for _, d := range site.ledger.deliveries {
		at := slices.IndexFunc(site.config.Collectors, func(c config.Collector) bool { return c.Name == d.collector })
		source := site.config.Collectors[at].Source
		for _, f := range d.Facts {
			if !slices.Contains(sources[f.Indicator], source) {
				sources[f.Indicator] = append(sources[f.Indicator], source)
			}
		}
	}
	kinds := map[string]int{}
	for _, indicator := range site.config.Indicators {
		if indicator.Kind == fact.RatioKind {
			continue
		}
		if len(sources[indicator.ID]) != 1 {
			t.Errorf("%s comes from %v, want one source", indicator.ID, sources[indicator.ID])
			continue
		}
		at := slices.IndexFunc(site.config.Sources, func(s config.Source) bool { return s.Name == sources[indicator.ID][0] })
		kinds[site.config.Sources[at].Kind]++
	}
	if diff := cmp.Diff(map[string]int{"sqlquery": 18, "httpjson": 6, "workbook": 5}, kinds); diff != "" {
		t.Errorf("indicators by kind of source (-want +got):\n%s", diff)
	}
}
