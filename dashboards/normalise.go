package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/grafana-tools/sdk"
)

// normalise turns what the sdk writes into what Grafana reads today: it takes out
// what Grafana has dropped and every null, and adds what the sdk has no fields
// for.
func (b *board) normalise(s *sdk.Board) ([]byte, error) {
	written, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the dashboard: %w", err)
	}
	var read map[string]any
	if err := json.Unmarshal(written, &read); err != nil {
		return nil, fmt.Errorf("read the dashboard back: %w", err)
	}
	drop(read, "id", "slug", "originalTitle", "hideControls", "sharedCrosshair", "rows", "style")
	if panels, ok := read["panels"].([]any); ok {
		for _, p := range panels {
			if panel, ok := p.(map[string]any); ok {
				drop(panel, "editable", "error", "isNew", "span", "renderer")
				if panel["links"] != nil {
					panel["links"] = linked(panel["links"])
				}
			}
		}
	}
	if picker, ok := read["timepicker"].(map[string]any); ok {
		drop(picker, "time_options")
		if b.wall {
			picker["hidden"] = true
		}
	}
	read["description"] = b.description
	read["editable"] = false
	read["refresh"] = "1m"
	read["weekStart"] = "monday"
	read["fiscalYearStartMonth"] = 0
	read["links"] = linked(read["links"])
	read["templating"] = map[string]any{"list": b.templating()}
	read["annotations"] = map[string]any{"list": b.annotated()}
	// A file that only moves to another folder must still be seen as changed.
	read["tags"] = append(anys(b.tags()), Tag+"-folder-"+b.site.Folder)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(withoutNulls(read)); err != nil {
		return nil, fmt.Errorf("write the dashboard: %w", err)
	}
	return out.Bytes(), nil
}

// linked adds what every link must have today.
func linked(links any) []any {
	all, _ := links.([]any)
	for _, l := range all {
		if one, ok := l.(map[string]any); ok && one["tags"] == nil {
			one["tags"] = []any{}
		}
	}
	if all == nil {
		return []any{}
	}
	return all
}

func drop(object map[string]any, keys ...string) {
	for _, key := range keys {
		delete(object, key)
	}
}

func anys(texts []string) []any {
	all := make([]any, len(texts))
	for i, t := range texts {
		all[i] = t
	}
	return all
}

// withoutNulls leaves out every null, wherever it is.
func withoutNulls(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner == nil {
				delete(v, key)
				continue
			}
			v[key] = withoutNulls(inner)
		}
	case []any:
		for i := range v {
			v[i] = withoutNulls(v[i])
		}
	}
	return value
}
