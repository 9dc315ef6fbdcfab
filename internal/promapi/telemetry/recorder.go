package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/value"
)

// RecorderOptions are what a Recorder is made from; all are required.
type RecorderOptions struct {
	Store    *Store
	Gatherer prometheus.Gatherer
	// Interval is the time between two rounds, from 1 s to 4 m: an instant query
	// looks back five minutes, and would find nothing between rounds that are
	// further apart.
	Interval time.Duration
	Now      func() time.Time
	Log      *slog.Logger
}

const (
	minInterval = time.Second
	maxInterval = 4 * time.Minute
)

func (o RecorderOptions) validate() error {
	switch {
	case o.Store == nil:
		return errors.New("telemetry: RecorderOptions.Store is required")
	case o.Gatherer == nil:
		return errors.New("telemetry: RecorderOptions.Gatherer is required")
	case o.Interval < minInterval || o.Interval > maxInterval:
		return fmt.Errorf("telemetry: RecorderOptions.Interval is %s; it must be from %s to %s", o.Interval, minInterval, maxInterval)
	case o.Now == nil:
		return errors.New("telemetry: RecorderOptions.Now is required")
	case o.Log == nil:
		return errors.New("telemetry: RecorderOptions.Log is required")
	}
	return nil
}

// Recorder records what a Gatherer shows, round by round, as a Prometheus that
// scraped it would store it, without the labels job and instance. All methods are
// safe for concurrent use.
type Recorder struct {
	options RecorderOptions
	log     *slog.Logger
	stop    context.CancelFunc
	ended   chan struct{}

	mu      sync.Mutex // one round at a time
	last    int64      // the time of the newest round, in milliseconds
	series  series
	trouble map[kind]bool
	over    bool
}

// NewRecorder makes a Recorder, which does nothing until Start or Record.
func NewRecorder(o RecorderOptions) (*Recorder, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	return &Recorder{
		options: o, log: o.Log.With("part", "telemetry"),
		last: math.MinInt64, series: series{}, trouble: map[kind]bool{},
	}, nil
}

// Start records a round at once and then one at every interval, until Stop. It
// returns at once, and is called once.
func (r *Recorder) Start(ctx context.Context) {
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.ended = make(chan struct{})
	go func() {
		defer close(r.ended)
		ticker := time.NewTicker(r.options.Interval)
		defer ticker.Stop()
		for {
			r.Record(ctx)
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
}

// Stop ends the rounds and marks all series as ended, so that nothing is answered
// from them while the program is down. The Store is closed after it.
func (r *Recorder) Stop(ctx context.Context) error {
	if r.stop != nil {
		r.stop()
		select {
		case <-r.ended:
		case <-ctx.Done():
			return fmt.Errorf("wait for the last round of telemetry: %w", ctx.Err())
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return nil
	}
	r.over = true
	now := max(r.options.Now().UnixMilli(), r.last+1)
	app := r.options.Store.AppenderV2(ctx)
	for key, s := range r.series {
		// One that refuses its end has been written to by somebody with a later
		// clock; there is nothing to be done about it.
		_ = r.append(app, s, now, sample{value: math.Float64frombits(value.StaleNaN)})
		delete(r.series, key)
	}
	if err := app.Commit(); err != nil {
		return fmt.Errorf("mark the end of telemetry: %w", err)
	}
	return nil
}

// Record records one round. What went wrong is logged when it begins and when it
// is over, and counted; it is never more than the round that is lost.
func (r *Recorder) Record(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || ctx.Err() != nil {
		return
	}
	m := r.options.Store.metrics
	if !r.round(ctx) {
		m.failed.Inc()
	}
	m.measure(r.options.Store.folder)
}

// round reports whether everything was recorded.
func (r *Recorder) round(ctx context.Context) bool {
	now := r.due()
	if now <= r.last {
		r.note(ctx, backwards, fmt.Errorf("the newest round is of %s, and it is %s", instant(r.last), instant(now)))
		return false
	}
	r.note(ctx, backwards, nil)
	families, gathering := r.options.Gatherer.Gather()
	r.note(ctx, incomplete, gathering)
	parsing, rejected, err := r.store(ctx, families, now)
	r.note(ctx, unreadable, parsing)
	r.note(ctx, refused, rejected)
	r.note(ctx, unwritten, err)
	if err != nil {
		return false
	}
	r.last = now
	r.options.Store.metrics.lastRound.WithLabelValues().Set(float64(now) / 1000)
	return errors.Join(gathering, parsing, rejected) == nil
}

// due returns the time of this round's samples: now, or what an interval after
// the round before would be where that is nearly now. Timers are late by a little
// and never by the same, and even distances take half the room on disk.
func (r *Recorder) due() int64 {
	now := r.options.Now().UnixMilli()
	if r.last == math.MinInt64 {
		return now
	}
	even := r.last + r.options.Interval.Milliseconds()
	if tolerance := r.options.Interval.Milliseconds() / 1000; even-tolerance <= now && now <= even+tolerance {
		return even
	}
	return now
}

func instant(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }
