package dashboards

import (
	"fmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// strip shows one figure of each of several indicators, side by side in their
// order, so that strips below each other stand in columns.
type strip struct {
	title, description string
	h                  int
	size               sizes
	// expr asks for the figure, and must answer with one series at most.
	expr func(fact.Indicator) string
	// field says how it is shown.
	field func(fact.Indicator) []property
	named bool // with the indicators' titles
}

// strips shows roll-ups of the site, how they changed, and how many regions are
// in them; it returns the row below. perRow is how many indicators stand side
// by side.
func (s *site) strips(b *board, y, perRow int, indicators []fact.Indicator) int {
	kinds := []strip{s.values(), s.changes(), s.coverages()}
	for len(indicators) > 0 {
		n := min(perRow, len(indicators))
		for _, k := range kinds {
			b.place(y, k.h, s.strip(k, indicators[:n]))
			y += k.h
		}
		indicators = indicators[n:]
	}
	return y
}

func (s *site) strip(k strip, indicators []fact.Indicator) *panel {
	p := stat(k.title, k.description, gridWidth, field{Unit: unitCount, Mappings: blank(neutral)})
	for n, i := range indicators {
		t := now(k.expr(i)+"\nor on () vector(NaN)", i.ID)
		t.RefID = refID(n)
		name := "\u00a0"
		if k.named {
			name = s.in(i.Title)
		}
		properties := append([]property{{"displayName", name}, {"links", s.toIndicator(i.ID)}}, k.field(i)...)
		p.targets = append(p.targets, t)
		p.fields.Overrides = append(p.fields.Overrides, override{matcher{"byFrameRefID", t.RefID}, properties})
	}
	options := statOptions{
		ReduceOptions: last(), Orientation: "vertical", TextMode: "value", ColorMode: "value", GraphMode: "none", JustifyMode: "center",
		PercentChangeColorMode: "standard", Text: &k.size,
	}
	if k.named {
		options.TextMode = "value_and_name"
	}
	p.options = options
	return p
}

// whole selects what an indicator's roll-up of the site is labelled with.
func (s *site) whole(i fact.Indicator) string {
	return fmt.Sprintf(`{indicator=%q,code=%q}`, i.ID, s.Region)
}

func (s *site) values() strip {
	return strip{
		title: s.text("全域汇总", "Totals"), description: s.text("各指标在共同统计期的汇总值。", "Each indicator's roll-up at its common period."),
		h: 4, size: sizes{TitleSize: 18, ValueSize: 44}, named: true,
		expr: func(i fact.Indicator) string { return "governance_rollup" + s.whole(i) },
		field: func(i fact.Indicator) []property {
			p := []property{{"unit", unit(i)}}
			if unit(i) == unitRatio {
				p = append(p, property{"decimals", 1})
			}
			return p
		},
	}
}

// changes compares only sums of the same regions: where a missing region would
// look like a fall, there is no change.
func (s *site) changes() strip {
	const change = `governance_rollup%[1]s / (governance_rollup_previous%[1]s > 0) - 1
and on (indicator, code) (
  governance_compared_regions%[1]s
  or governance_coverage_ratio%[1]s == 1
  or governance_reporting_regions%[1]s + governance_carried_regions%[1]s == governance_expected_regions%[1]s
)`
	return strip{
		title: s.text("较上期", "Change"), description: s.text("较上一期的变化；只有两期可比时才显示。", "Change since the period before; only where the two can be compared."),
		h: 2, size: sizes{ValueSize: 26},
		expr: func(i fact.Indicator) string { return fmt.Sprintf(change, s.whole(i)) },
		field: func(i fact.Indicator) []property {
			colours := []step{{warning, -1000}, {neutral, 0}, {good, 0.0001}}
			if i.Direction == fact.LessIsBetter {
				colours = []step{{good, -1000}, {neutral, 0}, {warning, 0.0001}}
			}
			return []property{{"unit", unitRatio}, {"decimals", 1}, {"thresholds", thresholds{"absolute", colours}}}
		},
	}
}

func (s *site) coverages() strip {
	return strip{
		title: s.text("覆盖率", "Coverage"), description: s.text("共同统计期已计入汇总的地区占应报地区的比例。", "Share of the expected regions whose figure of the common period is in the total."),
		h: 2, size: sizes{ValueSize: 26},
		expr: func(i fact.Indicator) string { return "governance_coverage_ratio" + s.whole(i) },
		field: func(fact.Indicator) []property {
			return []property{{"unit", unitRatio}, {"decimals", 0}, {"thresholds", heat(0.9, 1)}}
		},
	}
}
