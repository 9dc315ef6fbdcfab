package lint

import "fmt"

// panelDatasource: a query without a data source goes to the default one of
// whichever Grafana it is; and all boards ask the same.
func panelDatasource(s *set, report func(place, string)) {
	uid := ""
	check := func(at place, what string, d *datasource) {
		switch {
		case d == nil || d.UID == "":
			report(at, what+" names no data source")
		case d.Type != "prometheus":
			report(at, fmt.Sprintf("%s asks a data source of type %q: expected prometheus", what, d.Type))
		case uid == "":
			uid = d.UID
		case d.UID != uid:
			report(at, fmt.Sprintf("%s asks %s, others ask %s", what, d.UID, uid))
		}
	}
	for _, b := range s.boards {
		for _, p := range b.Panels {
			for _, t := range p.Targets {
				check(place{b, p}, "query "+t.RefID, t.Datasource)
			}
			if len(p.Targets) > 0 {
				check(place{b, p}, "the panel", p.Datasource)
			}
		}
		for _, v := range b.Templating.List {
			if v.Type == "query" {
				check(place{b, nil}, "the variable "+v.Name, v.Datasource)
			}
		}
		for _, a := range b.Annotations.List {
			if a.Expr != "" {
				check(place{b, nil}, "the annotation "+a.Name, a.Datasource)
			}
		}
	}
}
