package dashboards

import (
	"hash/fnv"
	"strconv"
)

// The boards, as uids begin.
const (
	boardProvince  = "wall-province"
	boardTheme     = "wall-" // and the theme's id
	boardCity      = "city"
	boardCounty    = "county"
	boardIndicator = "indicator"
	boardLagging   = "lagging"
	boardHealth    = "health"
)

// longestUID is how long Grafana lets a uid be.
const longestUID = 40

// uid is the uid of a board: the same for ever, and another in each language.
func (s *site) uid(name string) string {
	uid := Tag + "-" + name
	if s.Language != Chinese {
		uid += "-" + string(s.Language)
	}
	if len(uid) <= longestUID {
		return uid
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(uid)) // never fails
	sum := strconv.FormatUint(h.Sum64(), 36)
	return uid[:longestUID-len(sum)-1] + "-" + sum
}

// within keeps the time range on the way to another board.
const within = "${__url_time_range}"

// to is the address of a board of the same language; query is what it is to
// show, such as var-county=360603, and may be empty.
func (s *site) to(name, query string) string {
	address := "/d/" + s.uid(name) + "?"
	if query != "" {
		address += query + "&"
	}
	return address + within
}

// heads are the links at the head of a board: to the others, with the time range
// and the variables.
func (s *site) heads(except string) []link {
	all := []struct{ name, zh, en string }{
		{boardProvince, "大屏", "Wall"},
		{boardCity, "设区市", "City"},
		{boardCounty, "县（市、区）", "County"},
		{boardIndicator, "指标", "Indicator"},
		{boardLagging, "落后", "Lagging"},
		{boardHealth, "数据质量", "Data health"},
	}
	var links []link
	for _, l := range all {
		if l.name != except {
			links = append(links, link{s.text(l.zh, l.en), "/d/" + s.uid(l.name)})
		}
	}
	return links
}
