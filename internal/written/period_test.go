package written_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

var cadences = []fact.Cadence{fact.Daily, fact.Weekly, fact.Monthly, fact.Quarterly, fact.HalfYearly, fact.Yearly}

// What names its period outright does so for every cadence.
func TestPeriod(t *testing.T) {
	cases := map[string][]string{
		"2025": {"2025", "2025年", "2025年度", "2025年全年", "2025年度全年", "二〇二五年", "二○二五年", "二零二五年度", "２０２５年", " 2025 年 ", "2025年累计"},
		"2025-H1": {
			"2025-H1", "2025年上半年", "2025上半年", "2025 上半年", "2025年度上半年", "2025H1", "2025h1", "2025年H1", "二〇二五年上半年",
		},
		"2025-H2": {"2025-H2", "2025年下半年", "2025 年 下半年", "2025下半年", "２０２５下半年（累计）"},
		"2025-Q4": {
			"2025-Q4", "2025Q4", "2025q4", "2025年Q4", "2025/Q4", "2025.Q4", "２０２５Ｑ４",
			"2025年四季度", "2025年第四季度", "2025年4季度", "2025年第4季度", "2025年 第 4 季度", "2025年第四季", "2025年度第四季度", "二〇二五年第四季度", "2025四季度", "2025第四季度", "2025 第4季度", "2025四季",
		},
		"2025-12": {
			"2025-12", "2025年12月", "2025年12月份", "2025.12", "2025/12", "202512", "2025-12月", "2025.12月", "2025.12月份",
			"二〇二五年十二月", "二零二五年十二月份", "２０２５年１２月", "２０２５．１２", "２０２５／１２", "2025 年 12 月", "2025年\n12月", "2025\u3000年12月", "2025年12月累计", "2025年12月（累计）", "2025年12月 (累计)",
		},
		"2025-01": {"2025-01", "2025-1", "2025年1月", "2025年01月", "2025年元月", "2025年元月份", "2025.1月", "2025.1累计", "2025/1", "2025.01", "202501", "2025年一月"},
		"2025-02": {"2025.2"},
		"2025-09": {"2025.9"},
		"2025-10": {"2025年十月", "2025.10"},
		"2025-11": {"2025年十一月"},
		"2025-12-31": {
			"2025-12-31", "2025年12月31日", "2025年12月31号", "2025.12.31", "2025/12/31", "20251231", "二〇二五年十二月三十一日", "２０２５年１２月３１日", "2025 年 12 月 31 日",
			"2025-12-31 00:00:00", "2025-12-31T00:00:00", "2025-12-31T00:00:00Z", "2025/12/31 0:00", "2025/12/31 0:00:00",
		},
		"2025-01-05": {"2025.1.5", "2025/1/5", "2025-1-5", "2025年1月5日", "2025年一月五日", "20250105"},
		"2025-11-20": {"2025年十一月二十日"},
		"2025-11-21": {"2025年十一月二十一日"},
		"2024-02-29": {"2024年2月29日"},
		"2025-W52":   {"2025-W52", "2025W52", "2025年第52周", "2025年52周", "2025年第五十二周"},
		"1900":       {"1900年"},
		"2999-12":    {"2999年12月"},
	}
	for want, texts := range cases {
		for _, text := range texts {
			t.Run(text, func(t *testing.T) {
				for _, cadence := range cadences {
					if got, err := written.Period(text, cadence); err != nil || got.String() != want {
						t.Errorf("Period(%q, %v) = %v, %v; want %s", text, cadence, got, err, want)
					}
				}
			})
		}
	}
}

// The cadence decides where a phrase leaves the period open.
func TestPeriodOfCadence(t *testing.T) {
	const refused = ""
	type wants [6]string // as cadences
	cases := map[string]wants{
		"截至2025年底":            {"2025-12-31", "2025", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年末":              {"2025-12-31", "2025", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年年底":             {"2025-12-31", "2025", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年年末":             {"2025-12-31", "2025", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"截至2025年":             {"2025-12-31", "2025", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"截止2025年12月底":         {"2025-12-31", "2025-12", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"截至 2025 年 12 月 31 日": {"2025-12-31", "2025-12-31", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"截至2025.12.31":        {"2025-12-31", "2025-12-31", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年12月31日止":        {"2025-12-31", "2025-12-31", "2025-12", "2025-Q4", "2025-H2", "2025"},
		"截至2025年12月30日":       {"2025-12-30", "2025-12-30", "2025-12-30", "2025-12-30", "2025-12-30", "2025-12-30"},
		"截至2025年12月28日":       {"2025-12-28", "2025-W52", "2025-12-28", "2025-12-28", "2025-12-28", "2025-12-28"},
		"截止到2025年9月末":         {"2025-09-30", "2025-09", "2025-09", "2025-Q3", "2025-09", "2025-09"},
		"2025年二季度末":           {"2025-06-30", "2025-Q2", "2025-06", "2025-Q2", "2025-H1", "2025-Q2"},
		"2025年上半年末":           {"2025-06-30", "2025-H1", "2025-06", "2025-Q2", "2025-H1", "2025-H1"},
		"截至2025Q3":            {"2025-09-30", "2025-Q3", "2025-09", "2025-Q3", "2025-Q3", "2025-Q3"},
		"2025年1-12月":          {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年1月-12月":         {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年1至12月份":         {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年（1-12月累计）":      {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年1-12月（累计）":      {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025.1-2025.12":      {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年1——12月累计":       {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年1～12月":          {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年一至十二月":          {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025.01-2025.12":     {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年1月至2025年12月":    {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025年1-9月":           {refused, refused, "2025-09", "2025-Q3", refused, refused},
		"2025年1-5月":           {refused, refused, "2025-05", refused, refused, refused},
		"2025年4-6月":           {refused, refused, refused, "2025-Q2", refused, refused},
		"2025年7-12月":          {refused, refused, refused, refused, "2025-H2", refused},
		"2025年2-3月":           {refused, refused, refused, refused, refused, refused},
		"2025年前三季度":           {refused, refused, "2025-09", "2025-Q3", refused, refused},
		"2025年前2个季度":          {refused, refused, "2025-06", "2025-Q2", "2025-H1", refused},
		"2025年前8个月":           {refused, refused, "2025-08", refused, refused, refused},
		"2025年一至四季度":          {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2025Q1-2025Q4":       {refused, refused, "2025-12", "2025-Q4", "2025-H2", "2025"},
		"2024年12月-2025年1月":    {refused, refused, refused, refused, refused, refused},
		"2024年1月-2025年12月":    {refused, refused, refused, refused, refused, refused},
	}
	for text, wants := range cases {
		t.Run(text, func(t *testing.T) {
			for i, want := range wants {
				got, err := written.Period(text, cadences[i])
				if err != nil && want == refused && strings.Contains(err.Error(), "which is no "+cadences[i].String()) {
					continue
				}
				if err != nil || got.String() != want {
					t.Errorf("Period(%q, %v) = %v, %v; want %q", text, cadences[i], got, err, want)
				}
			}
		})
	}
}

// A flow wants each period's own amount, so what sums up must fill one exactly.
func TestFlowPeriod(t *testing.T) {
	const cumulative, other = "cumulative", "other"
	type wants [6]string // as cadences
	all := func(p string) wants { return wants{p, p, p, p, p, p} }
	cases := map[string]wants{
		"2025年12月":         all("2025-12"),
		"2025.2":           all("2025-02"),
		"2025年四季度":         all("2025-Q4"),
		"截至2025年底":         {5: "2025"},
		"2025年1月末":         {2: "2025-01"},
		"12月":              all(other),
		"2025.1":           all(other),
		"2025年1-12月":       {5: "2025"},
		"2025年1-12月累计":     {5: "2025"},
		"2025.01-2025.12":  {5: "2025"},
		"2025年1-6月":        {4: "2025-H1"},
		"2025年上半年累计":       {4: "2025-H1"},
		"2025年1-3月":        {3: "2025-Q1"},
		"2025年4-6月":        {3: "2025-Q2"},
		"2025年1-9月":        {},
		"2025年前三季度":        {},
		"2025年一至二季度":       {4: "2025-H1"},
		"2025年2-3月":        {},
		"2024年1月-2025年12月": {},
		"2025年12月累计":       {5: "2025"},
		"2025年12月（累计）":     {5: "2025"},
		"2025年（1-11月）":     {},
		"2025年1月累计":        {2: "2025-01"},
		"2025年四季度累计":       {5: "2025"},
		"2025年累计":          {5: "2025"},
		"2025年12月31日累计":    {5: "2025"},
		"2025年1月1日累计":      {0: "2025-01-01"},
	}
	for text, wants := range cases {
		t.Run(text, func(t *testing.T) {
			for i, want := range wants {
				if want == "" {
					want = cumulative
				}
				got, err := written.FlowPeriod(text, cadences[i])
				is := got.String()
				switch {
				case errors.Is(err, written.ErrCumulative):
					is = cumulative
				case err != nil:
					is = other
				}
				if is != want || err != nil && !got.IsZero() {
					t.Errorf("FlowPeriod(%q, %v) = %v, %v; want %s", text, cadences[i], got, err, want)
				}
			}
		})
	}
}

func TestPeriodUnclear(t *testing.T) {
	for name, read := range map[string]func(string, fact.Cadence) (fact.Period, error){"Period": written.Period, "FlowPeriod": written.FlowPeriod} {
		_, err := read("2025.1", fact.Monthly)
		if unclear, ok := errors.AsType[*written.UnclearError](err); !ok || unclear.Year != 2025 {
			t.Errorf("%s(2025.1): %v", name, err)
		}
	}
}

func TestPeriodRefuses(t *testing.T) {
	cases := map[string][]string{
		"names no year":                {"12月", "12月份", "四季度", "第4季度", "上半年", "1-12月", "12月31日", "年底", "年末", "全年", "Q4", "元月", "前三季度"},
		"names its year in two digits": {"25年12月", "25-12", "25.12.31", "25年", "25Q4"},
		"is no period: expected a form such as 2025年12月": {
			"", " ", "无", "上月", "本年", "去年", "目前", "截至目前", "2025 12", "2025 1 2", "2025年13月", "2025年0月", "2025年2月30日", "2025-02-29", "2025-13", "2025-0", "2025-00",
			"2025年5季度", "2025Q5", "2025-Q0", "2025H3", "2025年53周", "2025-W00", "2025年12月份31日", "2025年12月32日", "20251301", "20250230", "2025123", "20250",
			"2025-12-", "2025-12/31", "2025.12-31", "2025-12-31-", "2025-12-311", "2025年12", "2025年12月31", "1899年", "3000年", "1899", "三千年", "2025年十三月", "二〇2五年", "二〇二五", "二〇二五12",
			"2025年1-12", "2025年12-1月", "2025年1-13月", "2025年前一季度", "2025年前13个月", "2025年12月2025年11月", "2025年12月网格", "余江区2025年12月",
			"20254季度", "2025五季度", "2025四月", "2025四", "2025第四", "2025半年", "2025年12月（累计", "二〇二五四季度", "2025年上旬", "2025年12月上旬", "2025-12-31 08:00:00", "2025-12 00:00:00", "2025年12月 00:00", "2025\x0012", "٢٠٢٥", "2025年第12月", "2025.1-12", "2025年2024年", "2025年11月1月", "截至", "截至底", "2025-12-31至2026-01-01",
		},
	}
	cases["write 2025-01 or 2025-10"] = []string{"2025.1", "２０２５．１", " 2025. 1 "}
	for want, texts := range cases {
		for _, text := range texts {
			t.Run(text, func(t *testing.T) {
				got, err := written.Period(text, fact.Monthly)
				if err == nil || !got.IsZero() || !strings.Contains(err.Error(), want) {
					t.Errorf("Period(%q) = %v, %v; want an error that says %q", text, got, err, want)
				}
			})
		}
	}
}

// Every period is read back from its canonical form.
func TestPeriodCanonical(t *testing.T) {
	for _, cadence := range cadences {
		p := fact.PeriodAt(time.Date(2019, 12, 30, 0, 0, 0, 0, time.UTC), cadence)
		for range 400 {
			if got, err := written.Period(p.String(), fact.Yearly); err != nil || got != p {
				t.Fatalf("Period(%q) = %v, %v", p, got, err)
			}
			p = p.Next()
		}
	}
}

func TestFindPeriod(t *testing.T) {
	cases := map[string]string{
		"余江区2025年12月网格统计表":        "2025年12月",
		"2025年12月":                "2025年12月",
		"截至2025年底各县（市、区）网格数":      "截至2025年底",
		"网格_202512.xlsx":          "202512",
		"网格-2025-12.csv":          "2025-12",
		"2025Q4网格":                "2025Q4",
		"附件2：2025年第四季度统计表":        "2025年第四季度",
		"2025年度统计表":               "2025年度",
		"（2025年1—12月累计）":          "2025年1—12月累计",
		"统计日期： 2025 年 12 月 31 日":  "2025 年 12 月 31 日",
		"二〇二五年十二月网格统计表":           "二〇二五年十二月",
		"２０２５年１２月网格":              "２０２５年１２月",
		"2025年12月统计表（2025.12）":    "2025年12月",
		"2025年12月2025年12月":        "2025年12月",
		"2025年15个县网格":             "2025年",
		"2025年一张网":                "2025年",
		"赣民发〔2025〕3号 2025年12月统计表": "2025年12月",
		"36060312 2025年12月":       "2025年12月",

		"2025年11月、3个县网格":    "2025年11月",
		"2025年（1—12月）网格统计表": "2025年（1—12月）",
		"2025四季度网格":         "2025四季度",
		"网格_2025第四季度":       "2025第四季度",
		"2025下半年统计表":        "2025下半年",
		"2025年12月（累计）网格":    "2025年12月（累计）",
		"网格2025.2统计表":       "2025.2",
		"2025.1.5网格":        "2025.1.5",

		// None, or more than one.
		"2025年第11、12周":          "",
		"网格2025.1统计表":           "",
		"2025.1":                "",
		"2025年1月网格（2025.1）":     "",
		"2025年12月和2025年12月累计网格": "",
		"网格2025.11、12":          "",
		"":                      "",
		"网格统计表":                 "",
		"12月网格统计表":              "",
		"网格2025.xlsx":           "",
		"第2025号":                "",
		"2025年12月、11月网格":        "",
		"2025年11、12月网格":         "",
		"2025年11月和12月":          "",
		"2025年13月":              "",
		"2025年11月 2025年12月":     "",
		"2024年12月至2025年12月31日":  "",
		"2024-2025年网格":          "",
		"2024、2025年网格":          "",
		"2024年至2025年":           "",
		"2024年和2025年12月":        "",
		"制表日期：2025年1月5日 统计期：2024年12月": "",
		"依据2024年文件，2025.12网格":         "",
		"360603202512":                "",
		"12025年12月":                   "",
		"2025-12-311":                 "",
	}
	for text, want := range cases {
		t.Run(text, func(t *testing.T) {
			got, ok := written.FindPeriod(text)
			if got != want || ok != (want != "") {
				t.Fatalf("FindPeriod(%q) = %q, %v; want %q", text, got, ok, want)
			}
			if !ok {
				return
			}
			if _, err := written.Period(got, fact.Yearly); err != nil {
				t.Errorf("Period of it: %v", err)
			}
		})
	}
}

func TestFindYear(t *testing.T) {
	const none = 0
	cases := map[string]int{
		"余江区2025年12月网格统计表": 2025, "2025": 2025, "网格2025.xlsx": 2025, "网格_202512.xlsx": 2025, "20251231": 2025, "二〇二五年": 2025, "2025年11、12月": 2025,
		"2025年1998个网格": 2025, "2025 年": 2025, "２０２５": 2025, "2025-12": 2025, "2025年 2025年": 2025, "2025 2025": 2025,
		"": none, "网格": none, "12月": none, "25年": none, "2024-2025年": none, "2024年2025年": none, "2024 2025": none, "360603": none, "2260": none, "12025": none, "20251": none, "202513": none, "1899年": none,
	}
	for text, want := range cases {
		t.Run(text, func(t *testing.T) {
			if got, ok := written.FindYear(text); got != want || ok != (want != none) {
				t.Errorf("FindYear(%q) = %d, %v; want %d", text, got, ok, want)
			}
		})
	}
}

// FuzzPeriod holds that what is read is a period that exists, that it is read
// again from its canonical form, and that what FindPeriod finds can be read.
func FuzzPeriod(f *testing.F) {
	for _, seed := range []string{
		"2025年12月", "2025-12-31", "2025Q4", "截至2025年底", "2025年1-12月", "二〇二五年十二月三十一日", "2025年前三季度", "202512", "20251231", "2025.01-2025.12",
		"余江区2025年12月网格统计表", "2024-2025年", "2025 12", "12月", "２０２５年１２月", "2025-W52", "2025年第52周止", "\xff2025年\xff", "2025.1", "2025四季度", "2025年12月（累计）", "2025——12", "截止到2025年上半年末累计",
	} {
		for i := range cadences {
			f.Add(seed, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		cadence := cadences[int(n)%len(cadences)]
		p, err := written.Period(text, cadence)
		if err == nil {
			if again, err := fact.ParsePeriod(p.String()); err != nil || again != p {
				t.Errorf("Period(%q, %v) = %v, which is no period: %v", text, cadence, p, err)
			}
			if again, err := written.Period(p.String(), cadence); err != nil || again != p {
				t.Errorf("Period(%q) of its own form = %v, %v", p, again, err)
			}
		} else if !p.IsZero() {
			t.Errorf("Period(%q) = %v with %v", text, p, err)
		}
		if flow, err := written.FlowPeriod(text, cadence); err == nil && flow.Cadence() != cadence && flow != p {
			t.Errorf("FlowPeriod(%q, %v) = %v, but Period = %v", text, cadence, flow, p)
		}
		if canonical, err := fact.ParsePeriod(text); err == nil && p != canonical {
			t.Errorf("Period(%q, %v) = %v, want %v", text, cadence, p, canonical)
		}
		if found, ok := written.FindPeriod(text); ok {
			if _, err := written.Period(found, cadence); err != nil && !strings.Contains(err.Error(), "which is no "+cadence.String()) {
				t.Errorf("FindPeriod(%q) = %q: %v", text, found, err)
			}
		}
	})
}

func BenchmarkPeriod(b *testing.B) {
	for name, text := range map[string]string{"canonical": "2025-12", "people": "2025年12月份"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := written.Period(text, fact.Monthly); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
