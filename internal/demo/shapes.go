package demo

// shape is how an indicator's sample figures run. Its cadence, kind, levels and
// published figures are the catalogue's.
type shape struct {
	indicator string
	// anchors gives each region its level at the end of 2025, or its amount of
	// 2025.
	anchors anchors
	// start is the level at the beginning of 2025 in thousandths of the anchor;
	// only stocks have one.
	start int
	// growth is monthly after 2025, in thousandths of the anchor.
	growth int
	// asPublished follows the published figures of several years from the first
	// on, in a straight line between two, instead of a path of its own.
	asPublished bool
}

// What the catalogue has no published figure for is invented here: everything in
// invented and perVillage, above all how many forms there were before form
// sharing, the denominator of a published ratio.
func shapes() []shape {
	return []shape{
		// Party building.
		{indicator: "coordination_mechanisms", anchors: each(1), start: 200},
		{indicator: "policy_documents", anchors: published, start: 1000},
		{indicator: "secretary_led_projects", anchors: each(1), start: 350},
		{indicator: "rectified_party_organizations", anchors: published, growth: 1},
		{indicator: "reserve_village_secretaries", anchors: published, start: 940, growth: 2},
		{indicator: "promoted_village_secretaries", anchors: published, start: 700, growth: 8},

		// Burden reduction.
		{indicator: "assessment_items", asPublished: true},
		{indicator: "village_work_items_cleared", anchors: published, growth: 1},
		{indicator: "certificate_items_regulated", anchors: published, growth: 1},
		{indicator: "forms_before", anchors: invented(100_000), start: 1000},
		{indicator: "forms_cut", anchors: partOf("forms_before", "form_reduction_ratio"), start: 620, growth: 8},
		{indicator: "townships", anchors: townships, start: 1000},
		{indicator: "township_duty_lists", anchors: partOf("townships", "township_duty_lists_ratio"), start: 550},
		{indicator: "village_plaques", anchors: perVillage(0, 6000), start: 1800, growth: -10},
		{indicator: "online_certificates", anchors: perVillage(4800, 12_000), growth: 4},

		// Co-governance.
		{indicator: "paired_units", anchors: published, start: 880, growth: 3},
		{indicator: "members_reporting_in", anchors: published, start: 860, growth: 4},
		{indicator: "deliberation_platforms", anchors: published, start: 850, growth: 6},
		{indicator: "deliberation_sessions", anchors: perVillage(0, 24_000), growth: 3},
		{indicator: "volunteer_teams", anchors: published, start: 900, growth: 4},
		{indicator: "grids", anchors: published, start: 985, growth: 1},
		{indicator: "full_time_grid_staff", anchors: published, start: 920, growth: 3},

		// Livelihood.
		{indicator: "elder_meal_sites", anchors: published, start: 820, growth: 18},
		{indicator: "elder_child_homes", anchors: published, start: 750, growth: 10},
		{indicator: "warm_stations", anchors: published, start: 800, growth: 6},
		{indicator: "driver_service_stations", anchors: perVillage(4, 17), start: 600, growth: 8},

		// Local practice.
		{indicator: "legal_guides", anchors: published, start: 920, growth: 2},
		{indicator: "cadre_visits", anchors: perVillage(18_000, 24_000), growth: 3},
		{indicator: "property_cases_settled", anchors: perVillage(168, 300), growth: 2},
	}
}
