package demo

import (
	"time"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// table is a system that keeps figures: side by side, a column an indicator, or
// under each other with columns item and amount.
type table struct {
	name   string
	where  where
	period string                   // the column that says when
	when   func(fact.Period) string // what it says
	// columns name the columns of figures; in a table of items, what the item
	// column says.
	columns []column
	items   bool
}

type column struct{ name, indicator string }

// where says how a system writes a region: in which columns, and what.
type where struct {
	columns []string
	write   func(register, *fact.Region) []any
}

func (t table) indicators() []string {
	var ids []string
	for _, c := range t.columns {
		ids = append(ids, c.indicator)
	}
	return ids
}

// tables lists the systems that keep figures. Two more are logs of events, which
// the collectors' queries count: see logs.go.
func tables() []table {
	code, canonical := byCode("county_code"), fact.Period.String
	return []table{
		{name: "governance_register", where: byCode("unit_code"), period: "period", when: canonical, items: true, columns: []column{
			{"协调机制", "coordination_mechanisms"}, {"政策文件", "policy_documents"}, {"书记领航项目", "secretary_led_projects"},
		}},
		{name: "rectification_progress", where: code, period: "month", when: canonical, columns: []column{
			{"rectified_since_january", "rectified_party_organizations"},
		}},
		{name: "village_secretaries", where: code, period: "quarter", when: canonical, columns: []column{
			{"in_reserve", "reserve_village_secretaries"}, {"promoted", "promoted_village_secretaries"},
		}},
		{name: "community_pairing", where: code, period: "month", when: canonical, columns: []column{
			{"units_paired", "paired_units"}, {"members_reported", "members_reporting_in"},
		}},
		{name: "assessment_register", where: nowhere(), period: "year", when: canonical, columns: []column{
			{"items", "assessment_items"},
		}},
		{name: "burden_items", where: code, period: "period", when: canonical, items: true, columns: []column{
			{"村级工作事务", "village_work_items_cleared"}, {"不应出具证明", "certificate_items_regulated"},
		}},
		{name: "shared_forms", where: code, period: "quarter", when: canonical, columns: []column{
			{"forms_before", "forms_before"}, {"forms_cut", "forms_cut"},
		}},
		{name: "duty_lists", where: code, period: "quarter", when: canonical, columns: []column{
			{"townships", "townships"}, {"lists_issued", "township_duty_lists"},
		}},
		{name: "village_plaques", where: byCode("township_code"), period: "half_year", when: canonical, columns: []column{
			{"plaques", "village_plaques"},
		}},
		{name: "网格统计", where: byTypedName("设区市", "县区"), period: "月末", when: lastDay, columns: []column{
			{"网格数", "grids"}, {"专职网格员", "full_time_grid_staff"},
		}},
		{name: "volunteer_service", where: code, period: "month", when: canonical, columns: []column{{"teams", "volunteer_teams"}}},
		{name: "deliberation_platforms", where: code, period: "month", when: canonical, columns: []column{{"platforms", "deliberation_platforms"}}},
		{name: "warm_stations", where: code, period: "month", when: canonical, columns: []column{{"stations", "warm_stations"}}},
		{name: "driver_stations", where: code, period: "month", when: canonical, columns: []column{{"stations", "driver_service_stations"}}},
		{name: "elder_care", where: code, period: "counted_on", when: lastDay, columns: []column{
			{"meal_sites", "elder_meal_sites"}, {"homes", "elder_child_homes"},
		}},
		{name: "certificate_express", where: byShortName("county_name"), period: "month", when: canonical, columns: []column{{"settled", "online_certificates"}}},
		{name: "cadre_visits", where: code, period: "month", when: canonical, columns: []column{{"visits", "cadre_visits"}}},
		{name: "legal_guides", where: nowhere(), period: "half_year", when: canonical, columns: []column{{"guides", "legal_guides"}}},
	}
}

// lastDay is the last day of a period.
func lastDay(p fact.Period) string {
	return p.End(time.UTC).AddDate(0, 0, -1).Format(time.DateOnly)
}

// nowhere is for a system of one region, which need not name it.
func nowhere() where {
	return where{write: func(register, *fact.Region) []any { return nil }}
}

func byCode(column string) where {
	return where{
		columns: []string{column},
		write:   func(_ register, r *fact.Region) []any { return []any{r.Code} },
	}
}

func byShortName(column string) where {
	return where{
		columns: []string{column},
		write:   func(_ register, r *fact.Region) []any { return []any{shortName(r.Name)} },
	}
}

// byTypedName is for a system whose people type names as they are used to.
func byTypedName(city, county string) where {
	return where{
		columns: []string{city, county},
		write: func(divisions register, r *fact.Region) []any {
			name := typedName(r)
			above := ""
			if parent := divisions.byCode[r.Parent]; parent != nil {
				above = parent.Name
				if isTypedShort(parent.Code) {
					above = shortName(above)
				}
			}
			return []any{above, name}
		},
	}
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
