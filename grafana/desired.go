package grafana

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Desired is what a Grafana should have.
type Desired struct {
	Datasource Datasource
	Folders    []Folder
	Boards     []Board
	// Playlist shows the boards of the wall in turn; nil is none.
	Playlist *Playlist
	// Maps are for files only: Grafana has no API that takes them.
	Maps []Map
}

// Board is a dashboard in the classic model.
type Board struct {
	UID       string
	FolderUID string
	Title     string
	JSON      []byte
	// Wall says that the board is for the wall, and in its playlist.
	Wall bool
}

// Folder is a folder of boards.
type Folder struct {
	UID   string
	Title string
}

// Datasource is what the boards ask: a Prometheus, or what answers like one.
type Datasource struct {
	UID  string
	Name string
	// URL is where Grafana reaches it; empty says that the data source exists and
	// is not ours to make.
	URL string
}

// Playlist shows boards in turn, each for Interval.
type Playlist struct {
	UID      string
	Title    string
	Interval time.Duration
}

// Map is a GeoJSON file that boards draw.
type Map struct {
	Name    string // a file's name, such as counties.geojson
	Content []byte
}

// uidForm is what every Grafana takes as a uid.
var uidForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// ValidUID reports whether every Grafana takes a text as a uid.
func ValidUID(uid string) bool { return uidForm.MatchString(uid) }

// validate refuses what would fail half-way, or what Grafana would accept and
// turn into something else.
func (d Desired) validate() error {
	faults := []error{d.Datasource.validate()}
	if len(d.Boards) == 0 {
		faults = append(faults, errors.New("there are no boards"))
	}
	folders := map[string]bool{}
	for _, f := range d.Folders {
		switch {
		case !ValidUID(f.UID):
			faults = append(faults, fmt.Errorf("folder %q: a uid is 1 to 40 letters, digits, - and _", f.UID))
		case folders[f.UID]:
			faults = append(faults, fmt.Errorf("folder %s stands twice", f.UID))
		case strings.TrimSpace(f.Title) == "" || strings.Contains(f.Title, "/"):
			faults = append(faults, fmt.Errorf("folder %s: the title %q must not be empty or contain a /, which Grafana takes for a path", f.UID, f.Title))
		}
		folders[f.UID] = true
	}
	known := map[string]bool{}
	for _, b := range d.Boards {
		switch {
		case !ValidUID(b.UID):
			faults = append(faults, fmt.Errorf("board %q: a uid is 1 to 40 letters, digits, - and _", b.UID))
		case known[b.UID]:
			faults = append(faults, fmt.Errorf("board %s stands twice", b.UID))
		case !folders[b.FolderUID]:
			faults = append(faults, fmt.Errorf("board %s: there is no folder %q: give its title under grafana.folders", b.UID, b.FolderUID))
		}
		known[b.UID] = true
	}
	if p := d.Playlist; p != nil && (!ValidUID(p.UID) || strings.TrimSpace(p.Title) == "" || p.Interval < time.Second) {
		faults = append(faults, fmt.Errorf("playlist %q: it needs a uid of 1 to 40 letters, digits, - and _, a title, and an interval of a second or more", p.UID))
	}
	for _, m := range d.Maps {
		if err := m.validate(); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

func (d Datasource) validate() error {
	if !ValidUID(d.UID) {
		return fmt.Errorf("data source %q: a uid is 1 to 40 letters, digits, - and _", d.UID)
	}
	if d.URL != "" && strings.TrimSpace(d.Name) == "" {
		return fmt.Errorf("data source %s has no name", d.UID)
	}
	return nil
}

// wall returns the uids of the boards of the wall, in their order.
func (d Desired) wall() []string {
	var uids []string
	for _, b := range d.Boards {
		if b.Wall {
			uids = append(uids, b.UID)
		}
	}
	return uids
}

// sorted returns a copy in the order of the uids, but for the boards of the wall
// among themselves: they are shown in the order they came in.
func (d Desired) sorted() Desired {
	d.Folders, d.Maps = slices.Clone(d.Folders), slices.Clone(d.Maps)
	slices.SortFunc(d.Folders, func(a, b Folder) int { return strings.Compare(a.UID, b.UID) })
	slices.SortFunc(d.Maps, func(a, b Map) int { return strings.Compare(a.Name, b.Name) })
	return d
}
