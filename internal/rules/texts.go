package rules

import (
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"
)

// The pieces of templates. They work in every Prometheus since 2.38.
const (
	titleZH = `{{ $labels.title_zh }}`
	titleEN = `{{ $labels.title_en }}`
	// percents shows ratios as such, and all else with its unit.
	ratioOr = `{{ if eq $labels.unit "ratio" }}`

	rankText = `{{ if $labels.place }}第 {{ $labels.place }}/{{ $labels.of }}{{ end }}`
	dueText  = `{{ with $labels.due }}{{ (toTime .).Format "2006-01-02" }}{{ end }}`
)

// amount shows a detail as a figure of the indicator.
func amount(detail, unit string) string {
	return ratioOr + `{{ humanizePercentage ` + detail + ` }}{{ else }}{{ ` + detail + ` }} {{ $labels.` + unit + ` }}{{ end }}`
}

// exact shows the alert's own value as a figure of the indicator.
func exact(unit string) string {
	return ratioOr + `{{ humanizePercentage $value }}{{ else }}{{ printf "%.10g" $value }} {{ $labels.` + unit + ` }}{{ end }}`
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
