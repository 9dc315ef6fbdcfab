package promapi

import "context"

// KnownBy is what the queryable is told by WithKnownBy.
func KnownBy(ctx context.Context) int64 { return knownBy(ctx) }

// Lookback is what it is told by WithLookback.
func Lookback(ctx context.Context) int64 { return lookback(ctx) }
