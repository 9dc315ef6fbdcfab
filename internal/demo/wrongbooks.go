package demo

import (
	"slices"
	"strings"
)

// wrongWorkbook is a file that is refused, or, with no stages, one that brings
// nothing new.
type wrongWorkbook struct {
	Wrong
	content func() ([]byte, error)
}

// wrongWorkbooks are those beside the right ones. A file is taken as a whole or
// not at all, so none of them has a figure that no other brings.
func (s *Sample) wrongWorkbooks() []wrongWorkbook {
	var all []wrongWorkbook
	add := func(where, what string, stages []string, content func() ([]byte, error)) {
		all = append(all, wrongWorkbook{Wrong{where, stages, what}, content})
	}
	s.wrongElderCare(add)
	s.wrongWhereLate(add)
	s.wrongLocalReports(add)
	return all
}

type addWorkbook func(where, what string, stages []string, content func() ([]byte, error))

// The month that most wrong workbooks are of.
const wrongMonth = "2025-06"

func (s *Sample) wrongElderCare(add addWorkbook) {
	// month adds a workbook of one month in which something was altered.
	month := func(city, name, what string, stages []string, alter func(*sheet)) {
		w, i, ok := s.workbookOf("elder-care", city, wrongMonth)
		if !ok {
			return
		}
		add(w.dir+"/"+name, what, stages, func() ([]byte, error) {
			t := s.elderSheet(w, i, true)
			alter(&t)
			return xlsx(t)
		})
	}
	month("360500", "新余市2025年6月统计表（初稿）.xlsx", "a total that does not add up", slices.Repeat([]string{"total-agrees"}, 3), func(t *sheet) {
		t.set("合计", 2, t.number("合计", 2)+10)
	})
	month("361000", "抚州市2025年6月统计表（公式出错）.xlsx", "a cell with the error of a formula", []string{"cell-readable"}, func(t *sheet) {
		t.set("合计", 2, "#REF!")
	})
	month("360900", "宜春市2025年6月统计表（旧表样）.xlsx", "a column that has another name", []string{"columns-found"}, func(t *sheet) {
		t.rows[3][2] = "用餐点"
	})
	month("361100", "上饶市2025年6月统计表（含外市）.xlsx", "a county of another city", []string{"region-of-target", "region-of-target", "total-agrees", "total-agrees"}, func(t *sheet) {
		t.rows[4][1] = "临川区"
	})
	month("360400", "九江市2025年6月全市数.xlsx", "a city, where counties report", []string{"region-resolved", "region-resolved"}, func(t *sheet) {
		t.rows = slices.Concat(t.rows[:4], [][]any{{1, "九江市", 780, 52}}, t.rows[len(t.rows)-2:])
	})
	s.brokenFiles(add)
}

// brokenFiles are no workbooks any more, but one, which is a copy of another.
func (s *Sample) brokenFiles(add addWorkbook) {
	whole := func(city string) (workbook, func() ([]byte, error), bool) {
		w, _, ok := s.workbookOf("elder-care", city, wrongMonth)
		return w, func() ([]byte, error) { return w.form.content(s, w, true) }, ok
	}
	unreadable := []string{"file-readable"}
	if w, content, ok := whole("360800"); ok {
		add(w.dir+"/"+"吉安市2025年上半年统计表（传输中断）.xlsx", "a file that was cut off on its way", unreadable, func() ([]byte, error) {
			all, err := content()
			return all[:len(all)/2], err
		})
	}
	if w, _, ok := whole("360200"); ok {
		add(w.dir+"/"+"景德镇市2025年上半年统计表.xls", "a workbook of Excel 97", unreadable, func() ([]byte, error) {
			return excel97(), nil
		})
	}
	if w, content, ok := whole("360100"); ok {
		add(w.dir+"/"+strings.TrimSuffix(w.name, ".xlsx")+"（2）.xlsx", "a copy of another file", nil, content)
	}
}

// excel97 is how a workbook of Excel 97 begins.
func excel97() []byte {
	content := make([]byte, 4096)
	copy(content, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	return content
}

// wrongWhereLate has a county send by itself what it still owes, with mistakes.
func (s *Sample) wrongWhereLate(add addWorkbook) {
	p, ok := s.owes("elder-care", "360728")
	if !ok {
		return
	}
	w, i, ok := s.workbookOf("elder-care", "360700", p.String())
	if !ok {
		return
	}
	name := "定南县" + monthName(p) + "补报.xlsx"
	add(w.dir+"/"+name, "words in the place of a number, and half a home", []string{"value-number", "value-whole"}, func() ([]byte, error) {
		t := s.elderSheet(w, i, true)
		t.rows = slices.Concat(t.rows[:4], [][]any{{1, "定南县", "约70个", 3.5}}, t.rows[len(t.rows)-2:])
		return xlsx(t)
	})
}

func (s *Sample) wrongLocalReports(add addWorkbook) {
	if w, _, ok := s.workbookOf("certificate-express", "360400", wrongMonth); ok {
		settled, _ := s.right("online_certificates", "360403", wrongMonth)
		add(w.dir+"/"+"浔阳区补报.xlsx", "a row a second time", []string{"delivered-once"}, func() ([]byte, error) {
			t := sheet{name: "补报"}
			t.add("设区市", "月份", "县（市、区）", "办结数（件）")
			t.add("九江市", "2025年6月", "浔阳", settled)
			t.add("九江市", "2025年6月", "浔阳", settled)
			t.add(syntheticNote)
			return xlsx(t)
		})
	}
	if w, _, ok := s.workbookOf("cadre-visits", "361100", wrongMonth); ok {
		add(w.dir+"/"+"连心走访_2025.06（乱码）.csv", "text in no encoding", []string{"file-readable"}, func() ([]byte, error) {
			return []byte("县区,入户走访\r\n\xff\x80\xff,12\r\n"), nil
		})
	}
}

// set types a value into the row whose second cell is the name.
func (s *sheet) set(name string, column int, value any) {
	for _, row := range s.rows {
		if len(row) > column && row[1] == name {
			row[column] = value
		}
	}
}

// number is what stands in the row whose second cell is the name.
func (s *sheet) number(name string, column int) int {
	for _, row := range s.rows {
		if len(row) > column && row[1] == name {
			n, _ := row[column].(int)
			return n
		}
	}
	return 0
}
