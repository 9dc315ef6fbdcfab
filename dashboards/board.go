package dashboards

import (
	"fmt"
	"strconv"

	"github.com/grafana-tools/sdk"
)

// schemaVersion is the last of the classic model; every Grafana since 9 loads it.
const schemaVersion = 42

// gridWidth is how many columns a board has.
const gridWidth = 24

// board is one board before it becomes JSON.
type board struct {
	site        *site
	uid         string
	title       string
	description string
	wall        bool
	from        string // "now-1y"
	variables   []variable
	annotations []annotation
	links       []link
	panels      []*panel
}

// panel is one panel of a board. X and Y are where its corner is on the grid.
type panel struct {
	kind        string
	title       string
	description string
	x, y, w, h  int
	targets     []target
	options     any
	fields      fieldConfig
	transform   []transformation
	links       []link
	transparent bool
}

// variable is what a viewer can choose.
type variable struct {
	name, label string
	// query is PromQL within query_result; regex finds text and value in what it
	// answers. Without a query the choices are options.
	query, regex string
	options      []option
	// all adds a choice of all, which stands for the value all.
	all string
	// current is what is chosen at first: of the walls for ever.
	current option
}

type option struct{ text, value string }

// annotation marks moments on charts.
type annotation struct {
	name, color       string
	expr              string
	step              string
	title, text, tags string // of an annotation, with {{label}} in them; tags are labels
}

// place lays panels side by side from x 0 on, all of one height.
func (b *board) place(y, h int, panels ...*panel) {
	x := 0
	for _, p := range panels {
		p.x, p.y, p.h = x, y, h
		x += p.w
		b.panels = append(b.panels, p)
	}
}

// finish makes the board's JSON.
func (b *board) finish() (Dashboard, error) {
	s := sdk.Board{
		UID:           b.uid,
		Title:         b.title,
		Tags:          b.tags(),
		Timezone:      b.site.Zone,
		SchemaVersion: schemaVersion,
		Time:          sdk.Time{From: b.from, To: "now"},
		Timepicker:    sdk.Timepicker{RefreshIntervals: []string{"1m", "5m", "15m", "1h"}},
		GraphTooltip:  1,
	}
	for _, l := range b.links {
		s.Links = append(s.Links, sdk.Link{Title: l.title, Type: "link", URL: new(l.url), Icon: new("dashboard"), IncludeVars: true, KeepTime: new(true), AsDropdown: new(false), TargetBlank: new(false), Tooltip: new("")})
	}
	for i, p := range b.panels {
		if p.fields.Defaults.NoValue == "" {
			p.without(b.site.nothing(p.kind))
		}
		made, err := p.build(uint(i+1), b.site.source())
		if err != nil {
			return Dashboard{}, err
		}
		s.Panels = append(s.Panels, made)
	}
	out, err := b.normalise(&s)
	if err != nil {
		return Dashboard{}, err
	}
	return Dashboard{UID: b.uid, FolderUID: b.site.Folder, Title: b.title, Wall: b.wall, JSON: out}, nil
}

func (b *board) tags() []string {
	tags := []string{Tag, Tag + "-" + string(b.site.Language)}
	if b.wall {
		tags = append(tags, Tag+"-wall")
	}
	return tags
}

// source is the data source that all queries go to.
func (s *site) source() datasource { return datasource{Type: "prometheus", UID: s.Datasource} }

// build makes the sdk's panel.
func (p *panel) build(id uint, source datasource) (*sdk.Panel, error) {
	if p.description == "" {
		return nil, fmt.Errorf("the panel %q has no description", p.title)
	}
	made := &sdk.Panel{CommonPanel: sdk.CommonPanel{
		ID: id, OfType: sdk.CustomType, Type: p.kind, Title: p.title, Description: new(p.description), Transparent: p.transparent,
	}}
	made.GridPos.X, made.GridPos.Y, made.GridPos.W, made.GridPos.H = new(p.x), new(p.y), new(p.w), new(p.h)
	custom := sdk.CustomPanel{"options": p.options}
	if len(p.targets) > 0 {
		made.Datasource = source
		custom["targets"] = p.refer(source)
	}
	if p.kind != "text" {
		custom["fieldConfig"] = p.complete()
	}
	if len(p.transform) > 0 {
		custom["transformations"] = p.transform
	}
	for _, l := range p.links {
		made.Links = append(made.Links, sdk.Link{Title: l.title, Type: "link", URL: new(l.url), TargetBlank: new(false)})
	}
	made.CustomPanel = &custom
	return made, nil
}

// complete fills in the lists that Grafana's types ask for.
func (p *panel) complete() fieldConfig {
	f := p.fields
	if f.Overrides == nil {
		f.Overrides = []override{}
	}
	return f
}

// without says what an empty panel means, where that is good news.
func (p *panel) without(text string) *panel {
	p.fields.Defaults.NoValue = text
	return p
}

// refer gives every target a letter, where it has none, and the data source.
func (p *panel) refer(source datasource) []target {
	targets := make([]target, len(p.targets))
	for i, t := range p.targets {
		if t.RefID == "" {
			t.RefID = refID(i)
		}
		t.Datasource, t.EditorMode = source, "code"
		targets[i] = t
	}
	return targets
}

// refID is the name of the i-th query of a panel: A to Z, then A1, B1 and so on.
func refID(i int) string {
	letter := string(rune('A' + i%26))
	if i < 26 {
		return letter
	}
	return letter + strconv.Itoa(i/26)
}

// nothing is what an empty panel of a kind says. A chart of what has stood is empty
// for the time before the ledger.
func (s *site) nothing(kind string) string {
	if kind == "timeseries" {
		return s.text("此时段尚无记录", "Nothing was recorded in this time")
	}
	return s.text("没有数据", "No data")
}
