package dashboards

// The units that boards use, as Grafana names them.
const (
	unitNone    = "none"
	unitCount   = "locale" // with separators of thousands
	unitRatio   = "percentunit"
	unitSeconds = "s"
	unitBytes   = "bytes"
	unitMoment  = "time:YYYY-MM-DD HH:mm"
	unitDay     = "time:YYYY-MM-DD"
)

// The colours of good, of what needs a look, of bad.
const (
	good    = "green"
	warning = "orange"
	bad     = "red"
	neutral = "text"
)

// last shows the newest value of every series.
func last() reduceOptions { return reduceOptions{Calcs: []string{"lastNotNull"}} }

// now asks for what stands at the end of the time range, as series.
func now(expr, legend string) target {
	return target{Expr: expr, LegendFormat: legend, Format: "time_series", Instant: true}
}

// row asks for the same as a table.
func row(expr string) target {
	return target{Expr: expr, Format: "table", Instant: true}
}

// over asks for the course over the time range.
func over(expr, legend string) target {
	return target{Expr: expr, LegendFormat: legend, Format: "time_series", Range: true}
}

// heat colours from red at low through orange to green: at low and above it is
// orange, at high and above green.
func heat(low, high float64) *thresholds {
	return &thresholds{Mode: "absolute", Steps: []step{{bad, base(low)}, {warning, low}, {good, high}}}
}

// alarm colours green below low, orange from it, red from high on.
func alarm(low, high float64) *thresholds {
	return &thresholds{Mode: "absolute", Steps: []step{{good, base(low)}, {warning, low}, {bad, high}}}
}

// plain has one colour.
func plain(color string) *thresholds {
	return &thresholds{Mode: "absolute", Steps: []step{{Color: color}}}
}

// base is below the first bound; Grafana takes the first step from minus
// infinity, whatever is written.
func base(bound float64) float64 { return min(0, bound-1) }

func byThresholds() *color { return &color{Mode: "thresholds"} }

// stat shows single values, side by side.
func stat(title, description string, w int, f field, targets ...target) *panel {
	if f.Color == nil {
		f.Color = byThresholds()
	}
	if f.Thresholds == nil {
		f.Thresholds = plain(neutral)
	}
	return &panel{
		kind: "stat", title: title, description: description, w: w, targets: targets, fields: fieldConfig{Defaults: f},
		options: statOptions{
			ReduceOptions: last(), Orientation: "vertical", TextMode: "auto", ColorMode: "value", GraphMode: "none", JustifyMode: "center",
			PercentChangeColorMode: "standard",
		},
	}
}

// bars shows one bar for each series.
func bars(title, description string, w int, f field, targets ...target) *panel {
	if f.NoValue != "" { // else what says that there is nothing to worry about is red
		f.Mappings = append(f.Mappings, mapping{"special", special{"null+nan", mapped{Text: f.NoValue, Color: neutral}}})
	}
	if f.Color == nil {
		f.Color = byThresholds()
	}
	return &panel{
		kind: "bargauge", title: title, description: description, w: w, targets: targets, fields: fieldConfig{Defaults: f},
		options: barGaugeOptions{
			ReduceOptions: last(), Orientation: "horizontal", DisplayMode: "basic", ShowUnfilled: true, MinVizWidth: 8, MinVizHeight: 10,
			MaxVizHeight: 300, NamePlacement: "auto", Sizing: "auto", ValueMode: "color", Legend: legend{DisplayMode: "list", Placement: "bottom", Calcs: []string{}},
		},
	}
}

// lines shows the course of every series.
func lines(title, description string, w int, f field, targets ...target) *panel {
	if f.Color == nil {
		f.Color = &color{Mode: "palette-classic"}
	}
	f.Custom = map[string]any{
		"drawStyle": "line", "lineInterpolation": "stepAfter", "lineWidth": 2, "fillOpacity": 0, "showPoints": "never", "spanNulls": false,
	}
	return &panel{
		kind: "timeseries", title: title, description: description, w: w, targets: targets, fields: fieldConfig{Defaults: f},
		options: timeseriesOptions{
			Legend:  legend{DisplayMode: "list", Placement: "bottom", ShowLegend: true, Calcs: []string{}},
			Tooltip: tooltip{Mode: "multi", Sort: "desc"},
		},
	}
}

// column is a field of a table under its own name.
type column struct {
	field string // as the query names it
	title string
	unit  string
	width int
	// shade colours the cell by thresholds; links lead on from it.
	shade    *thresholds
	links    []dataLink
	mappings []mapping
	decimals *int
	// plain says that the cell is none of a table whose cells are all coloured.
	plain bool
	// order is the label that rows come in the order of, where it is another.
	order string
}

// table shows some labels of what one query answers, and its value under the
// field Value; nothing else.
func table(title, description string, w int, columns []column, expr string) *panel {
	p := &panel{
		kind: "table", title: title, description: description, w: w, targets: []target{row(expr)},
		options: tableOptions{ShowHeader: true, CellHeight: "sm"},
		fields:  fieldConfig{Defaults: field{Unit: unitNone, Custom: cellDefaults()}},
	}
	order, names, shown := map[string]any{}, map[string]any{}, []string{}
	for i, c := range columns {
		order[c.field], names[c.field] = i, c.title
		shown = append(shown, c.field)
		p.fields.Overrides = append(p.fields.Overrides, c.override())
	}
	p.transform = []transformation{
		{"filterFieldsByName", map[string]any{"include": map[string]any{"names": shown}}},
		{"organize", map[string]any{"indexByName": order, "renameByName": names, "excludeByName": map[string]any{}}},
	}
	return p
}

// shaded are the options of cells that are coloured, since 9.5 and before.
func shaded() []property {
	return []property{
		{"custom.cellOptions", map[string]any{"type": "color-background", "mode": "basic"}},
		{"custom.displayMode", "color-background-solid"},
	}
}

// override is what a column adds to the table's defaults.
func (c column) override() override {
	o := override{Matcher: matcher{"byName", c.title}, Properties: []property{{"unit", c.unit}}}
	if c.unit == "" {
		o.Properties[0].Value = unitNone
	}
	if c.width > 0 {
		o.Properties = append(o.Properties, property{"custom.width", c.width})
	}
	if c.shade != nil {
		o.Properties = append(o.Properties, property{"thresholds", c.shade}, property{"color", byThresholds()})
		o.Properties = append(o.Properties, shaded()...)
	}
	if c.plain {
		o.Properties = append(o.Properties, property{"custom.cellOptions", map[string]any{"type": "auto"}}, property{"custom.displayMode", "auto"})
	}
	if c.decimals != nil {
		o.Properties = append(o.Properties, property{"decimals", *c.decimals})
	}
	if len(c.links) > 0 {
		o.Properties = append(o.Properties, property{"links", c.links})
	}
	if len(c.mappings) > 0 {
		o.Properties = append(o.Properties, property{"mappings", c.mappings})
	}
	return o
}
