package promapi

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// Limits are what requests may cost. All are required; package config has the
// defaults.
type Limits struct {
	// Timeout is how long one query may take.
	Timeout time.Duration
	// MaxSamples is how many samples one query may hold in memory at once, each
	// of 16 bytes.
	MaxSamples int
	// Concurrency is how many requests may read series at once.
	Concurrency int
	// Wait is how long a request waits for one of those places.
	Wait time.Duration
	// ResponseBytes is how long an answer may be, before compression.
	ResponseBytes int
	// QueryBytes is how long the expression and the selectors of a request may be
	// together.
	QueryBytes int
	// QueryLabels is how many matchers and label names may stand in them.
	QueryLabels int
}

func (l Limits) validate() error {
	switch {
	case l.Timeout <= 0:
		return errors.New("promapi: Limits.Timeout must be longer than 0s: no query could end within it")
	case l.MaxSamples <= 0 || l.Concurrency <= 0:
		return errors.New("promapi: Limits.MaxSamples and Limits.Concurrency must be at least 1: no query could run")
	case l.Wait < 0:
		return errors.New("promapi: Limits.Wait must not be negative")
	case l.ResponseBytes <= 0 || l.QueryBytes <= 0 || l.QueryLabels <= 0:
		return errors.New("promapi: Limits.ResponseBytes, Limits.QueryBytes and Limits.QueryLabels must be at least 1: nothing could be asked")
	}
	return nil
}

// EngineOptions are what an engine is made from; all are required.
type EngineOptions struct {
	Limits Limits
	Log    *slog.Logger
}

// Engine is Prometheus' own.
type Engine = promql.Engine

// NewEngine returns Prometheus' engine with the limits on time and samples. How
// many queries run at once is for the handler to limit, and for whoever else uses
// the engine: it has no queue of its own, which would need a file on disk. Nor
// has it metrics: the handler counts, under our own names.
func NewEngine(o EngineOptions) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger:                   o.Log,
		MaxSamples:               o.Limits.MaxSamples,
		Timeout:                  o.Limits.Timeout,
		LookbackDelta:            DefaultLookback,
		NoStepSubqueryIntervalFn: func(int64) int64 { return subqueryStep.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		Parser:                   newParser(),
	})
}

// subqueryStep is the step of a subquery that names none: that of a Prometheus
// with the default evaluation interval.
const subqueryStep = time.Minute

// newParser returns the parser of the engine and of the handler, which must agree
// on the language: what is stable of it.
func newParser() parser.Parser { return parser.NewParser(parser.Options{}) }
