package rules

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// The pieces of templates. They work in every Prometheus since 2.38.
const (
	titleZH = `{{ $labels.title_zh }}`
	titleEN = `{{ $labels.title_en }}`
	// percents shows ratios as such, and all else with its unit.
	ratioOr = `{{ if eq $labels.unit "ratio" }}`

	rankText = `{{ if $labels.place }}第 {{ $labels.place }}{{ end }}`
	dueText  = `{{ with $labels.due }}{{ (toTime .).Format "2006-01-02" }}{{ end }}`
	// round is the alert's own value with as many digits as people read.
	round = `{{ if lt $value 100.0 }}{{ printf "%.3g" $value }}{{ else }}{{ printf "%.0f" $value }}{{ end }}`
)

// The labels with the unit, and with its name in the two languages.
const (
	unit   = "unit"
	unitZH = "unit_zh"
	unitEN = "unit_en"
)

// of puts a unit behind a number: Chinese has no space between them.
func of(unit string) string {
	if unit == unitZH {
		return `{{ $labels.` + unit + ` }}`
	}
	return ` {{ $labels.` + unit + ` }}`
}

// amount shows a detail as a figure of the indicator.
func amount(detail, unit string) string {
	return ratioOr + `{{ humanizePercentage ` + detail + ` }}{{ else }}{{ ` + detail + ` }}` + of(unit) + `{{ end }}`
}

// exact shows the alert's own value as a figure of the indicator.
func exact(unit string) string {
	return ratioOr + `{{ humanizePercentage $value }}{{ else }}{{ printf "%.10g" $value }}` + of(unit) + `{{ end }}`
}

// counting is how an indicator's figures are shown: whole things as such, anything
// else with some digits.
type counting struct{ whole bool }

// units are the labels that amount and gap need.
func (c counting) units() []string {
	if c.whole {
		return []string{unitZH, unitEN}
	}
	return allUnits()
}

func allUnits() []string { return []string{unit, unitZH, unitEN} }

func countingOf(i *fact.Indicator) counting { return counting{i.Unit.Counts} }

func (c counting) amount(detail, unit string) string {
	if c.whole {
		return `{{ ` + detail + ` }}` + of(unit)
	}
	return amount(detail, unit)
}

// gap shows the alert's own value.
func (c counting) gap(unit string) string {
	if c.whole {
		return `{{ printf "%.0f" $value }}` + of(unit)
	}
	return ratioOr + `{{ humanizePercentage $value }}{{ else }}` + round + of(unit) + `{{ end }}`
}

// up rounds what is wanted: of whole things a part is one more. What a
// computer's fractions are off by must not make one more.
func (c counting) up(expr string) string {
	if c.whole {
		return "ceil(round(" + expr + ", 0.0001))"
	}
	return expr
}

// down rounds what is allowed.
func (c counting) down(expr string) string {
	if c.whole {
		return "floor(round(" + expr + ", 0.0001))"
	}
	return expr
}

// basis tells the rules of the two apart.
func (c counting) basis(of string) string {
	if c.whole {
		return of
	}
	return of + "-measured"
}

// dueAt is the moment at which the last day in time ended.
func (s *scope) dueAt() string {
	sign, offset := '+', s.site.offset()
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf(`{{ with $labels.due }}{{ ((toTime .).AddDate 0 0 1).Format "2006-01-02" }}T00:00:00%c%02d:%02d{{ end }}`, sign, offset/3600, offset%3600/60)
}

// where names the region by its city and what lies below; the site by its name.
func (s *scope) where(site string) string {
	var b strings.Builder
	b.WriteString(`{{ if or $labels.city $labels.county }}`)
	for _, label := range strings.Split(s.labels, ", ")[3:] {
		b.WriteString("{{ $labels." + label + " }}")
	}
	return b.String() + `{{ else }}` + site + `{{ end }}`
}

// tell adds the two sentences, and the links of an alert on a figure.
func (s *scope) tell(rule *rulefmt.Rule, zh, en string) {
	rule.Annotations[annotationZH] = s.where(escaped(s.site.Name.ZH)) + titleZH + "：" + zh
	rule.Annotations[annotationEN] = s.where(escaped(s.site.Name.EN)) + ", " + titleEN + ": " + en
	rule.Annotations[annotationExplain] = s.site.Policy.URL + "/api/governance/v1/explain?indicator={{ $labels.indicator }}&region={{ $labels.code }}"
}

// escaped keeps a name from being read as a template.
func escaped(name string) string { return strings.ReplaceAll(name, "{{", "{ {") }
