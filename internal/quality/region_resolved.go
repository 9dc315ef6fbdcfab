package quality

import (
	"errors"
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// regionResolved finds the region, of a level that reports the indicator.
type regionResolved struct {
	regions Regions
	// enclosing remembers the lowest region that names from above mean
	// together, or nil where that can't be told. Thousands of grids come with
	// the same names, and names cost more to look up than a code.
	enclosing map[namesAbove]*fact.Region
}

// namesAbove are a reading's Within, as written.
type namesAbove [mostNames]string

const (
	mostNames      = 4    // more than a source gives
	mostEnclosings = 4096 // more than a province has towns
)

// explainer is an error of the register that is the source's doing, not ours.
type explainer interface{ Explain() fact.Text }

func (s regionResolved) check(c *candidate) (*fact.Text, error) {
	region, err := s.resolve(&c.reading, c.indicator.Levels)
	if err == nil {
		c.region = region
		return nil, nil
	}
	var unresolved explainer
	if !errors.As(err, &unresolved) {
		return nil, fmt.Errorf("look up region %s: %w", quoted(c.reading.Region), err)
	}
	reason := unresolved.Explain()
	return &reason, nil
}

// resolve asks the register. A code that lies where the names from above have
// been found to lead needs them no more; everything else goes the whole way.
func (s regionResolved) resolve(r *fact.Reading, levels []fact.Level) (*fact.Region, error) {
	if digits, _ := cutDigits(r.Region); digits > 0 && digits == len(r.Region) {
		if in := s.enclosingOf(r.Within); in != nil {
			if region, err := s.regions.Resolve(r.Region, levels, nil); err == nil {
				if above, ok := s.regions.Above(region.Code, in.Level); ok && above.Code == in.Code {
					return region, nil
				}
			}
		}
	}
	return s.regions.Resolve(r.Region, levels, r.Within) //nolint:wrapcheck // check does
}

func (s regionResolved) enclosingOf(within []string) *fact.Region {
	if len(within) == 0 || len(within) > mostNames {
		return nil
	}
	var key namesAbove
	copy(key[:], within)
	found, ok := s.enclosing[key]
	if ok || len(s.enclosing) == mostEnclosings {
		return found
	}
	// Only the lowest of them lies in all the others.
	for i, name := range within {
		others := slices.Delete(slices.Clone(within), i, i+1)
		if region, err := s.regions.Resolve(name, nil, others); err == nil {
			found = region
			break
		}
	}
	s.enclosing[key] = found
	return found
}
