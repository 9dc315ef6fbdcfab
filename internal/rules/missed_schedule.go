package rules

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
)

// collectorMissedSchedule has a rule for a run that did not begin, and one for
// runs that were left out because the one before was still under way.
func collectorMissedSchedule(s *scope) []rulefmt.Rule {
	own := s.site.Policy.Missed
	if own == nil {
		return nil
	}
	late := raise(own.RaisedAlert, "late", fmt.Sprintf("max by (collector) (time() - %s) > %d unless on (collector) (%s == 1)", nextRun, int64(own.After/time.Second), running))
	late.Annotations[annotationZH] = `采集任务{{ $labels.collector }}应于{{ humanizeDuration $value }}前运行，尚未开始`
	late.Annotations[annotationEN] = `Collector {{ $labels.collector }} should have run {{ humanizeDuration $value }} ago`
	left := raise(own.RaisedAlert, "left-out", fmt.Sprintf("max by (collector) (increase(%s[%s])) > 0", skippedRuns, days(own.After)))
	left.Annotations[annotationZH] = `采集任务{{ $labels.collector }}有{{ printf "%.0f" $value }}次运行因上一次尚未结束而被略过`
	left.Annotations[annotationEN] = `Collector {{ $labels.collector }} left out {{ printf "%.0f" $value }} runs, as the one before was still under way`
	return []rulefmt.Rule{late, left}
}
