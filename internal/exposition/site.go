package exposition

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Regions is the part of the register of regions that labels are made from.
type Regions interface {
	// ByCode returns the region with the code.
	ByCode(code string) (*fact.Region, bool)
	// Above returns the region of the level that the code lies in, or is.
	Above(code string, level fact.Level) (*fact.Region, bool)
	// All yields every region, sorted by code.
	All() iter.Seq[*fact.Region]
}

// Figures is what stands: the newest figures, what follows from them, and their
// reconciliation with published ones. All methods are called concurrently.
type Figures interface {
	// Version changes whenever a figure does. It is asked at every scrape.
	Version() uint64
	// ValidUntil returns when anything changes next though Version stays as it
	// is: a figure expires, a period ends, a report falls due. The zero time is
	// never. It is asked once per change.
	ValidUntil() time.Time
	// Newest yields the unexpired figures of an indicator, sorted by region and
	// dimensions, each pair of them once.
	Newest(indicator *fact.Indicator) iter.Seq[fact.Figure]
	// Reconciliations sets the published figures against our totals.
	Reconciliations(ctx context.Context) ([]fact.Reconciliation, error)
	Standing
}

// Stood is what stood of single indicators at some time.
type Stood interface {
	Newest(indicator *fact.Indicator) iter.Seq[fact.Figure]
	ReconciliationsOf(ctx context.Context, indicator *fact.Indicator) ([]fact.Reconciliation, error)
	Standing
}

// Standing is how each region stands, of one indicator. What it returns is
// sorted by region, names no region twice (a ranking: no region and scope) and
// is not changed by either side.
type Standing interface {
	// Reports has every region that is expected to report.
	Reports(indicator *fact.Indicator) []fact.Report
	// Rankings has every region with a figure of the common period.
	Rankings(indicator *fact.Indicator) []fact.Ranking
	// Rollups has every region that has one that is expected to report in it.
	Rollups(indicator *fact.Indicator) []fact.Rollup
	// Discrepancies has every region of which another source says the same.
	Discrepancies(indicator *fact.Indicator) []fact.Discrepancy
}

// Site is what one accepted configuration exposes. It must not be changed once
// it was handed over.
type Site struct {
	Indicators []fact.Indicator
	Themes     []fact.Theme
	Zone       *time.Location // where periods end
	Regions    Regions
	Figures    Figures
	// Notice ends the HELP of every family that holds figures, such as that they
	// are synthetic; empty is none.
	Notice fact.Text
}

// preparedSite is a Site with what can be worked out once per configuration: a
// register may hold millions of grids, of which none has an info series.
type preparedSite struct {
	Site
	themes   map[string]fact.Text
	regions  []*fact.Region  // county and above
	signsOff map[string]bool // indicators whose figures can be provisional
}

// noticed puts the site's notice behind a family's help.
func (p *preparedSite) noticed(f family) family {
	if p.Notice != (fact.Text{}) {
		f.help += " " + strings.TrimSpace(p.Notice.EN+" "+p.Notice.ZH)
	}
	return f
}

func prepare(s Site) (*preparedSite, error) {
	switch {
	case s.Zone == nil:
		return nil, errors.New("exposition: the site has no time zone")
	case s.Regions == nil:
		return nil, errors.New("exposition: the site has no register of regions")
	case s.Figures == nil:
		return nil, errors.New("exposition: the site has no figures")
	}
	if err := CheckIndicators(s.Indicators); err != nil {
		return nil, err
	}
	p := &preparedSite{Site: s, themes: make(map[string]fact.Text, len(s.Themes))}
	for _, t := range s.Themes {
		p.themes[t.ID] = t.Title
	}
	p.signsOff = findSignOffs(s.Indicators)
	for r := range s.Regions.All() {
		if r.Level <= fact.County {
			p.regions = append(p.regions, r)
		}
	}
	return p, nil
}

// findSignOffs returns the indicators that ask for sign-off, and the ratios of
// which a part does.
func findSignOffs(indicators []fact.Indicator) map[string]bool {
	found := map[string]bool{}
	for i := range indicators {
		if indicators[i].SignOff {
			found[indicators[i].ID] = true
		}
	}
	for i := range indicators {
		if in := &indicators[i]; in.Kind == fact.RatioKind && (found[in.Numerator] || found[in.Denominator]) {
			found[in.ID] = true
		}
	}
	return found
}

// CheckIndicators returns what would make the exposition of a catalogue
// ambiguous or invalid: an id that another family has, a dimension that hides a
// label of the region, one published figure twice. All that it finds is joined
// into one error; nil is a catalogue that can be exposed.
func CheckIndicators(indicators []fact.Indicator) error {
	var found []error
	taken := make(map[string]bool, len(indicators))
	for _, id := range fact.ReservedIndicators() {
		taken[id] = true
	}
	for i := range indicators {
		indicator := &indicators[i]
		for _, reason := range []string{checkID(indicator.ID, taken[indicator.ID]), checkDimensions(indicator), checkPublished(indicator)} {
			if reason != "" {
				found = append(found, fmt.Errorf("indicator %q can't be exposed as %s%s: %s", indicator.ID, namespace, indicator.ID, reason))
			}
		}
		taken[indicator.ID] = true
	}
	return errors.Join(found...)
}

func checkID(id string, taken bool) string {
	if !isName(id) {
		return "its id may hold small letters, digits and underscores only and begins with a letter"
	}
	if taken {
		return "another family has that name; choose another id"
	}
	for _, suffix := range fact.ReservedSuffixes() {
		if strings.HasSuffix(id, suffix) {
			return "a gauge can't end in " + suffix + "; choose another id"
		}
	}
	return ""
}

func checkDimensions(i *fact.Indicator) string {
	seen := map[string]bool{}
	for _, d := range i.Dimensions {
		switch {
		case !isName(d.Name):
			return fmt.Sprintf("the dimension %q may hold small letters, digits and underscores only and begins with a letter", d.Name)
		case slices.Contains(fact.ReservedDimensions(), d.Name):
			return fmt.Sprintf("the label %s is taken; rename the dimension", d.Name)
		case seen[d.Name]:
			return fmt.Sprintf("it declares the dimension %s twice", d.Name)
		}
		seen[d.Name] = true
	}
	return ""
}

func checkPublished(i *fact.Indicator) string {
	type key struct {
		region    string
		period    fact.Period
		precision fact.Precision
	}
	seen := map[key]bool{}
	for _, p := range i.Published {
		k := key{p.Region, p.Period, p.Precision}
		if seen[k] {
			return fmt.Sprintf("two published figures for region %s and period %s are both %s; keep one", p.Region, p.Period, p.Precision)
		}
		seen[k] = true
	}
	return ""
}

// isName is stricter than Prometheus: catalogues are snake_case.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z':
		case i > 0 && (c == '_' || '0' <= c && c <= '9'):
		default:
			return false
		}
	}
	return s != ""
}
