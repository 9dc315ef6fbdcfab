package promapi

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
)

// Source is the ledger as families of series. Each series is a step function of
// time that is known at every millisecond, not a list of samples. All methods are
// safe for concurrent use.
type Source interface {
	// Families lists the families there can be a series of, sorted by name.
	Families() []Family
	// Select returns the series that match, in no particular order, each pair of
	// labels and time once. Series without a value in the range may be left out,
	// and so may steps that end before it or begin after it.
	Select(ctx context.Context, s Selection) ([]Series, error)
	// LabelValues returns the values of a label among those series, sorted, and
	// LabelNames the names of their labels.
	LabelValues(ctx context.Context, name string, s Selection) ([]string, error)
	LabelNames(ctx context.Context, s Selection) ([]string, error)
}

// Family is what a family's HELP and TYPE say.
type Family struct {
	Name string
	Help string
	Type string // as in the exposition: gauge, counter …
}

// Selection says which series are asked for.
type Selection struct {
	// From and To bound the time, inclusive, in milliseconds since the Unix epoch.
	From, To int64
	// KnownBy leaves out what was recorded after it, in milliseconds since the
	// Unix epoch; math.MaxInt64 leaves out nothing.
	KnownBy int64
	// KnownThen asks for figures, too, as they were known at each instant.
	KnownThen bool
	Matchers  []*labels.Matcher
	// Only names the labels that the asker will look at, where Project is set: the
	// others may be missing, or those of another series, so that several series may
	// come with the same labels.
	Only    []string
	Project bool
	// Sum says that the asker adds up what series with the same labels, after Only,
	// are at To, and looks at no other time: several may come as one, which is their
	// sum.
	Sum bool
	// Listing says that the asker looks at no value: families that follow from
	// figures may then be those of the end of the time.
	Listing bool
	// Limit is how many series there may be at most; more are an error. 0 is no
	// limit.
	Limit int
}

// Series is one series as a step function of time.
type Series struct {
	Labels labels.Labels // with the family's name
	// Steps are ordered by time. Before the first there is no value.
	Steps []Step
	// Counts marks a series that moves with the clock: where a step's value is not
	// 0, the series is there the number of whole seconds that have passed since
	// that instant, in seconds since the Unix epoch; never below 0.
	Counts bool
}

// Step is what a series is from an instant, in milliseconds since the Unix epoch,
// up to the next step. The value is Prometheus' StaleNaN where there is none.
type Step struct {
	From  int64
	Value float64
}
