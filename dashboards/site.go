package dashboards

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// site is what the boards of one language are made from.
type site struct {
	Options
	// cities and counties are in the order of their codes.
	cities, counties []fact.Region
	names            map[string]string // of cities, by code
}

func newSite(o Options) *site {
	s := &site{Options: o, names: map[string]string{}}
	for _, r := range o.Regions {
		switch r.Level {
		case fact.City:
			s.cities = append(s.cities, r)
			s.names[r.Code] = r.Name
		case fact.County:
			s.counties = append(s.counties, r)
		}
	}
	byCode := func(a, b fact.Region) int { return strings.Compare(a.Code, b.Code) }
	slices.SortFunc(s.cities, byCode)
	slices.SortFunc(s.counties, byCode)
	return s
}

// text is a phrase in the language of the boards.
func (s *site) text(zh, en string) string {
	if s.Language == English {
		return en
	}
	return zh
}

// in is a text of the configuration in the language of the boards.
func (s *site) in(t fact.Text) string { return s.text(t.ZH, t.EN) }

// label is the label of governance_indicator_info that has a text in the
// language of the boards: title_zh.
func (s *site) label(of string) string { return of + "_" + string(s.Language) }

// ofTheme are a theme's indicators, in the order of the catalogue.
func (s *site) ofTheme(id string) []fact.Indicator {
	return slices.DeleteFunc(slices.Clone(s.Indicators), func(i fact.Indicator) bool { return i.Theme != id })
}

// ofCounties are the indicators that counties report: those that can be compared
// on a map and in a row.
func ofCounties(indicators []fact.Indicator) []fact.Indicator {
	return slices.DeleteFunc(slices.Clone(indicators), func(i fact.Indicator) bool { return !i.HasLevel(fact.County) })
}

// ids are the indicators as a regular expression.
func ids(indicators []fact.Indicator) string {
	all := make([]string, len(indicators))
	for i := range indicators {
		all[i] = indicators[i].ID
	}
	return strings.Join(all, "|")
}

// headlines are what the province's wall shows: of each theme the first two
// indicators that are a figure of their own, not a part of a ratio.
func (s *site) headlines() []fact.Indicator {
	parts := map[string]bool{}
	for _, i := range s.Indicators {
		if i.Kind == fact.RatioKind {
			parts[i.Numerator], parts[i.Denominator] = true, true
		}
	}
	const (
		each = 2 // of a theme
		most = 8 // what can be read from eight metres
	)
	var all []fact.Indicator
	for _, theme := range s.Themes {
		own := slices.DeleteFunc(s.ofTheme(theme.ID), func(i fact.Indicator) bool { return parts[i.ID] })
		slices.SortStableFunc(own, func(a, b fact.Indicator) int { return cmp.Compare(breadth(a), breadth(b)) })
		all = append(all, own[:min(each, len(own))]...)
	}
	return all[:min(most, len(all))]
}

// breadth orders indicators of all counties before those of other levels, and
// both before those of single regions.
func breadth(i fact.Indicator) int {
	switch {
	case len(i.Within) > 0:
		return 2
	case !i.HasLevel(fact.County):
		return 1
	}
	return 0
}

// unit is how an indicator's figures are shown.
func unit(i fact.Indicator) string {
	if i.Unit.ID == "ratio" || i.Kind == fact.RatioKind {
		return unitRatio
	}
	return unitCount
}

// days and hours are units with a word of the board's language: Grafana's own
// write "5.8 week".
func (s *site) days() string { return s.text("suffix: 天", "suffix: d") }

func (s *site) hours() string { return s.text("suffix: 小时", "suffix: h") }

// titles show the titles of indicators instead of their ids.
func (s *site) titles() []mapping {
	texts := map[string]string{}
	for _, i := range s.Indicators {
		texts[i.ID] = s.in(i.Title)
	}
	return mapValues(texts)
}

// definitions show what indicators mean instead of their ids.
func (s *site) definitions() []mapping {
	texts := map[string]string{}
	for _, i := range s.Indicators {
		texts[i.ID] = s.in(i.Definition)
	}
	return mapValues(texts)
}

// cityNames and countyNames show names instead of codes; a county's with its
// city's.
func (s *site) cityNames() []mapping { return mapValues(s.names) }

func (s *site) countyNames() []mapping {
	texts := map[string]string{}
	for _, r := range s.counties {
		texts[r.Code] = strings.TrimSpace(s.names[r.Parent] + " " + r.Name)
	}
	return mapValues(texts)
}

// mapValues shows texts instead of values.
func mapValues(texts map[string]string) []mapping {
	options := map[string]mapped{}
	for i, value := range slices.Sorted(maps.Keys(texts)) {
		options[value] = mapped{Text: texts[value], Index: i}
	}
	if len(options) == 0 {
		return nil
	}
	return []mapping{{"value", options}}
}

// blank shows a dash in a colour where there is no figure: in a table's cell
// transparent, since the colour is that of the cell.
func blank(color string) []mapping {
	return []mapping{{"special", special{"null+nan", mapped{Text: "—", Color: color}}}}
}
