package quality

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// regionResolved finds the region, of a level that reports the indicator. What
// is none today may have been one in the reading's period.
type regionResolved struct {
	regions *divisions
	period  *periodParsed
	target  target
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

func (s *regionResolved) check(c *candidate) (*fact.Text, error) {
	var err error
	if c.reading.Total {
		c.region, err = s.resolveTotal(&c.reading, c.indicator.Levels)
	} else {
		c.region, err = s.resolve(&c.reading, c.indicator.Levels)
	}
	if err != nil {
		return s.unresolved(c, err)
	}
	return nil, nil
}

// unresolved says why a region was not found, unless there was one in the
// reading's period.
func (s *regionResolved) unresolved(c *candidate, err error) (*fact.Text, error) {
	var unresolved explainer
	if errors.As(err, &unresolved) && !c.reading.Total {
		if c.region, err = s.resolveThen(c, err); err == nil {
			return nil, nil
		}
	}
	if !errors.As(err, &unresolved) {
		return nil, fmt.Errorf("look up region %s: %w", written.Quoted(c.reading.Region), err)
	}
	if label := strings.Join(strings.Fields(c.reading.Region), ""); !c.reading.Total && isTotalLabel(label) {
		return say(
			"“%s”不是地区：如果该行是来源自己的合计，请在采集配置中写 totals: [%[1]s]；否则请去掉该行或改填地区。",
			`"%s" is no region: if this row is the source's own total, write totals: [%[1]s] in the collector; otherwise leave the row out, or write its region.`,
			label,
		), nil
	}
	reason := unresolved.Explain()
	return &reason, nil
}

// resolveThen asks the register as of the reading's period. Where it knows no
// better, or the period can't be told, unresolved stays.
func (s *regionResolved) resolveThen(c *candidate, unresolved error) (*fact.Region, error) {
	at := *c // only for its period, which has a stage of its own
	if reason, err := s.period.check(&at); reason != nil || err != nil {
		return nil, unresolved
	}
	region, err := s.regions.ResolveAt(c.reading.Region, c.indicator.Levels, c.reading.Within, at.period)
	var again explainer
	switch {
	case err == nil:
		s.regions.remember(region)
		return region, nil
	case errors.As(err, &again):
		return nil, unresolved
	}
	return nil, err
}

// isTotalLabel reports whether sources write the word where a row is a total.
func isTotalLabel(word string) bool {
	switch word {
	case "合计", "总计", "共计", "小计", "累计":
		return true
	}
	return false
}

// resolve asks the register. A code that lies where the names from above have
// been found to lead needs them no more; everything else goes the whole way.
func (s *regionResolved) resolve(r *fact.Reading, levels []fact.Level) (*fact.Region, error) {
	if allDigits(r.Region) {
		if in := s.enclosingOf(r.Within); in != nil {
			if region, err := s.regions.Resolve(r.Region, levels, nil); err == nil {
				if above, ok := s.regions.Above(region.Code, in.Level); ok && above.Code == in.Code {
					return region, nil
				}
			}
		}
	}
	if s.target.code != "" {
		// A name that many regions bear means the one of the region asked.
		within := append(slices.Clone(r.Within), s.target.code)
		if region, err := s.regions.Resolve(r.Region, levels, within); err == nil {
			return region, nil
		}
	}
	return s.regions.Resolve(r.Region, levels, r.Within)
}

// resolveTotal finds what a total is over: the region that it names or, failing
// that, the lowest of the names from above. It is above those that report the
// indicator. Without any name the total is over all, and there is no region.
func (s *regionResolved) resolveTotal(r *fact.Reading, levels []fact.Level) (*fact.Region, error) {
	var above []fact.Level
	for level := fact.Province; level < slices.Max(levels); level++ {
		above = append(above, level)
	}
	if strings.TrimSpace(r.Region) != "" {
		return s.regions.Resolve(r.Region, above, r.Within)
	}
	var first error
	for i, name := range r.Within {
		if strings.TrimSpace(name) == "" {
			continue
		}
		region, err := s.regions.Resolve(name, above, slices.Delete(slices.Clone(r.Within), i, i+1))
		if err == nil {
			return region, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func (s *regionResolved) enclosingOf(within []string) *fact.Region {
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

// allDigits reports whether s could be a code.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
