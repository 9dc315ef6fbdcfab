package dashboards

import (
	"strconv"
	"strings"
	"time"
)

// templating are the board's variables as Grafana writes them.
func (b *board) templating() []any {
	list := []any{}
	for _, v := range b.variables {
		written := map[string]any{
			"name": v.name, "label": v.label, "hide": 0, "multi": false, "includeAll": v.all != "", "skipUrlSync": false,
			"current": map[string]any{"text": v.current.text, "value": v.current.value, "selected": true},
		}
		if v.all != "" {
			written["allValue"] = v.all
		}
		if v.query != "" {
			b.site.queried(v, written)
		} else {
			chosen(v, written)
		}
		list = append(list, written)
	}
	return list
}

// queried fills in a variable whose choices the data source knows. They are
// asked for anew whenever the time range changes.
func (s *site) queried(v variable, into map[string]any) {
	query := "query_result(" + v.query + ")"
	into["type"], into["datasource"] = "query", s.source()
	into["query"] = map[string]any{"query": query, "refId": "StandardVariableQuery"}
	into["regex"], into["refresh"], into["sort"], into["options"] = v.regex, 2, 0, []any{}
}

// chosen fills in a variable whose choices the catalogue knows.
func chosen(v variable, into map[string]any) {
	var choices []string
	options := []any{}
	if v.all != "" {
		options = append(options, map[string]any{"text": "All", "value": "$__all", "selected": v.current.value == "$__all"})
	}
	for _, o := range v.options {
		choices = append(choices, escapeChoice(o.text)+" : "+escapeChoice(o.value))
		options = append(options, map[string]any{"text": o.text, "value": o.value, "selected": o == v.current})
	}
	into["type"], into["query"], into["options"] = "custom", strings.Join(choices, ","), options
}

// escapeChoice protects what parts the choices of a custom variable.
func escapeChoice(s string) string { return strings.ReplaceAll(s, ",", `\,`) }

// annotated are the board's annotations as Grafana writes them. The first is
// Grafana's own, which every board has.
func (b *board) annotated() []any {
	list := []any{map[string]any{
		"builtIn": 1, "datasource": map[string]any{"type": "grafana", "uid": "-- Grafana --"}, "enable": true, "hide": true,
		"iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts", "type": "dashboard",
	}}
	for _, a := range b.annotations {
		list = append(list, map[string]any{
			"datasource": b.site.source(), "enable": true, "hide": false, "iconColor": a.color, "name": a.name,
			"expr": a.expr, "step": a.step, "titleFormat": a.title, "textFormat": a.text, "tagKeys": a.tags, "useValueForTime": false,
		})
	}
	return list
}

// milestones marks the days of the catalogue. PromQL knows nothing of them, so
// the query has them in it: the clock, cut down to a day, named by a label. Its
// step is a day, and days of every zone have one step in them.
func (s *site) milestones() []annotation {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		zone = time.UTC
	}
	var marks []string
	for _, m := range s.Milestones {
		title := s.in(m.Title)
		if m.Synthetic {
			title += s.text("（虚构）", " (made up)")
		}
		begin := m.Day.Start(zone).Unix()
		marks = append(marks, "label_replace(vector(time()) >= "+strconv.FormatInt(begin, 10)+" < "+strconv.FormatInt(begin+86400, 10)+
			`, "milestone", `+strconv.Quote(strings.ReplaceAll(title, "$", "$$"))+`, "", "")`)
	}
	if marks == nil {
		return nil
	}
	return []annotation{{
		name: s.text("政策节点", "Milestones"), color: "blue", expr: strings.Join(marks, "\nor\n"), step: "1d",
		title: "{{milestone}}", text: s.text("政策节点", "Milestone"), tags: "milestone",
	}}
}
