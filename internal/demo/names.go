package demo

import (
	"time"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// lastDay is the last day of a period.
func lastDay(p fact.Period) string {
	return p.End(time.UTC).AddDate(0, 0, -1).Format(time.DateOnly)
}

// typedName is a county's name as people type it: some still by an old one, in
// some cities without 市, 县 or 区.
func typedName(r *fact.Region) string {
	if old, ok := oldNames()[r.Code]; ok {
		return old
	}
	if isTypedShort(r.Parent) {
		return shortName(r.Name)
	}
	return r.Name
}

// typedCity is the name of a county's city as people type it beside the county's.
func typedCity(divisions register, county *fact.Region) string {
	city := divisions.byCode[county.Parent]
	switch {
	case city == nil:
		return ""
	case isTypedShort(city.Code):
		return shortName(city.Name)
	}
	return city.Name
}

// isTypedShort reports whether people leave 市, 县 and 区 out in a city.
func isTypedShort(city string) bool {
	return city == "360700" || city == "360800" || city == "360900" // 赣州, 吉安, 宜春
}

// oldNames are the names that people go on typing after a county got another.
func oldNames() map[string]string {
	return map[string]string{
		"360112": "新建县",
		"360404": "九江县",
		"360483": "星子县",
		"360603": "余江县",
		"360704": "赣县",
		"360783": "龙南县",
		"361003": "东乡县",
		"361103": "广丰县",
		"361104": "上饶县",
	}
}

// shortName leaves out 市, 县 or 区 where at least two characters remain.
func shortName(name string) string {
	last, size := utf8.DecodeLastRuneInString(name)
	if utf8.RuneCountInString(name) > 2 && (last == '市' || last == '县' || last == '区') {
		return name[:len(name)-size]
	}
	return name
}
