package demo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What each published figure is in the sample systems, asked in SQL that knows
// nothing of collectors. Wrong rows are not left out by hand: none may count.
var publishedQueries = map[string]string{
	"coordination_mechanisms 2025":       `SELECT sum(amount) FROM governance_register WHERE item = '协调机制' AND period = '2025-H2'`,
	"policy_documents 2025":              `SELECT sum(amount) FROM governance_register WHERE item = '政策文件' AND period = '2025'`,
	"secretary_led_projects 2025":        `SELECT sum(amount) FROM governance_register WHERE item = '书记领航项目' AND period = '2025-Q4'`,
	"rectified_party_organizations 2025": `SELECT sum(rectified_since_january) FROM rectification_progress WHERE month = '2025-12'`,
	"reserve_village_secretaries 2025":   `SELECT sum(in_reserve) FROM village_secretaries WHERE quarter = '2025-Q4'`,
	"promoted_village_secretaries 2025":  `SELECT sum(promoted) FROM village_secretaries WHERE quarter = '2025-Q4'`,
	"assessment_items 2023":              `SELECT sum(items) FROM assessment_register WHERE year = '2023'`,
	"assessment_items 2025":              `SELECT sum(items) FROM assessment_register WHERE year = '2025'`,
	"village_work_items_cleared 2025":    `SELECT sum(amount) FROM burden_items WHERE item = '村级工作事务' AND period LIKE '2025-Q%'`,
	"certificate_items_regulated 2025":   `SELECT sum(amount) FROM burden_items WHERE item = '不应出具证明' AND period = '2025-H2'`,
	"form_reduction_ratio 2025":          `SELECT 1.0 * sum(forms_cut) / sum(forms_before) FROM shared_forms WHERE quarter = '2025-Q4'`,
	"township_duty_lists_ratio 2025":     `SELECT 1.0 * sum(lists_issued) / sum(townships) FROM duty_lists WHERE quarter = '2025-Q4'`,
	"paired_units 2025":                  `SELECT sum(units_paired) FROM community_pairing WHERE month = '2025-12'`,
	"members_reporting_in 2025":          `SELECT sum(members_reported) FROM community_pairing WHERE month = '2025-12'`,
	"deliberation_platforms 2025":        `SELECT sum(platforms) FROM deliberation_platforms WHERE month = '2025-12'`,
	"volunteer_teams 2025":               `SELECT sum(teams) FROM volunteer_service WHERE month = '2025-12'`,
	"grids 2025":                         `SELECT sum(网格数) FROM 网格统计 WHERE 月末 = '2025-12-31'`,
	"full_time_grid_staff 2025":          `SELECT sum(专职网格员) FROM 网格统计 WHERE 月末 = '2025-12-31'`,
	"elder_meal_sites 2025":              `SELECT sum(meal_sites) FROM elder_care WHERE counted_on = '2025-12-31'`,
	"elder_child_homes 2025":             `SELECT sum(homes) FROM elder_care WHERE counted_on = '2025-12-31'`,
	"warm_stations 2025":                 `SELECT sum(stations) FROM warm_stations WHERE month = '2025-12'`,
	"legal_guides 2025":                  `SELECT sum(guides) FROM legal_guides WHERE half_year = '2025-H2'`,
}

func TestYear2025AddsUpToThePublishedFigures(t *testing.T) {
	for _, now := range []string{"2026-01-05", "2026-11-22", "2027-03-01"} {
		t.Run("seen on "+now, func(t *testing.T) {
			site := newSite(t, now)
			db := site.open(t)
			check := func(when string) {
				want, got := map[string]float64{}, map[string]float64{}
				for _, indicator := range site.config.Indicators {
					for _, published := range indicator.Published {
						key := indicator.ID + " " + published.Period.String()
						want[key] = published.Value
						if query, ok := publishedQueries[key]; ok {
							got[key] = number(t, db, query)
						}
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, published figures and sample totals (-published +sample):\n%s", when, diff)
				}
			}
			check("as filled")
			if err := site.sample.Correct(t.Context(), site.file); err != nil {
				t.Fatal(err)
			}
			check("as corrected")
		})
	}
}

// The catalogue's copy of the published figures is all that there is; this
// counts them, so that losing one shows.
func TestEveryPublishedFigureIsInTheCatalogue(t *testing.T) {
	n := 0
	for _, indicator := range load(t, "unused.db").Indicators {
		n += len(indicator.Published)
	}
	if n != len(publishedQueries) || n != 22 {
		t.Errorf("the catalogue has %d published figures and there are queries for %d; want 22 of both", n, len(publishedQueries))
	}
}
