package interchange_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/interchange"
	"github.com/govkpi/govkpi/internal/written"
)

func options() interchange.ReadOptions {
	return interchange.ReadOptions{Dimensions: []string{"sex", "way"}, MaxBytes: 1 << 10, MaxRows: 5}
}

// read collects what a file holds.
func read(ctx context.Context, file string, o interchange.ReadOptions) ([]fact.Reading, interchange.Summary, error) {
	var readings []fact.Reading
	summary, err := interchange.ReadFigures(ctx, strings.NewReader(file), o, func(r fact.Reading) error {
		readings = append(readings, r)
		return nil
	})
	return readings, summary, err
}

func TestReadFigures(t *testing.T) {
	place := func(line int32) fact.Place { return fact.Place{Row: line} }
	plain := []fact.Reading{
		{Indicator: "grids", Region: "360603", Period: "2025-12", Value: fact.TextValue("1234"), Place: place(2)},
		{Indicator: "grids", Region: "余江区", Period: "2025-11", Place: place(3)},
	}
	for name, c := range map[string]struct {
		file string
		want []fact.Reading
	}{
		"plain":                                  {"indicator,region,period,value\ngrids,360603,2025-12,1234\ngrids,余江区,2025-11,\n", plain},
		"as Excel saves it":                      {"\xEF\xBB\xBFindicator,region,period,value\r\ngrids,360603,2025-12,1234\r\ngrids,余江区,2025-11,\r\n", plain},
		"without a last line break, with blanks": {" indicator ,region,period,value\ngrids, 360603,2025-12 ,1234\n grids,余江区,2025-11, ", plain},
		"in Chinese":                             {"指标,地区,统计期,数值\ngrids,360603,2025-12,1234\ngrids,余江区,2025-11,\n", plain},
		"in both":                                {"\xEF\xBB\xBF数值,period, 地区 ,indicator\n1234,2025-12,360603,grids\n,2025-11,余江区,grids\n", plain},
		"another order":                          {"value,period,region,indicator\n1234,2025-12,360603,grids\n,2025-11,余江区,grids\n", plain},
		"empty rows": {"indicator,region,period,value\n\n,,,\ngrids,360603,2025-12,7\n", []fact.Reading{
			{Indicator: "grids", Region: "360603", Period: "2025-12", Value: fact.TextValue("7"), Place: place(4)},
		}},
		"dimensions, quoted": {"indicator,way,region,period,value,sex\nforms,\"a \"\"b\"\",\nc\",360603,2025-12,\"1,234\",\nforms,,360603,2025-12,5,女\n", []fact.Reading{
			{Indicator: "forms", Region: "360603", Period: "2025-12", Value: fact.TextValue("1,234"), Dimensions: fact.MakeDimensions(fact.Pair{Name: "way", Value: "a \"b\",\nc"}), Place: place(2)},
			{Indicator: "forms", Region: "360603", Period: "2025-12", Value: fact.TextValue("5"), Dimensions: fact.MakeDimensions(fact.Pair{Name: "sex", Value: "女"}), Place: place(4)},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			readings, summary, err := read(t.Context(), c.file, options())
			if err != nil {
				t.Fatal(err)
			}
			if difference := cmp.Diff(c.want, readings, cmpopts.EquateComparable(fact.Value{})); difference != "" {
				t.Errorf("(-want +got):\n%s", difference)
			}
			digest := sha256.Sum256([]byte(c.file))
			if want := (interchange.Summary{Rows: len(c.want), Digest: hex.EncodeToString(digest[:])}); summary != want {
				t.Errorf("summary %+v, want %+v", summary, want)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	const header = "indicator,region,period,value\n"
	for name, c := range map[string]struct{ file, zh, en string }{
		"nothing":                         {"", "文件是空的", "The file is empty; its first line names the columns: indicator,region,period,value."},
		"a mark alone":                    {"\xEF\xBB\xBF", "文件是空的", "The file is empty"},
		"no figures":                      {header, "没有数据", "The file has a header and no figures."},
		"a workbook":                      {"PK\x03\x04", "Excel 工作簿", "This is a workbook, not a CSV file"},
		"an old workbook":                 {"\xD0\xCF\x11\xE0", "Excel 工作簿", "This is a workbook"},
		"UTF-16":                          {"\xFF\xFEi\x00", "第 1 行不是 UTF-8", "Line 1 is not in UTF-8"},
		"GB18030 in a row":                {header + "grids,\xd3\xe0\xbd\xad\xc7\xf8,2025-12,7\n", "第 2 行不是 UTF-8", "Line 2 is not in UTF-8; save the file as CSV UTF-8"},
		"GB18030 in the header":           {"\xd6\xb8\xb1\xea,region\n", "第 1 行不是 UTF-8", "Line 1 is not in UTF-8"},
		"bytes of no text":                {header + "grids,360603,2025-12,\x00\n", "第 2 行含有", "Line 2 holds bytes that no text has"},
		"semicolons":                      {"indicator;region;period;value\n", "英文逗号", "the file has semicolons or tabs"},
		"a column missing":                {"indicator,region,value\n", "缺少列“period”", `The header has no column "period"`},
		"a column twice":                  {"indicator,region,period,region,value\n", "“region”出现了两次", `names column "region" twice`},
		"a column twice, once in Chinese": {"indicator,region,period,地区,value\n", "“地区”出现了两次", `names column "地区" twice`},
		"a column missing, in Chinese":    {"指标,地区,数值\n", "缺少列“period”：第一行应有 指标,地区,统计期,数值（或 indicator,region,period,value）", `no column "period"`},
		"a column unknown":                {"indicator,region,period,value,note\n", "“note”不认识：可用的列有 indicator、region、period、value、sex、way", `a column "note", which is unknown; there are indicator, region, period, value, sex, way.`},
		"all revisions":                   {"indicator,region,period,value,revision\n", "全部修订", `(an export with all revisions can't be imported again)`},
		"too few columns":                 {header + "grids,360603,2025-12\n", "第 2 行的列数", "Line 2 has not as many columns"},
		"too many columns":                {header + "grids,360603,2025-12,1,234\n", "第 2 行的列数", "Line 2 has not as many columns"},
		"a stray quote":                   {header + "grids,360603,2025-12,\"7\"8\n", "第 2 行的双引号", "Line 2 has a double quote where none can stand"},
		"a quote left open":               {header + "grids,360603,2025-12,\"7\n", "第 2 行的双引号", "Line 2 has a double quote"},
		"too many rows":                   {header + strings.Repeat("grids,360603,2025-12,7\n", 6), "超过 5 行", "more than 5 rows"},
		"too large":                       {header + "grids,360603,2025-12," + strings.Repeat("7", 1<<10), "超过 1024 字节", "larger than 1024 bytes"},
		"too large in a quote":            {"\"" + strings.Repeat("i", 1<<11), "超过 1024 字节", "larger than 1024 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, summary, err := read(t.Context(), c.file, options())
			fault, ok := errors.AsType[*interchange.Fault](err)
			if !ok {
				t.Fatalf("error %v, want a fault", err)
			}
			if reason := fault.Explain(); !strings.Contains(reason.ZH, c.zh) || !strings.Contains(reason.EN, c.en) {
				t.Errorf("it is refused by %+v, want %q and %q", reason, c.zh, c.en)
			}
			if summary.Digest != "" {
				t.Errorf("a file that was not read has digest %s", summary.Digest)
			}
		})
	}
}

// What is no fault of the file is handed on as it came.
func TestOtherErrors(t *testing.T) {
	const file = "indicator,region,period,value\ngrids,360603,2025-12,7\n"
	boom := errors.New("boom")
	t.Run("of the receiver", func(t *testing.T) {
		_, err := interchange.ReadFigures(t.Context(), strings.NewReader(file), options(), func(fact.Reading) error { return boom })
		if err != boom { //nolint:errorlint // it comes back unchanged
			t.Errorf("error %v, want %v", err, boom)
		}
	})
	t.Run("of reading", func(t *testing.T) {
		for _, at := range []int{0, 10, len(file)} {
			r := io.MultiReader(strings.NewReader(file[:at]), failing{boom})
			_, err := interchange.ReadFigures(t.Context(), r, options(), func(fact.Reading) error { return nil })
			if !errors.Is(err, boom) || !strings.Contains(err.Error(), "read the file of figures") {
				t.Errorf("error %v after %d bytes, want %v and what failed", err, at, boom)
			}
		}
	})
	t.Run("of a caller that gave up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := read(ctx, file, options()); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("of limits that were forgotten", func(t *testing.T) {
		if _, _, err := read(t.Context(), file, interchange.ReadOptions{}); err == nil || !strings.Contains(err.Error(), "limits") {
			t.Errorf("error %v", err)
		}
	})
}

// The example of the page is a file that the shipped configuration takes.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/import-export.md")
	if err != nil {
		t.Fatal(err)
	}
	cadences := map[string]fact.Cadence{"grids": fact.Monthly, "forms_cut": fact.Quarterly}
	for _, header := range []string{"    indicator,region,period,value\n", "    指标,地区,统计期,数值\n"} {
		_, example, ok := strings.Cut(string(page), header)
		if !ok {
			t.Fatalf("the page has no example that begins with %s", header)
		}
		example, _, _ = strings.Cut(example, "\n\n")
		file := strings.ReplaceAll(header+example, "    ", "")
		readings, _, err := read(t.Context(), file, options())
		if err != nil || len(readings) == 0 {
			t.Fatalf("%d readings, %v:\n%s", len(readings), err, file)
		}
		for _, r := range readings {
			if p, err := written.Period(r.Period, cadences[r.Indicator]); err != nil || p.Cadence() != cadences[r.Indicator] {
				t.Errorf("%s is period %s, %v", r.Period, p, err)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzReadFigures holds that a file is read in order, or refused with a sentence.
func FuzzReadFigures(f *testing.F) {
	for _, seed := range []string{
		"indicator,region,period,value\ngrids,360603,2025-12,1234\n",
		"\xEF\xBB\xBFindicator,region,period,value,way\r\ngrids,\"余江区\",2025年12月,\"1,234\",\"a\nb\"\r\n",
		"value,sex,period,region,indicator\n7,,2025,360000,forms",
		"indicator,region,period,value\n,,,\n\ngrids,x,y,\"z\"\"\"\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		readings, summary, err := read(t.Context(), file, options())
		if fault, ok := errors.AsType[*interchange.Fault](err); err != nil && (!ok || fault.Reason.ZH == "" || !utf8.ValidString(fault.Reason.ZH+fault.Reason.EN)) {
			t.Fatalf("error %v", err)
		}
		line := int32(1)
		for _, r := range readings {
			if r.Place.Row <= line || !utf8.ValidString(r.Indicator+r.Region+r.Period+r.Value.String()+string(r.Dimensions)) {
				t.Fatalf("reading %+v after line %d", r, line)
			}
			line = r.Place.Row
			for _, pair := range r.Dimensions.Pairs() {
				if !slices.Contains(options().Dimensions, pair.Name) || pair.Value == "" {
					t.Fatalf("dimensions %q", r.Dimensions)
				}
			}
		}
		if err == nil && (summary.Rows != len(readings) || summary.Rows == 0 || len(summary.Digest) != 64) {
			t.Fatalf("summary %+v of %d readings", summary, len(readings))
		}
	})
}
