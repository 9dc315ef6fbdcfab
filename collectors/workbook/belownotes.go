package workbook

import (
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// belowNotes refuses figures in and below the notes that end the table: left out
// in silence, they would be missed too late. A number behind 联系电话 is none.
func (t *table) belowNotes() error {
	if t.beyond {
		return nil
	}
	numbers := t.figures
	if code := t.register[useCode]; code != nil {
		numbers = []figureColumn{{found: code.found}}
	}
	for i := range numbers {
		text := t.text(numbers[i].index)
		if _, err := written.Number(text); text == "" || err != nil || t.notes.signed(t.leftOf(numbers[i].index)) {
			continue
		}
		t.beyond = true
		return t.reject(numbers[i].shown, numbers[i].indicator, text, fact.Text{
			ZH: "表格下方的备注行或备注之后还有数字：请把这些行移到备注上方，另一张表请放到单独的工作表。",
			EN: "there are figures in or below the notes that end the table: move these rows above the notes, and another table to a sheet of its own.",
		})
	}
	return nil
}

// leftOf returns what stands left of a column, in the nearest cell that holds
// something.
func (t *table) leftOf(index int) string {
	for i := index - 1; i >= 0; i-- {
		if text := t.text(i); text != "" {
			return text
		}
	}
	return ""
}
