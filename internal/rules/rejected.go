package rules

import (
	"fmt"

	"github.com/prometheus/prometheus/model/rulefmt"
)

func figuresRejected(s *scope) []rulefmt.Rule {
	own := s.site.Policy.Rejected
	if own == nil {
		return nil
	}
	window := days(own.Window)
	// A counter begins at 0 when the program starts. What was refused before
	// anybody looked at it is no increase, so a series that is new counts whole.
	expr := fmt.Sprintf("sum by (collector) (increase(%s[%s])) > 0 or sum by (collector) (%s unless %s offset %s) > 0",
		rejectedReadings, window, rejectedReadings, rejectedReadings, window)
	rule := raise(own.RaisedAlert, "collector", expr)
	rule.Annotations[annotationZH] = `采集任务{{ $labels.collector }}：` + window + `内有{{ printf "%.0f" $value }}条数据被拒收`
	rule.Annotations[annotationEN] = `Collector {{ $labels.collector }}: {{ printf "%.0f" $value }} readings were refused within ` + window
	return []rulefmt.Rule{rule}
}
