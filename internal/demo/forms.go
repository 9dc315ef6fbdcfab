package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// form is a kind of workbook that cities and counties fill in. One workbook is
// of one place and of the months, or half-years, of one span of time.
type form struct {
	name       string // the system
	folder     string
	cities     func(*Sample) []*fact.Region // who fills it in
	span       fact.Cadence                 // what one workbook covers; 0 is all of time
	indicators []string
	file       func(place *fact.Region, first fact.Period) string // its name
	content    func(*Sample, workbook, bool) ([]byte, error)
}

func forms() []form {
	return []form{
		{
			name: "elder-care", folder: civilAffairsName, cities: (*Sample).cities, span: fact.HalfYearly,
			indicators: []string{"elder_meal_sites", "elder_child_homes"},
			file: func(place *fact.Region, first fact.Period) string {
				return place.Name + spanName(first, fact.HalfYearly) + "养老助餐和幸福院统计表.xlsx"
			},
			content: func(s *Sample, w workbook, corrected bool) ([]byte, error) {
				return xlsx(s.elderSheets(w, corrected)...)
			},
		},
		{
			name: "certificate-express", folder: localReportsName, cities: only("360400"), span: fact.Quarterly,
			indicators: []string{"online_certificates"},
			file: func(_ *fact.Region, first fact.Period) string {
				return "证明直通车办件" + spanName(first, fact.Quarterly) + ".xlsx"
			},
			content: func(s *Sample, w workbook, corrected bool) ([]byte, error) {
				return xlsx(s.certificateSheet(w, corrected))
			},
		},
		{
			name: "cadre-visits", folder: localReportsName, cities: only("361100"), span: fact.Monthly,
			indicators: []string{"cadre_visits"},
			file: func(_ *fact.Region, first fact.Period) string {
				return "连心走访_" + first.Start(time.UTC).Format("2006.01") + ".csv"
			},
			content: func(s *Sample, w workbook, corrected bool) ([]byte, error) {
				return gb18030(s.visitSheet(w, corrected))
			},
		},
		{
			name: "legal-guides", folder: localReportsName, cities: only("360429"),
			indicators: []string{"legal_guides"},
			file:       func(*fact.Region, fact.Period) string { return "法律明白人台账.xlsx" },
			content:    func(s *Sample, w workbook, corrected bool) ([]byte, error) { return xlsx(s.guideSheet(w, corrected)) },
		},
	}
}

func (s *Sample) cities() []*fact.Region {
	var cities []*fact.Region
	for _, r := range s.register.regions {
		if r.Level == fact.City {
			cities = append(cities, r)
		}
	}
	return cities
}

func only(codes ...string) func(*Sample) []*fact.Region {
	return func(s *Sample) []*fact.Region {
		var all []*fact.Region
		for _, code := range codes {
			if r := s.register.byCode[code]; r != nil {
				all = append(all, r)
			}
		}
		return all
	}
}

// What stands below every table.
const syntheticNote = "注：演示用合成数据，并非真实统计。 Synthetic figures, not statistics."

func signature(p fact.Period) string {
	return "填表人：示例    审核人：示例    制表日期：" + p.End(time.UTC).AddDate(0, 0, 4).Format("2006年1月2日")
}

// elderSheets are a sheet a month: a title, two lines of header, a total and
// notes below.
func (s *Sample) elderSheets(w workbook, corrected bool) []sheet {
	var sheets []sheet
	for _, i := range w.periods {
		sheets = append(sheets, s.elderSheet(w, i, corrected))
	}
	return sheets
}

func (s *Sample) elderSheet(w workbook, i int, corrected bool) sheet {
	figures := s.figures[w.form.indicators[0]]
	p := figures.periods[i]
	month := monthName(p)
	unit := "县（市、区）"
	if isTypedShort(w.place.Code) {
		unit = "县区"
	}
	t := sheet{name: month}
	t.title(w.place.Name+"养老助餐和“一老一小”幸福院统计表（"+month+"）", 4)
	t.add("填报单位："+w.place.Name+"民政局", nil, nil, "单位：个")
	for column := 1; column <= 2; column++ {
		t.merge(column, 3, column, 4)
	}
	t.merge(3, 3, 4, 3)
	t.add("序号", unit, "设施数（个）")
	t.add(nil, nil, "老年助餐点", "一老一小幸福院")
	sums := [2]int{}
	for n, k := range w.counties {
		counts, ok := s.row(w.form.indicators, i, k, corrected)
		if !ok {
			continue
		}
		t.add(n+1, typedName(figures.regions[k]), typedNumber(w.place, counts[0]), typedNumber(w.place, counts[1]))
		sums[0] += counts[0]
		sums[1] += counts[1]
	}
	t.add(nil, "合计", sums[0], sums[1])
	t.add(syntheticNote)
	t.add(signature(p))
	return t
}

// typedNumber is a number as a city types it: as a number, as a text, or with
// digits of full width.
func typedNumber(city *fact.Region, n int) any {
	switch city.Code {
	case "360900": // 宜春
		return strconv.Itoa(n)
	case "361000": // 抚州
		return fullWidth(strconv.Itoa(n))
	}
	return n
}

func fullWidth(digits string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, digits)
}

// certificateSheet has the counties of three months under each other, the city
// and the month in merged cells, and a subtotal of each month. Months are typed
// now this way, now that.
func (s *Sample) certificateSheet(w workbook, corrected bool) sheet {
	figures := s.figures[w.form.indicators[0]]
	t := sheet{name: "办件统计"}
	t.title(w.place.Name+"“证明直通车”线上办件统计表（"+spanName(figures.periods[w.periods[0]], fact.Quarterly)+"）", 4)
	t.add("设区市", "月份", "县（市、区）", "办结数（件）")
	first := t.below()
	for _, i := range w.periods {
		begins := t.below()
		sum := 0
		for _, k := range w.counties {
			count, ok := s.told(w.form.indicators[0], i, k, corrected)
			if !ok {
				continue
			}
			t.add(w.place.Name, typedMonth(figures.periods[i]), shortName(figures.regions[k].Name), count)
			sum += count
		}
		t.merge(2, begins, 2, t.below()-1)
		t.add(nil, nil, "小计", sum)
	}
	t.merge(1, first, 1, t.below()-1)
	t.add(syntheticNote)
	return t
}

// typedMonth is a month as people write it.
func typedMonth(p fact.Period) string {
	start := p.Start(time.UTC)
	switch start.Month() % 3 {
	case 1:
		return start.Format("2006年1月")
	case 2:
		return start.Format("2006.01")
	}
	return start.Format("2006年01月份")
}

// visitSheet has thousands separators and a total.
func (s *Sample) visitSheet(w workbook, corrected bool) sheet {
	figures := s.figures[w.form.indicators[0]]
	i := w.periods[0]
	var t sheet
	t.add(w.place.Name+"“连心走访”情况", nil, nil)
	t.add("设区市", "县（市、区）", "入户走访（次）")
	sum := 0
	for _, k := range w.counties {
		count, ok := s.told(w.form.indicators[0], i, k, corrected)
		if !ok {
			continue
		}
		t.add(w.place.Name, typedName(figures.regions[k]), thousands(count))
		sum += count
	}
	t.add(nil, "合计", thousands(sum))
	t.add(syntheticNote, nil, nil)
	return t
}

// thousands writes a number from 0 to 999,999.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// guideSheet has a row a half-year, counted in 万.
func (s *Sample) guideSheet(w workbook, corrected bool) sheet {
	figures := s.figures[w.form.indicators[0]]
	t := sheet{name: "台账"}
	t.title(w.place.Name+"“法律明白人”台账", 3)
	t.add("期次", "县区", "在册人数（万人）")
	for _, i := range w.periods {
		if count, ok := s.told(w.form.indicators[0], i, w.counties[0], corrected); ok {
			t.add(spanName(figures.periods[i], fact.HalfYearly), w.place.Name, fmt.Sprintf("%d.%04d", count/10_000, count%10_000))
		}
	}
	t.add(syntheticNote)
	return t
}

func monthName(p fact.Period) string { return p.Start(time.UTC).Format("2006年1月") }

// spanName is what people call the quarter or half-year that a period begins in.
func spanName(p fact.Period, span fact.Cadence) string {
	start := p.Start(time.UTC)
	year := start.Format("2006年")
	if span == fact.Quarterly {
		return year + "第" + []string{"一", "二", "三", "四"}[(start.Month()-1)/3] + "季度"
	}
	return year + []string{"上半年", "下半年"}[(start.Month()-1)/6]
}
