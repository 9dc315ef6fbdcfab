package notify

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Region is one that has a digest of its own.
type Region struct {
	Code string
	Name string
}

// Digest is what there is to say to one city, or of what belongs to no city, on
// one day.
type Digest struct {
	Region Region
	Day    string    // 2026-01-15
	AsOf   time.Time // when alerts were last heard of; zero is never
	// New has been late for at most ChronicAfter days, Chronic for more. Both are
	// ranked, the most urgent first.
	New, Chronic []Item
	ChronicAfter int
}

// Item is one line of a digest: all that is the matter with one indicator in one
// region.
type Item struct {
	Alerts   []Alert // the gravest first; at least one
	DaysLate int     // of the one that has been late for longest
}

// lead is the alert whose figures the line shows.
func (i Item) lead() Alert { return i.Alerts[0] }

// digests makes one digest for every city and one for the site, in that order,
// of the alerts that are firing. An alert that names no city we know is the
// site's: nothing is left out.
func digests(alerts []Alert, cities []Region, site Region, now, asOf time.Time, chronicAfter int) []Digest {
	of := map[string][]Alert{}
	byName := map[string]string{}
	for _, c := range cities {
		byName[c.Name] = c.Code
	}
	for _, a := range alerts {
		code := cmp.Or(byName[a.Labels[LabelCity]], site.Code)
		of[code] = append(of[code], a)
	}
	all := make([]Digest, 0, len(cities)+1)
	for _, r := range append(slices.Clone(cities), site) {
		d := Digest{Region: r, Day: now.Format(time.DateOnly), AsOf: asOf, ChronicAfter: chronicAfter}
		for _, item := range items(of[r.Code], now) {
			if item.DaysLate > chronicAfter {
				d.Chronic = append(d.Chronic, item)
			} else {
				d.New = append(d.New, item)
			}
		}
		all = append(all, d)
	}
	return all
}

// items puts alerts about one indicator in one region together, and ranks them.
func items(alerts []Alert, now time.Time) []Item {
	alerts = slices.Clone(alerts)
	slices.SortFunc(alerts, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.severity(), b.severity()), a.lateSince().Compare(b.lateSince()), byIdentity(a, b))
	})
	var list []Item
	place := map[string]int{}
	for _, a := range alerts {
		key := a.subject()
		i, known := place[key]
		if !known {
			i = len(list)
			place[key] = i
			list = append(list, Item{})
		}
		list[i].Alerts = append(list[i].Alerts, a)
		list[i].DaysLate = max(list[i].DaysLate, a.daysLate(now))
	}
	slices.SortStableFunc(list, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.lead().severity(), b.lead().severity()), cmp.Compare(b.DaysLate, a.DaysLate))
	})
	return list
}

// subject is what an alert is about. One that names no indicator is about itself.
func (a Alert) subject() string {
	if a.Labels[LabelIndicator] == "" {
		return a.identity()
	}
	return a.Labels[LabelCode] + "\xff" + a.Labels[LabelIndicator]
}

// kindOf is what a rule is called in a digest; a rule that it doesn't know is
// called by its own sentence.
func kindOf(name string) string {
	switch name {
	case "ReportOverdue":
		return "逾期未报"
	case "RegionBehindTarget":
		return "落后于目标"
	case "RegionBehindPeers":
		return "落后于同类地区"
	case "RegionStalled":
		return "停滞不前"
	case "CoverageLow":
		return "报送率低"
	case "TotalsDisagree":
		return "合计不符"
	case "FiguresRejected":
		return "数据被拒收"
	case "FigureHeld":
		return "数据待核实"
	case "SourceDown":
		return "数据源不可用"
	case "CollectorMissedSchedule":
		return "采集未按时进行"
	}
	return ""
}

// who names the region of an alert, as far as a reader of the city's digest must
// be told.
func (a Alert) who() string {
	return strings.TrimSpace(cmp.Or(a.Labels[LabelCounty], a.Labels[LabelCity]))
}
