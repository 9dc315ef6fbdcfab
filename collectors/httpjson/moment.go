package httpjson

import (
	"strconv"
	"time"
)

const (
	sincePrefix = "since."
	nowPrefix   = "now."
)

// forms are how a placeholder of a time can be written: {since.date}.
var forms = [...]string{"date", "month", "year", "basic_date", "basic_month", "time", "unix"}

// timePlaceholders lists the placeholders of the two times.
func timePlaceholders() []string {
	var names []string
	for _, prefix := range []string{sincePrefix, nowPrefix} {
		for _, form := range forms {
			names = append(names, prefix+form)
		}
	}
	return names
}

// formatMoment writes a time in one of the forms.
func formatMoment(t time.Time, form string) string {
	switch form {
	case "date":
		return t.Format(time.DateOnly)
	case "month":
		return t.Format("2006-01")
	case "year":
		return t.Format("2006")
	case "basic_date":
		return t.Format("20060102")
	case "basic_month":
		return t.Format("200601")
	case "time":
		return t.Format(time.RFC3339)
	}
	return strconv.FormatInt(t.Unix(), 10)
}
