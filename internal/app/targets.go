package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// chosen returns the regions that a for_each or an expectation names, each once,
// and those of the listed that the register does not have. They may be collected
// one day, so that is an error only for what certainly isn't: a code of six digits,
// which the configuration must have, and a region outside of the site.
func (r *register) chosen(site *fact.Region, level fact.Level, listed []string) (regions []*fact.Region, missing []string, err error) {
	if level != 0 {
		return slices.Collect(r.Under(site.Code, level)), nil, nil
	}
	var refused []error
	for _, written := range listed {
		found, err := r.Resolve(written, nil, nil)
		switch {
		case err != nil && isConfigured(written):
			refused = append(refused, err)
		case err != nil:
			missing = append(missing, written)
		case slices.Contains(regions, found): // under another of its names
		default:
			if above, ok := r.Above(found.Code, site.Level); !ok || above != site {
				refused = append(refused, fmt.Errorf("%s (%s) does not lie in %s", found.Name, found.Code, site.Name))
			}
			regions = append(regions, found)
		}
	}
	return regions, missing, errors.Join(refused...)
}

// isConfigured reports whether only the configuration can have such a region:
// provinces, cities and counties have codes of six digits.
func isConfigured(written string) bool {
	return len(written) == 6 && strings.Trim(written, "0123456789") == ""
}

// targetsOf returns what a collector is fanned out over.
func targetsOf(r *register, site *fact.Region, c config.Collector) ([]collectors.Target, error) {
	regions, missing, err := r.chosen(site, c.ForEach.Level, c.ForEach.Regions)
	if err != nil {
		return nil, c.Block.Errorf("for_each", "for_each names a region that can't be pulled for: %w", err)
	}
	var targets []collectors.Target
	for _, region := range regions {
		target := collectors.Target{Code: region.Code, Name: region.Name, Level: region.Level}
		if above, ok := r.ByCode(region.Parent); ok {
			target.ParentCode, target.ParentName = above.Code, above.Name
		}
		targets = append(targets, target)
	}
	for _, written := range missing {
		targets = append(targets, collectors.Target{
			Code: written, Unknown: "the register has no region " + written + " (yet): correct for_each, or let the collector run first that brings it",
		})
	}
	return targets, nil
}

// expectation is what every delivery of a collector must hold.
type expectation struct {
	regions    []*fact.Region
	indicators []string
}

func expectationOf(r *register, site *fact.Region, c config.Collector) (expectation, error) {
	regions, _, err := r.chosen(site, c.Expect.Level, c.Expect.Regions)
	if err != nil {
		return expectation{}, c.Block.Errorf("expect.regions", "expect.regions names a region that can't be expected: %w", err)
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

// trackTargets shows each of a collector's targets, with what the ledger knows of
// earlier runs.
func (a *App) trackTargets(ctx context.Context, collector string, targets []collectors.Target) error {
	shown := make([]exposition.Target, len(targets))
	for i, target := range targets {
		shown[i] = exposition.Target{Code: target.Code, Name: target.Name}
	}
	a.telemetry.TrackTargets(collector, shown)
	if len(targets) == 0 {
		return nil
	}
	succeeded, err := a.store.LastSuccesses(ctx, collector)
	if err != nil {
		return err
	}
	for _, target := range targets {
		if end, ok := succeeded[target.Code]; ok {
			a.telemetry.SetTargetLastSuccess(collector, target.Code, end)
		}
	}
	a.telemetry.ObserveTargets(collector, a.status.targetsOf(collector))
	return nil
}
