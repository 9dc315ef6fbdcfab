package promapi

import (
	"context"
	"math"
	"time"
)

type contextKey uint8

const (
	knownByKey contextKey = iota
	knownThenKey
	lookbackKey
)

// WithKnownBy makes queries under the context see what had been recorded by an
// instant.
func WithKnownBy(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, knownByKey, t.UnixMilli())
}

// knownBy returns the instant of WithKnownBy in milliseconds; without one, the
// end of time.
func knownBy(ctx context.Context) int64 {
	if ms, ok := ctx.Value(knownByKey).(int64); ok {
		return ms
	}
	return math.MaxInt64
}

// WithKnownThen makes queries under the context see at every instant what was
// known then. Of families that follow from figures that is so anyway; the figures
// themselves are else those that are known now, from the end of their period on. Of
// indicators whose past is not in memory, or of which nothing but the figures is
// shown, there are none then.
func WithKnownThen(ctx context.Context) context.Context {
	return context.WithValue(ctx, knownThenKey, true)
}

func knownThen(ctx context.Context) bool { return ctx.Value(knownThenKey) != nil }

// WithLookback tells the queryable the lookback of queries under the context,
// where it is not DefaultLookback.
func WithLookback(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, lookbackKey, d.Milliseconds())
}

func lookback(ctx context.Context) int64 {
	if ms, ok := ctx.Value(lookbackKey).(int64); ok && ms > 0 {
		return ms
	}
	return DefaultLookback.Milliseconds()
}

// DefaultLookback is how far back an instant selector looks for a sample unless
// the request says otherwise: Prometheus' own default. For figures it hardly
// matters, as they have a value at every instant until they expire.
const DefaultLookback = 5 * time.Minute
