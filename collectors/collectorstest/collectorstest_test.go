package collectorstest_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

func TestBlockSaysWhere(t *testing.T) {
	block := collectorstest.NewBlock(t, "url: a\ncolumns:\n  region: code\n  figures: {a: grids}\n", nil)
	cause := errors.New("cause")
	for path, want := range map[string]string{
		"url":               "1:6: wrong 7: cause",
		"columns.region":    "3:11: wrong 7: cause",
		"columns.figures.a": "4:16: wrong 7: cause",
		"columns.value":     "3:3: wrong 7: cause",
		"other":             "1:1: wrong 7: cause",
	} {
		if err := block.Errorf(path, "wrong %d: %w", 7, cause); err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("%s: error %q, want %q", path, err, want)
		}
	}
	if got := collectorstest.NewBlock(t, "", nil).Errorf("url", "missing").Error(); got != "0:0: missing" {
		t.Errorf("an empty block: %q", got)
	}
}

func TestBlockDecodes(t *testing.T) {
	var into struct {
		Rows int `yaml:"rows"`
	}
	if err := collectorstest.NewBlock(t, "rows: 3", nil).Decode(&into); err != nil || into.Rows != 3 {
		t.Errorf("read %+v, error %v", into, err)
	}
	if err := collectorstest.NewBlock(t, "", nil).Decode(&into); err != nil {
		t.Errorf("an empty block: %v", err)
	}
	if err := collectorstest.NewBlock(t, "row: 3", nil).Decode(&into); err == nil || !strings.Contains(err.Error(), "field row not found") {
		t.Errorf("an unknown key: error %v", err)
	}
}

func TestBlockHasSecretsAndAFolder(t *testing.T) {
	block := collectorstest.NewBlock(t, "{}", map[string]string{"basic.password": "hunter2"})
	for path, want := range map[string]string{"basic.password": "hunter2", "bearer": ""} {
		if got, err := block.Secret(path); err != nil || got != want {
			t.Errorf("secret %s is %q, error %v; want %q", path, got, err, want)
		}
	}
	absolute := filepath.Join(t.TempDir(), "a")
	if got := block.Path(absolute); got != absolute {
		t.Errorf("%s became %s", absolute, got)
	}
	relative := block.Path("a/b")
	if !filepath.IsAbs(relative) || !strings.HasSuffix(relative, filepath.Join("a", "b")) || relative != block.Path("a/b") {
		t.Errorf("a/b became %s, and then %s", relative, block.Path("a/b"))
	}
}

func reading(region string) fact.Reading {
	return fact.Reading{Indicator: "grids", Region: region, Period: "2025-12", Value: fact.NumberValue(7), Place: fact.Place{Row: 1}}
}

// fill hands the sink two readings, an entry and, if asked, a rejection.
func fill(t *testing.T, sink *collectorstest.Sink, reject bool) {
	t.Helper()
	errs := []error{sink.Add(reading("360603")), sink.Add(reading("360681")), sink.AddRegion(fact.RegionEntry{Code: "360603001"})}
	if reject {
		errs = append(errs, sink.Reject(fact.Rejection{Stage: fact.StageFileReadable}))
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestSinkDelivers(t *testing.T) {
	refuse := func(readings []fact.Reading) []fact.Rejection {
		return []fact.Rejection{{Reading: readings[0], Stage: "value-number"}}
	}
	tests := map[string]struct {
		whole, reject bool
		judge         func([]fact.Reading) []fact.Rejection
		want          collectors.Receipt
	}{
		"taken":                     {whole: true, want: collectors.Receipt{Accepted: 3, Changed: 3, Taken: true}},
		"refused by the collector":  {whole: true, reject: true, want: collectors.Receipt{Rejections: []fact.Rejection{{Stage: fact.StageFileReadable}}}},
		"refused by the gate":       {whole: true, judge: refuse, want: collectors.Receipt{Rejections: refuse([]fact.Reading{reading("360603")})}},
		"taken but for a rejection": {judge: refuse, want: collectors.Receipt{Accepted: 2, Changed: 2, Taken: true, Rejections: refuse([]fact.Reading{reading("360603")})}},
		"refused by both": {reject: true, judge: refuse, want: collectors.Receipt{Accepted: 2, Changed: 2, Taken: true, Rejections: []fact.Rejection{
			{Stage: fact.StageFileReadable}, refuse([]fact.Reading{reading("360603")})[0],
		}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sink := collectorstest.Sink{Judge: test.judge}
			for _, part := range []string{"a.xlsx", "b.xlsx"} { // nothing of the first is left for the second
				fill(t, &sink, test.reject)
				got, err := sink.Deliver(t.Context(), collectors.Part{Name: part, Whole: test.whole})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(fact.Value{}, fact.Period{})); diff != "" {
					t.Errorf("receipt of %s (-want +got):\n%s", part, diff)
				}
			}
			for _, part := range sink.Parts {
				if len(part.Readings) != 2 || len(part.Entries) != 1 || len(part.Rejections) != len(test.want.Rejections) || part.Taken != test.want.Taken {
					t.Errorf("part %+v", part)
				}
			}
		})
	}
}

func TestSinkRemembersDeliveries(t *testing.T) {
	var sink collectorstest.Sink
	for _, part := range []struct{ name, query, input string }{{"a", "q", "1"}, {"b", "q", "1"}, {"a", "q", "2"}, {"a", "p", "2"}} {
		if err := sink.Add(reading("360603")); err != nil {
			t.Fatal(err)
		}
		summary := collectors.Summary{Rows: 5, QueryDigest: part.query, InputDigest: part.input}
		if _, err := sink.Deliver(t.Context(), collectors.Part{Name: part.name, Summary: summary}); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		query fact.DeliveryQuery
		want  []int64 // runs
	}{
		"all":                {want: []int64{4, 3, 2, 1}},
		"of a part":          {query: fact.DeliveryQuery{Target: "a"}, want: []int64{4, 3, 1}},
		"the newest":         {query: fact.DeliveryQuery{Target: "a", Limit: 1}, want: []int64{4}},
		"of a question":      {query: fact.DeliveryQuery{QueryDigest: "q"}, want: []int64{3, 2, 1}},
		"of an answer":       {query: fact.DeliveryQuery{InputDigest: "1"}, want: []int64{2, 1}},
		"of all that":        {query: fact.DeliveryQuery{Target: "a", QueryDigest: "q", InputDigest: "2"}, want: []int64{3}},
		"that was never yet": {query: fact.DeliveryQuery{Target: "c"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := sink.Delivered(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var runs []int64
			for _, d := range found {
				runs = append(runs, d.Run)
				if d.Rows != 5 || d.Accepted != 1 || d.Rejected != 0 {
					t.Errorf("delivery %+v", d)
				}
			}
			if diff := cmp.Diff(test.want, runs); diff != "" {
				t.Errorf("runs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSinkFails(t *testing.T) {
	full := errors.New("no room for more")
	sink := collectorstest.Sink{Err: full}
	if err := sink.Add(fact.Reading{}); !errors.Is(err, full) {
		t.Errorf("add: %v", err)
	}
	if err := sink.AddRegion(fact.RegionEntry{}); !errors.Is(err, full) {
		t.Errorf("add a region: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := sink.Deliver(ctx, collectors.Part{Name: "a"}); !errors.Is(err, context.Canceled) || len(sink.Parts) > 0 {
		t.Errorf("deliver: %v, parts %v", err, sink.Parts)
	}
}

func TestLines(t *testing.T) {
	sink := collectorstest.Sink{
		Readings: []fact.Reading{
			reading("360603"),
			{Indicator: "homes", Region: "洪湖乡", Within: []string{"余江区", "鹰潭市"}, LastEnded: true, Value: fact.TextValue("7"), Place: fact.Place{Part: "sheet 12月", Row: 3, Field: "C"}},
			{Indicator: "homes", Date: "2025-12-31", Dimensions: fact.MakeDimensions(fact.Pair{Name: "sex", Value: "f"}), Total: true},
		},
		Entries: []fact.RegionEntry{{Code: "360603001", Name: "邓埠镇", Level: "township", Parent: "360603", Place: fact.Place{Row: 2}}, {}},
	}
	want := []string{
		"grids | 360603 | 2025-12 | 7 | row 1",
		`homes | 洪湖乡 < 余江区 < 鹰潭市 | last ended | "7" | sheet 12月, row 3, column C`,
		"homes |  | day 2025-12-31 | total - | sex=f | ",
		"360603001 | 邓埠镇 | township | 360603 | row 2",
		"- | - | - | - | -",
	}
	if diff := cmp.Diff(want, append(sink.Lines(), sink.EntryLines()...)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
