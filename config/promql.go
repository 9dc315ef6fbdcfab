package config

import "time"

// PromQL is what queries may cost, each and together.
type PromQL struct {
	// Timeout is how long one query may take.
	Timeout time.Duration
	// MaxSamples is how many samples one query may hold in memory at once.
	MaxSamples int
	// Concurrency is how many queries may run at once.
	Concurrency int
	// Wait is how long a query waits for its turn before it is refused.
	Wait time.Duration
	// ResponseBytes is how long an answer may be, before compression.
	ResponseBytes int
	// QueryBytes is how long a query may be as text.
	QueryBytes int
	// QueryLabels is how many matchers and label names may stand in a query.
	QueryLabels int
}

// promQLDefaults are for a small machine: eight of the largest queries at once
// take about 2 GB.
func promQLDefaults() PromQL {
	return PromQL{
		Timeout: 2 * time.Minute, MaxSamples: 10_000_000, Concurrency: 8, Wait: 10 * time.Second,
		ResponseBytes: 32 << 20, QueryBytes: 64 << 10, QueryLabels: 1000,
	}
}

type promQLBlock struct {
	Self          *node          `yaml:",self"`
	Timeout       *time.Duration `yaml:"timeout"`
	MaxSamples    *int           `yaml:"max_samples"`
	Concurrency   *int           `yaml:"concurrency"`
	Wait          *time.Duration `yaml:"wait"`
	ResponseBytes *int           `yaml:"response_bytes"`
	QueryBytes    *int           `yaml:"query_bytes"`
	QueryLabels   *int           `yaml:"query_labels"`
}

// promQL fills in what is left out; b is nil where all is.
func (l *loader) promQL(b *promQLBlock) PromQL {
	p := promQLDefaults()
	if b == nil {
		return p
	}
	override(&p.Timeout, b.Timeout)
	override(&p.Wait, b.Wait)
	if b.Timeout != nil {
		l.positive(b.Self, "timeout", *b.Timeout)
	}
	for _, n := range []struct {
		key   string
		given *int
		value *int
	}{
		{"max_samples", b.MaxSamples, &p.MaxSamples},
		{"concurrency", b.Concurrency, &p.Concurrency},
		{"response_bytes", b.ResponseBytes, &p.ResponseBytes},
		{"query_bytes", b.QueryBytes, &p.QueryBytes},
		{"query_labels", b.QueryLabels, &p.QueryLabels},
	} {
		if n.given != nil && l.problems.has(b.Self, n.key) && *n.given < 1 {
			l.problems.refuse(b.Self.child(n.key), "must be at least 1, found %d", *n.given)
		}
		override(n.value, n.given)
	}
	return p
}

// override puts what was given in the place of a default.
func override[T any](value, given *T) {
	if given != nil {
		*value = *given
	}
}
