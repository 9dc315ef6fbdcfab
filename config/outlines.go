package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path"

	"github.com/govkpi/govkpi/internal/fact"
)

// Outlines are the shapes of regions for maps.
type Outlines struct {
	// Name is the file's, without its folder: counties.geojson.
	Name string
	// Content is a GeoJSON FeatureCollection of polygons; every feature's id is
	// the code of another region of the register.
	Content []byte
	// Attribution says whose shapes they are; maps show it.
	Attribution fact.Text
	// What the shapes lie within, in degrees.
	West, South, East, North float64
}

type outlinesBlock struct {
	Self        *node     `yaml:",self"`
	File        string    `yaml:"file"`
	Attribution textBlock `yaml:"attribution"`
}

// largestOutlines is how large the file may be, in bytes: every browser that
// shows a map loads all of it.
const largestOutlines = 4 << 20

// outlines reads the shapes; b is nil where the site has none.
func (l *loader) outlines(b *outlinesBlock) *Outlines {
	if b == nil {
		return nil
	}
	o := &Outlines{Attribution: l.text(&b.Attribution)}
	if !l.problems.has(b.Self, "file") {
		return o
	}
	n := b.Self.child("file")
	name, ok := l.inTree(n)
	if !ok {
		return o
	}
	f := l.open(name, largestOutlines, n.at, n.label())
	if f == nil {
		return o
	}
	f.limit = mostRefusals
	o.Name, o.Content = path.Base(name), f.content
	l.shapes(f, o)
	return o
}

// feature is what maps need of a feature of GeoJSON.
type feature struct {
	Type     string          `json:"type"`
	ID       json.RawMessage `json:"id"`
	Geometry struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

// shapes refuses what a map could not draw, each feature at its own place.
func (l *loader) shapes(f *file, o *Outlines) {
	var collection struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	decoder := json.NewDecoder(bytes.NewReader(f.content))
	if err := decoder.Decode(&collection); err != nil {
		l.problems.at(offset(f, badByte(err, decoder.InputOffset())), "this is not GeoJSON: %v", err)
		return
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		l.problems.at(offset(f, decoder.InputOffset()), "something stands behind the end of the GeoJSON")
		return
	}
	if collection.Type != "FeatureCollection" || len(collection.Features) == 0 {
		l.problems.at(position{f, 1, 1}, "expected a FeatureCollection with features, found %q with %d", collection.Type, len(collection.Features))
		return
	}
	o.West, o.South, o.East, o.North = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	seen := map[string]bool{}
	from := 0
	for i, raw := range collection.Features {
		// The bytes are those of the file, so this is the place of the feature.
		at := from + bytes.Index(f.content[from:], raw)
		from = at + len(raw)
		if err := l.shape(raw, seen, o); err != nil {
			l.problems.at(offset(f, int64(at)), "feature %d: %v", i+1, err)
		}
	}
}

// shape checks one feature and widens the bounds by it.
func (l *loader) shape(raw json.RawMessage, seen map[string]bool, o *Outlines) error {
	var one feature
	if err := json.Unmarshal(raw, &one); err != nil {
		return errors.New("this is no feature: expected an object with id and geometry")
	}
	var id string
	if err := json.Unmarshal(one.ID, &id); err != nil {
		return errors.New(`its "id" must be the region's code, as a text in quotes`)
	}
	code, ok := parseCode(id)
	switch {
	case !ok:
		return fmt.Errorf("its id %q is no region code: %s", id, codeForm)
	case seen[id]:
		return fmt.Errorf("the id %s stands twice", id)
	case !l.register.broken && !l.incomplete && l.register.index.find(code) < 0:
		return fmt.Errorf("there is no region with the code %s in the registers of regions.divisions", id)
	}
	seen[id] = true
	return one.widen(o)
}

// widen takes the polygons of a feature into the bounds.
func (one *feature) widen(o *Outlines) error {
	var polygons [][][][]float64
	var err error
	switch one.Geometry.Type {
	case "Polygon":
		polygons = make([][][][]float64, 1)
		err = json.Unmarshal(one.Geometry.Coordinates, &polygons[0])
	case "MultiPolygon":
		err = json.Unmarshal(one.Geometry.Coordinates, &polygons)
	default:
		return fmt.Errorf("its geometry is %q: expected Polygon or MultiPolygon", one.Geometry.Type)
	}
	if err != nil {
		return fmt.Errorf("its coordinates are not those of a %s", one.Geometry.Type)
	}
	for _, polygon := range polygons {
		for _, ring := range polygon {
			for _, point := range ring {
				if len(point) < 2 || math.Abs(point[0]) > 180 || math.Abs(point[1]) > 90 {
					return fmt.Errorf("%v is no longitude and latitude in degrees", point)
				}
				o.West, o.East = min(o.West, point[0]), max(o.East, point[0])
				o.South, o.North = min(o.South, point[1]), max(o.North, point[1])
			}
		}
	}
	return nil
}

// badByte is where JSON stopped making sense.
func badByte(err error, otherwise int64) int64 {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return max(0, syntax.Offset-1)
	}
	return otherwise
}

// offset is the place of a byte of a file.
func offset(f *file, at int64) position {
	before := f.content[:min(int(at), len(f.content))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return position{f, line, column}
}
