package workbook_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
)

// What the names of a file and its folders say of the period is part of what is
// compared: the same content is another month's.
func TestSameContentOfAnotherPeriod(t *testing.T) {
	tests := map[string]struct {
		options, content string
		names, want      []string
	}{
		"month in the name": {
			"{columns: {region: 县区, figures: {网格数: grids}}, period_from: file}", "县区,网格数\n余江区,7\n",
			[]string{"网格2025年10月.csv", "网格2025年11月.csv", "网格2025年11月（副本）.csv"},
			[]string{"网格2025年10月.csv 7", "网格2025年11月.csv 7", "网格2025年11月（副本）.csv nothing"},
		},
		"year of the folder": {
			"columns: {region: 县区, period: 月份, figures: {网格数: grids}}", "县区,月份,网格数\n余江区,10月,7\n",
			[]string{"2024/a.csv", "2025/a.csv", "2025/b.csv"}, []string{"2024/a.csv 7", "2025/a.csv 7", "2025/b.csv nothing"},
		},
		"neither": {
			gridOptions, string(grid("7")), []string{"10月.csv", "11月.csv"}, []string{"10月.csv 7", "11月.csv nothing"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder, sink := t.TempDir(), &collectorstest.Sink{}
			for _, file := range test.names {
				put(t, filepath.Join(folder, filepath.FromSlash(file)), []byte(test.content))
			}
			c := newCollector(t, folder, test.options)
			again(t, c, sink)
			expectParts(t, sink, test.want...)
			again(t, c, sink)
			expectParts(t, sink)
		})
	}
}

// A correction beside the first file stands, also when both are read again.
func TestNewestFileIsReadLast(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	put(t, filepath.Join(folder, "鹰潭.csv"), grid("1"))
	put(t, filepath.Join(folder, "更正.csv"), grid("2"))
	put(t, filepath.Join(folder, "a.csv"), grid("3"))
	age(t, filepath.Join(folder, "更正.csv"), time.Minute)
	again(t, newCollector(t, folder, gridOptions), sink)
	expectParts(t, sink, "a.csv 3", "鹰潭.csv 1", "更正.csv 2")
}

func TestDryRunShowsYoungFiles(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	put(t, filepath.Join(folder, "a.csv"), grid("1"))
	age(t, filepath.Join(folder, "a.csv"), 0)
	c := newCollector(t, folder, gridOptions)
	if _, err := c.Collect(t.Context(), collectors.Request{Now: now(), DryRun: true}, sink); err != nil {
		t.Fatal(err)
	}
	expectParts(t, sink, "a.csv 1")
}

// stopping ends the run once a file was delivered.
type stopping struct {
	*collectorstest.Sink
	stop context.CancelFunc
}

func (s stopping) Deliver(ctx context.Context, part collectors.Part) (collectors.Receipt, error) {
	receipt, err := s.Sink.Deliver(ctx, part)
	s.stop()
	return receipt, err
}

func TestPullIsStoppedBetweenFiles(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "a.csv"), grid("1"))
	put(t, filepath.Join(folder, "b.csv"), grid("2"))
	ctx, stop := context.WithCancel(t.Context())
	sink := stopping{&collectorstest.Sink{}, stop}
	_, err := newCollector(t, folder, gridOptions).Collect(ctx, collectors.Request{Now: now()}, sink)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	expectParts(t, sink.Sink, "a.csv 1")
}
