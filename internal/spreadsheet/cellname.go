package spreadsheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// CellName returns the name of a cell as Excel shows it, such as C17. Both
// numbers count from 1.
func CellName(column, row int) string {
	var letters [16]byte
	i := len(letters)
	for ; column > 0 && i > 0; column = (column - 1) / 26 {
		i--
		letters[i] = byte('A' + (column-1)%26)
	}
	return string(letters[i:]) + strconv.Itoa(row)
}

// parseCellName undoes CellName within the bounds of a sheet.
func parseCellName(name string) (column, row int, ok bool) {
	i := 0
	for ; i < len(name) && 'A' <= name[i]&^0x20 && name[i]&^0x20 <= 'Z'; i++ {
		if column = column*26 + int(name[i]&^0x20-'A') + 1; column > lastColumn {
			return 0, 0, false
		}
	}
	digits := name[i:]
	for ; i < len(name); i++ {
		if name[i] < '0' || name[i] > '9' {
			return 0, 0, false
		}
		if row = row*10 + int(name[i]-'0'); row > lastRow {
			return 0, 0, false
		}
	}
	return column, row, column > 0 && row > 0 && digits[0] != '0'
}

// parseRange reads A1:B2, or A1 alone.
func parseRange(ref string) (Range, bool) {
	from, to, two := strings.Cut(ref, ":")
	if !two {
		to = from
	}
	c1, r1, ok1 := parseCellName(from)
	c2, r2, ok2 := parseCellName(to)
	return Range{FromRow: r1, FromColumn: c1, ToRow: r2, ToColumn: c2}, ok1 && ok2 && c1 <= c2 && r1 <= r2
}

// SerialDate reads a number as Excel stores dates, in days since 1900 or 1904,
// and returns the civil date as YYYY-MM-DD. A time of day is cut off. ok is
// false for what is no plain number, before the first day, or after the year
// 9999. Excel's own 29 February 1900, which never was, is refused.
func SerialDate(raw string, date1904 bool) (date string, ok bool) {
	serial, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(serial) || serial < 0 || serial >= 2_958_466 {
		return "", false
	}
	day := int(serial)
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day == 0 || day == 60:
		return "", false
	case day < 60:
		day++ // before the leap day that Excel made up
	}
	t := first.AddDate(0, 0, day)
	return t.Format(time.DateOnly), t.Year() <= 9999
}
