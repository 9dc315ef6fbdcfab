package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

// teardowns are the named steps that undo a start. Each is pushed the moment
// its resource exists, so that a start that fails half-way leaves nothing
// behind.
type teardowns struct {
	log   *slog.Logger
	steps []teardown
}

type teardown struct {
	name string
	stop func(context.Context) error
}

func (t *teardowns) push(name string, stop func(context.Context) error) {
	t.steps = append(t.steps, teardown{name, stop})
}

// run takes every step, the newest first, also after one has failed, and joins
// the errors. It can be called again: a step is taken once.
func (t *teardowns) run(ctx context.Context) error {
	var failed []error
	for _, step := range slices.Backward(t.steps) {
		t.log.DebugContext(ctx, "stopping", "part", step.name)
		if err := step.stop(ctx); err != nil {
			failed = append(failed, fmt.Errorf("stop %s: %w", step.name, err))
		}
	}
	t.steps = nil
	return errors.Join(failed...)
}
