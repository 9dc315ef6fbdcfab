package app

import (
	"errors"
	"slices"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// chosen returns the regions that a for_each or an expectation names, by code or
// as listed. Every listed one must be in the register, within the site.
func (r *register) chosen(site string, level fact.Level, listed []string) ([]*fact.Region, error) {
	if level != 0 {
		return slices.Collect(r.Under(site, level)), nil
	}
	var (
		regions []*fact.Region
		refused []error
	)
	for _, written := range listed {
		found, err := r.Resolve(written, nil, nil)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		regions = append(regions, found)
	}
	return regions, errors.Join(refused...)
}

// targetsOf returns what a collector is fanned out over.
func targetsOf(r *register, site string, c config.Collector) ([]collectors.Target, error) {
	regions, err := r.chosen(site, c.ForEach.Level, c.ForEach.Regions)
	if err != nil {
		return nil, c.Block.Errorf("for_each", "for_each names a region that is not in the register: %w", err)
	}
	targets := make([]collectors.Target, len(regions))
	for i, region := range regions {
		targets[i] = collectors.Target{Code: region.Code, Name: region.Name, Level: region.Level}
		if above, ok := r.ByCode(region.Parent); ok {
			targets[i].ParentCode, targets[i].ParentName = above.Code, above.Name
		}
	}
	return targets, nil
}

// expectation is what every delivery of a collector must hold.
type expectation struct {
	regions    []*fact.Region
	indicators []string
}

func expectationOf(r *register, site string, c config.Collector) (expectation, error) {
	regions, err := r.chosen(site, c.Expect.Level, c.Expect.Regions)
	if err != nil {
		return expectation{}, c.Block.Errorf("expect.regions", "expect.regions names a region that is not in the register: %w", err)
	}
	return expectation{regions: regions, indicators: c.Expect.Indicators}, nil
}

// terms are the gate's for a delivery of a target: what is expected of it lies in
// it.
func (c *builtCollector) terms(r *register, target collectors.Target) quality.Terms {
	terms := quality.Terms{Within: target.Code, Expected: c.expected.regions, Indicators: c.expected.indicators}
	if target.IsZero() || len(terms.Expected) == 0 {
		return terms
	}
	terms.Expected = slices.DeleteFunc(slices.Clone(terms.Expected), func(expected *fact.Region) bool {
		above, ok := r.Above(expected.Code, target.Level)
		return !ok || above.Code != target.Code
	})
	return terms
}
