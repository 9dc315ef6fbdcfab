package demo

import "github.com/govkpi/govkpi/internal/fact"

// table is a table of the database: figures side by side, a column an indicator,
// or under each other with columns item and amount.
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

// where says how a table writes a region: in which columns, and what.
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

// tables lists the tables that keep figures. Two more are logs of events, which
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
	}
}

// nowhere is for a table of one region, which need not name it.
func nowhere() where {
	return where{write: func(register, *fact.Region) []any { return nil }}
}

func byCode(column string) where {
	return where{
		columns: []string{column},
		write:   func(_ register, r *fact.Region) []any { return []any{r.Code} },
	}
}
