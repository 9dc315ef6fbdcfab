package exposition

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// family is one metric family of figures. All of them are gauges: a figure may
// be corrected downwards.
type family struct {
	name string
	help string
}

// namespace begins the name of every family of figures, and of no other.
const namespace = "governance_"

// The families beside those of the indicators themselves, in the order of the
// exposition but for one: familyOverdue ends the figures, because what moves
// with the clock follows right behind it.
const (
	// They follow each figure.
	familyTarget = iota
	familyAttainment
	familyPrevious
	familyYearAgo
	familyUnchanged
	familyPeriodEnd
	familyRevisions
	familyProvisional
	// They tell the standing of each region.
	familyReported
	familyDue
	familyHeld
	familyRank
	familyPeers
	familyRollup
	familyRollupPrevious
	familyRollupPeriodEnd
	familyCoverage
	familyReporting
	familyExpected
	familyCarried
	familyCompared
	familyDiscrepancy
	familyOverdue
	inStep // how many are written in step with the indicators
	// They are of the catalogue and the register.
	familyPublished = iota - 1
	familyGap
	familyIndicatorInfo
	familyRegionInfo
	familyVillages
	familyPopulation
)

var families = [...]family{
	familyTarget: {
		"governance_target",
		"Figure to be reached, in the indicator's unit (目标值)",
	},
	familyAttainment: {
		"governance_attainment_ratio",
		"Share of the target that is reached, 1 is all of it (目标完成率)",
	},
	familyPrevious: {
		"governance_previous",
		"Figure of the period just before, in the indicator's unit (上期值)",
	},
	familyYearAgo: {
		"governance_year_ago",
		"Figure of the same period a year before, in the indicator's unit (上年同期值)",
	},
	familyUnchanged: {
		"governance_unchanged_periods",
		"For how many further periods the figure has been the same, each of them reported (连续未变化期数)",
	},
	familyPeriodEnd: {
		"governance_period_end_timestamp_seconds",
		"End of the period that the figure speaks for, exclusive, in seconds since the Unix epoch (统计期截止时间)",
	},
	familyRevisions: {
		"governance_revisions",
		"Revision of the figure, 1 was never corrected (修订次数)",
	},
	familyProvisional: {
		"governance_provisional",
		"Whether the figure still waits for sign-off, 0 or 1 (是否待确认)",
	},
	familyReported: {
		"governance_reported",
		"Whether the region has reported the newest period that has ended, 0 or 1 (本期是否已报)",
	},
	familyDue: {
		"governance_due_timestamp_seconds",
		"When the report on the newest period that has ended is due, exclusive, in seconds since the Unix epoch (报送截止时间)",
	},
	familyHeld: {
		"governance_held",
		"Figures of the region that are not shown until somebody decides on them (待核实数据条数)",
	},
	familyRank: {
		"governance_rank",
		"Place among the peers at the common period, 1 is the best (排名)",
	},
	familyPeers: {
		"governance_peers",
		"How many regions are ranked, this one included (参与排名的地区数)",
	},
	familyRollup: {
		"governance_rollup",
		"Figure of the region and all that lies in it at the common period, in the indicator's unit (汇总值)",
	},
	familyRollupPrevious: {
		"governance_rollup_previous",
		"Roll-up of the period before the common one, in the indicator's unit (上期汇总值)",
	},
	familyRollupPeriodEnd: {
		"governance_rollup_period_end_timestamp_seconds",
		"End of the common period, exclusive, in seconds since the Unix epoch (汇总统计期截止时间)",
	},
	familyCoverage: {
		"governance_coverage_ratio",
		"Share of the expected regions that are in the roll-up with a figure of the common period, 1 is all of them (汇总覆盖率)",
	},
	familyReporting: {
		"governance_reporting_regions",
		"Expected regions that have reported the common period (已报地区数)",
	},
	familyExpected: {
		"governance_expected_regions",
		"Regions that are expected to report the common period (应报地区数)",
	},
	familyCarried: {
		"governance_carried_regions",
		"Regions that are in the roll-up with an older figure (沿用旧值的地区数)",
	},
	familyCompared: {
		"governance_compared_regions",
		"Regions that are in the roll-up because their figures of the common period and the one before can be compared (可比地区数)",
	},
	familyDiscrepancy: {
		"governance_discrepancy",
		"Distance of the figure from what another source allows, 0 where they agree (与另一来源的差距)",
	},
	familyOverdue: {
		"governance_overdue_seconds",
		"For how long the oldest missing report has been overdue, 0 where none is (逾期时长)",
	},
	familyPublished: {
		"governance_published",
		"Figure as it was published, in the indicator's unit (公开发布值)",
	},
	familyGap: {
		"governance_reconciliation_gap",
		"Distance of the collected total from what the published figure allows, 0 where they agree (与发布值的差距)",
	},
	familyIndicatorInfo: {
		"governance_indicator_info",
		"Indicator of the catalogue, always 1 (指标信息)",
	},
	familyRegionInfo: {
		"governance_region_info",
		"Province, city or county of the register, always 1 (行政区划信息)",
	},
	familyVillages: {
		"governance_region_villages",
		"Villages and communities in the province, city or county (村和社区数)",
	},
	familyPopulation: {
		"governance_region_population",
		"People in the province, city or county (人口数)",
	},
}

// The labels of figures. The names of regions stand under the name of their
// level: city, county and so on.
const (
	labelAmong     = "among"
	labelCode      = "code"
	labelIndicator = "indicator"
	labelLevel     = "level"
	labelOther     = "other"
	labelParent    = "parent"
	labelPeriod    = "period"
	labelPolicy    = "policy"
	labelPrecision = "precision"
)

// indicatorFamily is the family of an indicator's own figures.
func indicatorFamily(i *fact.Indicator) family {
	return family{name: namespace + i.ID, help: Help(i)}
}

// Help describes an indicator's family: title and definition in English, with
// the Chinese title.
func Help(i *fact.Indicator) string {
	help := i.Title.EN
	if i.Definition.EN != "" {
		help += ": " + i.Definition.EN
	}
	if i.Title.ZH != "" {
		help += " (" + i.Title.ZH + ")"
	}
	return strings.TrimSpace(help)
}
