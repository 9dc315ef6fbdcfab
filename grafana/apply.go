package grafana

import (
	"context"
	"errors"
	"fmt"
)

// Done says what became of one object of a plan.
type Done struct {
	Item Item
	Err  error // nil where it went well
}

// Apply does what a plan says, in its order, and tells progress of every object
// that changed or failed. It goes on after a failure where others may go well;
// the error joins all. Whatever of it was done stays done: a new plan begins
// there. What a plan leaves alone is no error.
func (r *Remote) Apply(ctx context.Context, plan *Plan, progress func(Done)) error {
	r.state.use(plan.Server)
	if err := r.state.writable(); err != nil {
		return err
	}
	var failed []error
	missing := map[string]bool{} // folders that could not be made
	for i := range plan.Items {
		one := plan.Items[i]
		err := r.apply(ctx, one, missing)
		if err == nil && one.do == nil {
			continue
		}
		if err != nil {
			err = fmt.Errorf("%s %s: %w", one.Kind, one.UID, err)
			failed = append(failed, err)
			if one.Kind == FolderKind && one.Verb == Create {
				missing[one.UID] = true
			}
		}
		progress(Done{one, err})
		if err != nil && (ctx.Err() != nil || isAnswer(err) && hopeless(err)) {
			failed = append(failed, fmt.Errorf("stopped with %d objects to go", len(plan.Items)-i-1))
			break
		}
	}
	return errors.Join(failed...)
}

func (r *Remote) apply(ctx context.Context, one Item, missing map[string]bool) error {
	switch {
	case one.adopt != nil && one.do == nil:
		return r.state.put(one.key, one.adopt)
	case one.do == nil:
		return nil
	case missing[one.folder]:
		return fmt.Errorf("its folder %s could not be made", one.folder)
	}
	return one.do(ctx)
}

// isAnswer reports whether an error came from a request.
func isAnswer(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}
