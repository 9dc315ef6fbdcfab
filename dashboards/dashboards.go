package dashboards

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// Language is what the texts of a board are in.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Options are what boards are made from. They are only read.
type Options struct {
	// Site is the name of the whole, Region its code, Notice what must stand
	// beside its figures; an empty Notice is none.
	Site   fact.Text
	Region string
	Notice fact.Text
	// Zone is the name of the time zone that boards show times in.
	Zone string
	// Themes and Indicators are the catalogue, in its order.
	Themes     []fact.Theme
	Indicators []fact.Indicator
	Milestones []fact.Milestone
	// Datasource is the uid of the Prometheus data source that answers.
	Datasource string
	// Folder is the uid of the folder that the boards go into.
	Folder   string
	Language Language
	// BaseURL is where a browser reaches govkpi, without a slash at its end, for
	// links to explanations; empty leaves them out.
	BaseURL string
	// Outlines places the map; without an address the boards show tables only.
	Outlines Outlines
}

// Outlines say where a browser finds the outlines of the counties: a GeoJSON
// whose features have the codes as ids. URL may be relative to Grafana's own
// address, such as public/maps/counties.geojson. What is looked at are Latitude
// and Longitude, in degrees, at Zoom, of a web map's zoom levels.
type Outlines struct {
	URL                 string
	Latitude, Longitude float64
	Zoom                float64
	// Attribution is whose outlines they are.
	Attribution fact.Text
}

// Dashboard is a finished board.
type Dashboard struct {
	// UID is stable: it follows from what the board is about and its language.
	UID       string
	FolderUID string
	Title     string
	// Wall says that the board is made for a screen of 1920×1080 that nobody
	// touches, and belongs on a playlist.
	Wall bool
	// JSON is the board in Grafana's classic model, indented, keys sorted, with a
	// line break at its end. It has a uid, a version of 0 and no id.
	JSON []byte
}

// Tag is on every board that this package makes, and on no other: what has it
// may be replaced or deleted by whoever provisions.
const Tag = "govkpi"

// Generate makes all boards of a site in one language: first the walls, in the
// order in which a playlist shows them, then the others. The same Options give
// the same bytes.
func Generate(o Options) ([]Dashboard, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	s := newSite(o)
	var all []Dashboard
	for _, b := range s.boards() {
		d, err := b.finish()
		if err != nil {
			return nil, fmt.Errorf("make the dashboard %s: %w", b.uid, err)
		}
		all = append(all, d)
	}
	return all, nil
}

func (o Options) validate() error {
	switch {
	case len(o.Indicators) == 0:
		return errors.New("dashboards: the catalogue has no indicators, so there is nothing to show")
	case o.Region == "":
		return errors.New("dashboards: the site's region is missing")
	case o.Datasource == "":
		return errors.New("dashboards: the uid of the data source is missing")
	case o.Folder == "":
		return errors.New("dashboards: the uid of the folder is missing")
	case o.Language != Chinese && o.Language != English:
		return fmt.Errorf("dashboards: unknown language %q: expected zh or en", o.Language)
	}
	return nil
}

// boards are all boards of a site, walls first.
func (s *site) boards() []*board {
	return []*board{s.health()}
}

// site is what the boards of one language are made from.
type site struct{ Options }

func newSite(o Options) *site { return &site{o} }

// text is a phrase in the language of the boards.
func (s *site) text(zh, en string) string {
	if s.Language == English {
		return en
	}
	return zh
}

// in is a text of the configuration in the language of the boards.
func (s *site) in(t fact.Text) string { return s.text(t.ZH, t.EN) }

// ofTheme are a theme's indicators, in the order of the catalogue.
func (s *site) ofTheme(id string) []fact.Indicator {
	return slices.DeleteFunc(slices.Clone(s.Indicators), func(i fact.Indicator) bool { return i.Theme != id })
}

// counties are the indicators that counties report: those that can be compared
// on a map and in a row.
func counties(indicators []fact.Indicator) []fact.Indicator {
	return slices.DeleteFunc(slices.Clone(indicators), func(i fact.Indicator) bool { return !i.HasLevel(fact.County) })
}

// headlines are what a province's wall shows of each theme: its first two
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
		// Where all counties take part there is more to see.
		slices.SortStableFunc(own, func(a, b fact.Indicator) int { return cmp.Compare(breadth(a), breadth(b)) })
		all = append(all, own[:min(each, len(own))]...)
	}
	return all[:min(most, len(all))]
}

// breadth orders indicators of the whole site before those of single regions.
func breadth(i fact.Indicator) int {
	switch {
	case len(i.Within) > 0:
		return 2
	case !i.HasLevel(fact.County):
		return 1
	}
	return 0
}
