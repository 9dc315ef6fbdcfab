package dashboards

import (
	"errors"
	"fmt"

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
	// Regions are the register's; cities and counties are what is used of them.
	Regions []fact.Region
	// Datasource is the uid of the Prometheus data source that answers.
	Datasource string
	// Folder is the uid of the folder that the boards go into.
	Folder   string
	Language Language
	// BaseURL is where a browser reaches govkpi, without a slash at its end, for
	// links to explanations; empty leaves them out.
	BaseURL string
	// Outlines are drawn on maps; without them the boards show tables only.
	Outlines Outlines
}

// Outlines say where a browser finds the outlines of the counties: a GeoJSON
// whose features have the codes as ids.
type Outlines struct {
	// URL may be relative to Grafana's own address, such as
	// public/maps/counties.geojson; empty is no map.
	URL string
	// What the outlines lie within, in degrees.
	West, South, East, North float64
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
	boards := []*board{s.wallProvince()}
	for _, theme := range s.Themes {
		if indicators := s.ofTheme(theme.ID); len(indicators) > 0 {
			boards = append(boards, s.wallTheme(theme, indicators))
		}
	}
	return append(boards, s.city(), s.county(), s.indicator(), s.lagging(), s.health())
}
