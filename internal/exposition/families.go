package exposition

import (
	"fmt"
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
// exposition.
const (
	familyTarget = iota
	familyAttainment
	familyPrevious
	familyPeriodEnd
	familyRevisions
	familyPublished
	familyGap
	familyIndicatorInfo
	familyRegionInfo
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
	familyPeriodEnd: {
		"governance_period_end_timestamp_seconds",
		"End of the period that the figure speaks for, exclusive, in seconds since the Unix epoch (统计期截止时间)",
	},
	familyRevisions: {
		"governance_revisions",
		"Revision of the figure, 1 was never corrected (修订次数)",
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
}

// The labels of figures. The names of regions stand under the name of their
// level: city, county and so on.
const (
	labelCode      = "code"
	labelIndicator = "indicator"
	labelLevel     = "level"
	labelParent    = "parent"
	labelPeriod    = "period"
	labelPrecision = "precision"
)

var precisionNames = [...]string{fact.Exact: "exact", fact.AtLeast: "at_least", fact.Nearest: "nearest"}

func precisionName(p fact.Precision) string {
	if p < fact.Exact || p > fact.Nearest {
		return fmt.Sprintf("precision(%d)", uint8(p))
	}
	return precisionNames[p]
}

// indicatorFamily is the family of an indicator's own figures.
func indicatorFamily(i *fact.Indicator) family {
	help := i.Title.EN
	if i.Definition.EN != "" {
		help += ": " + i.Definition.EN
	}
	if i.Title.ZH != "" {
		help += " (" + i.Title.ZH + ")"
	}
	return family{name: namespace + i.ID, help: strings.TrimSpace(help)}
}
