package rules

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
)

// sourceDown has two rules for collectors as a whole, one for those that have
// never succeeded, and two for single targets.
func sourceDown(s *scope) []rulefmt.Rule {
	own := s.site.Policy.SourceDown
	if own == nil {
		return nil
	}
	after := int64(own.After / time.Second)
	// A run with targets succeeds only if all do, and one county that is always
	// down is no source that is down: the newest success of any target counts. Of
	// more than 2,000 targets there are only the numbers.
	silent := fmt.Sprintf(`time() - max by (collector) (%s or %s) > %d unless on (collector) (%s > %s)`,
		targetLastSuccess, lastSuccess, after, targets, failedTargets)
	never := fmt.Sprintf("max by (collector) (%s) unless on (collector) %s unless on (collector) %s", running, lastSuccess, targetLastSuccess)
	failed := fmt.Sprintf("max by (collector, target, name) (%s == 0)", targetSuccessful)
	overdueTarget := fmt.Sprintf("time() - max by (collector, target, name) (%s) > %d and on (collector, target) %s", targetLastSuccess, after, failed)
	neverTarget := fmt.Sprintf("%s unless on (collector, target) %s", failed, targetLastSuccess)

	const hours = `{{ humanizeDuration $value }}`
	collector := func(basis, expr, zh, en string) rulefmt.Rule {
		rule := raise(own.RaisedAlert, basis, expr)
		rule.Annotations[annotationZH] = `采集任务{{ $labels.collector }}` + zh
		rule.Annotations[annotationEN] = `Collector {{ $labels.collector }} ` + en
		return rule
	}
	rules := []rulefmt.Rule{
		collector("collector", silent, "已"+hours+"未成功", "has not succeeded for "+hours),
		collector("collector-never", never, "从未成功", "has never succeeded"),
		collector("target", located(overdueTarget), "：{{ $labels.name }}的来源已"+hours+"不可用", "has not reached the source of {{ $labels.name }} for "+hours),
		collector("target-never", located(neverTarget), "：{{ $labels.name }}的来源从未可用", "has never reached the source of {{ $labels.name }}"),
	}
	for _, never := range []int{1, 3} { // of these the condition says nothing of how long
		rules[never].For = model.Duration(max(own.For, own.After))
	}
	return rules
}

// located gives the alert on a target the labels of its region, where that is one
// of the register's provinces, cities and counties.
func located(expr string) string {
	coded := fmt.Sprintf(`label_replace(%s, "code", "$1", "target", "(.+)")`, expr)
	return fmt.Sprintf("%s + on (code) group_left (level, city, county) (0 * max by (code, level, city, county) (%s)) or on (collector, target) %s", coded, regions, coded)
}
