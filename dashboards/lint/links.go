package lint

import (
	"encoding/json"
	"regexp"
)

// placed is a link with where it is.
type placed struct {
	link
	at place
	// data says that it starts from a value; the other links are at the head of a
	// board or a panel.
	data bool
}

// links are all links of all boards.
func (s *set) links() []placed {
	var all []placed
	add := func(at place, data bool, links ...link) {
		for _, l := range links {
			all = append(all, placed{l, at, data})
		}
	}
	for _, b := range s.boards {
		add(place{b, nil}, false, b.Links...)
		for _, p := range b.Panels {
			at := place{b, p}
			add(at, false, p.Links...)
			add(at, true, p.FieldConfig.Defaults.Links...)
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					var links []link
					if property.ID == "links" && json.Unmarshal(property.Value, &links) == nil {
						add(at, true, links...)
					}
				}
			}
		}
	}
	return all
}

// toBoard is an address of a board: the uid, and what is behind it.
var toBoard = regexp.MustCompile(`^/?d/([^/?]+)(.*)$`)
