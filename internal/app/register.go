package app

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
)

// register is the register of a site: the configured regions and, below them,
// those that collectors brought.
type register struct {
	*region.Register
	collected []string // their codes, sorted; none is configured
	newest    int64    // when the newest of them was recorded; see fact.Fact
	// formers are the codes that regions had before they were renamed, by today's.
	formers map[string][]string
}

// regionReader is the ledger, as far as collected regions are concerned.
type regionReader interface {
	Regions(ctx context.Context, knownBy time.Time, each func(fact.RegionFact) error) error
}

// newRegister joins the configured regions with those in the ledger. What a
// changed configuration has left without a region above is no reason not to
// start: it is logged and left out.
func newRegister(ctx context.Context, cfg *config.Config, configured []fact.Region, ledger regionReader, log *slog.Logger) (*register, error) {
	base, err := region.New(configured, cfg.Changes, cfg.Aliases)
	if err != nil {
		return nil, err
	}
	var (
		entries []fact.Region
		newest  int64
	)
	if err := ledger.Regions(ctx, time.Time{}, func(f fact.RegionFact) error {
		newest = max(newest, f.Recorded)
		_, known := base.ByCode(f.Code)
		if _, retired := base.Retired(f.Code); !known && !retired { // the history has the last word on its codes
			entries = append(entries, f.Region)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	formers := formersOf(base, cfg.Changes)
	if len(entries) == 0 {
		return &register{Register: base, formers: formers}, nil
	}
	r := &register{newest: newest, formers: formers}
	entries, r.collected = linked(ctx, base, entries, log)
	r.Register, err = region.New(slices.Concat(configured, entries), cfg.Changes, cfg.Aliases)
	if err != nil {
		log.ErrorContext(ctx, "collected regions make no sound register and are left out", "err", err)
		return &register{Register: base, formers: formers}, nil
	}
	return r, nil
}

func formersOf(r *region.Register, changes []fact.RegionChange) map[string][]string {
	formers := map[string][]string{}
	for _, c := range changes {
		if today, last, ok := r.Successor(c.OldCode); ok && last.Kind == fact.Renamed {
			formers[today.Code] = append(formers[today.Code], c.OldCode)
		}
	}
	return formers
}

// codeOf returns the code of the region that somebody means; empty stays so. The
// error explains itself.
func (r *register) codeOf(meant string) (string, error) {
	if meant == "" {
		return "", nil
	}
	found, err := r.Resolve(meant, nil, nil)
	if err != nil {
		return "", err
	}
	return found.Code, nil
}

// current returns the code that a region has today: that of a renamed one is
// another, a merged one keeps its own.
func (r *register) current(code string) string {
	if today, last, ok := r.Successor(code); ok && last.Kind == fact.Renamed {
		return today.Code
	}
	return code
}

// nameAt returns what a region was called in a period; empty for an unknown code.
func (r *register) nameAt(code string, p fact.Period) string { return r.AsOf(code, p).Name }

// linked returns the entries that lie in a region, and their codes, sorted.
func linked(ctx context.Context, base *region.Register, entries []fact.Region, log *slog.Logger) ([]fact.Region, []string) {
	slices.SortFunc(entries, func(a, b fact.Region) int {
		return cmp.Or(int(a.Level)-int(b.Level), cmp.Compare(a.Code, b.Code)) // the region above first
	})
	levels := make(map[string]fact.Level, len(entries))
	kept, codes, left := entries[:0], make([]string, 0, len(entries)), 0
	for _, e := range entries {
		above, ok := levels[e.Parent]
		if r, known := base.ByCode(e.Parent); known {
			above, ok = r.Level, true
		}
		if !ok || above >= e.Level {
			left++
			continue
		}
		levels[e.Code] = e.Level
		kept, codes = append(kept, e), append(codes, e.Code)
	}
	if left > 0 {
		log.WarnContext(ctx, "collected regions lie in no region of the register and are left out", "regions", left)
	}
	slices.Sort(codes)
	return kept, codes
}

// configured returns the regions that the configuration has: all but the
// collected ones.
func (r *register) configured() []fact.Region {
	var regions []fact.Region
	for known := range r.All() {
		if _, collected := slices.BinarySearch(r.collected, known.Code); !collected {
			regions = append(regions, *known)
		}
	}
	return regions
}

// configuredOf returns the regions of a configuration; one in force has let go of
// its own, which are this register's.
func (r *register) configuredOf(cfg *config.Config) []fact.Region {
	if cfg.Regions != nil {
		return cfg.Regions
	}
	return r.configured()
}

// Configured returns a region that the configuration has.
func (r *register) Configured(code string) (*fact.Region, bool) {
	if _, collected := slices.BinarySearch(r.collected, code); collected {
		return nil, false
	}
	return r.ByCode(code)
}
