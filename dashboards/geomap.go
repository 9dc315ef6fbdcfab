package dashboards

import (
	"fmt"
	"math"
)

// choropleth colours counties by a query with their codes, and leads to the
// county. Below Grafana 12.2 the first row of an answer is never coloured, so
// the first row is one that is no county.
func (s *site) choropleth(title, description string, w, h int, f field, expr string) *panel {
	if f.Links == nil {
		f.Links = s.toCounty("${__data.fields.code}")
	}
	if f.Color == nil {
		f.Color = byThresholds()
	}
	style := func(opacity float64, colour map[string]any) map[string]any {
		return map[string]any{"color": colour, "opacity": opacity, "lineWidth": 1}
	}
	fixed := map[string]any{"fixed": "#55595f"}
	return &panel{
		kind: "geomap", title: title, description: description, w: w, fields: fieldConfig{Defaults: f},
		targets: []target{row(fmt.Sprintf("label_replace(min(%s), \"code\", \"none\", \"\", \"\")\nor\n%s", expr, expr))},
		options: map[string]any{
			"view":     s.Outlines.view(w, h),
			"controls": map[string]any{"showZoom": false, "mouseWheelZoom": false, "showAttribution": false, "showScale": false, "showDebug": false},
			"tooltip":  map[string]any{"mode": "details"},
			"basemap":  map[string]any{"type": "geojson", "name": s.text("轮廓", "Outlines"), "config": map[string]any{"src": s.Outlines.URL, "rules": []any{}, "style": style(0.2, fixed)}},
			"layers": []any{map[string]any{
				"type": "dynamic-geojson", "name": title, "tooltip": true, "location": map[string]any{"mode": "auto"},
				"config": map[string]any{
					"src": s.Outlines.URL, "idField": "code", "rules": []any{}, "style": style(0.4, fixed),
					"dataStyle": style(0.9, map[string]any{"field": "Value", "fixed": "#55595f"}),
				},
			}},
		},
	}
}

// view fits the outlines into a panel of so many columns and rows of the grid, on
// a screen of 1920 pixels.
func (o Outlines) view(w, h int) map[string]any {
	const (
		cell, row = 79.0, 38.0 // pixels of the grid
		margin    = 0.94
		title     = 50.0
	)
	top, bottom := mercator(o.North), mercator(o.South)
	wide := (float64(w)*cell - 30) / (256 * (o.East - o.West) / 360)
	high := (float64(h)*row - title) / (256 * (top - bottom))
	zoom := math.Log2(margin * min(wide, high))
	// The middle of the map, not of the degrees.
	middle := math.Atan(math.Sinh((top+bottom)/2*2*math.Pi)) * 180 / math.Pi
	round := func(x, by float64) float64 { return math.Round(x*by) / by }
	return map[string]any{
		"id": "coords", "allLayers": true, "lat": round(middle, 1000), "lon": round((o.East+o.West)/2, 1000), "zoom": round(zoom, 100),
	}
}

// mercator is how far north a latitude is on a web map that is 1 high.
func mercator(latitude float64) float64 {
	return math.Asinh(math.Tan(latitude*math.Pi/180)) / (2 * math.Pi)
}
