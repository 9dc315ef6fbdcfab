package notify

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Heard is an alert and when it was last heard of.
type Heard struct {
	Alert Alert
	At    time.Time
}

// Identity is the same for what was heard of one alert at two times.
func (h Heard) Identity() string { return h.Alert.identity() }

// refresh is how much older the time in the store may be than the one in memory:
// a rule that fires is reported every minute, and need not be written as often.
const refresh = 10 * time.Minute

// hearsay knows which alerts are firing. It is safe for concurrent use.
type hearsay struct {
	memory Memory

	taking sync.Mutex // one Receive at a time, so that the store follows memory
	mu     sync.Mutex
	all    map[string]Heard
	stored map[string]Heard
	last   time.Time
}

func newHearsay(memory Memory, remembered []Heard) *hearsay {
	h := &hearsay{memory: memory, all: map[string]Heard{}, stored: map[string]Heard{}}
	for _, one := range remembered {
		h.all[one.Identity()], h.stored[one.Identity()] = one, one
		if one.At.After(h.last) {
			h.last = one.At
		}
	}
	return h
}

// take stores first and then believes, so that what a caller was told is kept.
func (h *hearsay) take(ctx context.Context, alerts []Alert, now time.Time, forgetAfter time.Duration) error {
	h.taking.Lock()
	defer h.taking.Unlock()
	next, forget := h.after(alerts, now, forgetAfter)
	var write []Heard
	for id, one := range next {
		if was, ok := h.stored[id]; !ok || !was.Alert.same(one.Alert) || one.At.Sub(was.At) >= refresh {
			write = append(write, one)
		}
	}
	if len(write)+len(forget) > 0 {
		if err := h.memory.Remember(ctx, write, forget); err != nil {
			return err //nolint:wrapcheck // Receive says it
		}
	}
	for _, one := range write {
		h.stored[one.Identity()] = one
	}
	for _, one := range forget {
		delete(h.stored, one.Identity())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all, h.last = next, now
	return nil
}

// after returns what is known once the alerts are taken, and what is no longer.
func (h *hearsay) after(alerts []Alert, now time.Time, forgetAfter time.Duration) (map[string]Heard, []Heard) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := map[string]Heard{}
	maps.Copy(next, h.all)
	for _, a := range alerts {
		next[a.identity()] = Heard{Alert: a, At: now}
	}
	var forget []Heard
	for id, one := range next {
		if !one.holds(now, forgetAfter) {
			delete(next, id)
			forget = append(forget, one)
		}
	}
	return next, forget
}

func (h Heard) holds(now time.Time, forgetAfter time.Duration) bool {
	return h.Alert.firing(now) && now.Sub(h.At) < forgetAfter
}

// firing returns the alerts that hold, in a fixed order.
func (h *hearsay) firing(now time.Time, forgetAfter time.Duration) ([]Alert, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var alerts []Alert
	for _, one := range h.all {
		if one.holds(now, forgetAfter) {
			alerts = append(alerts, one.Alert)
		}
	}
	slices.SortFunc(alerts, byIdentity)
	return alerts, h.last
}

// lastHeard is when anything was last heard; zero is never.
func (h *hearsay) lastHeard() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}
