package sqlquery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/govkpi/govkpi/collectors"
)

// database is the source of one run.
type database struct {
	source
	driver  driver
	timeout time.Duration // of the statement
	redact  func(string) string
}

// grace is how much longer than the server we wait for a statement to end: the
// server's own error says more.
const grace = time.Second

var errTimeout = errors.New("statement timeout")

// run connects, runs a statement and closes the connection.
func (d *database) run(ctx context.Context, now time.Time, sql string, args []string, header func([]string) error, row func([]cell) error) error {
	limited, cancel := context.WithTimeoutCause(ctx, d.timeout+grace, errTimeout)
	defer cancel()
	s, err := d.open(limited, policy{timeout: d.timeout, now: now})
	if err != nil {
		return d.explain(ctx, limited, connecting, err)
	}
	defer s.close()
	limit := d.timeout
	if d.driver.enforces {
		limit += grace
	}
	limited, cancel = context.WithTimeoutCause(ctx, limit, errTimeout)
	defer cancel()
	if err := s.query(limited, sql, args, header, row); err != nil {
		return d.explain(ctx, limited, querying, err)
	}
	return nil
}

// What a run is doing when it fails.
const (
	connecting = "connect to"
	querying   = "query"
)

// explain makes an error for the operator, without secrets. The context that
// Collect was called with decides over the one limited by us.
func (d *database) explain(ctx, limited context.Context, doing string, err error) error {
	what := fmt.Sprintf("%s %s at %s", doing, d.driver.name, d.where)
	advice := ""
	if doing == connecting {
		advice = ": check that the database runs and can be reached, and the url with its user and password"
	}
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("%s: %w", what, ctx.Err())
	case errors.Is(context.Cause(limited), errTimeout), d.driver.timedOut(err):
		if advice == "" {
			advice = ": make the query cheaper or raise statement_timeout"
		}
		err = fmt.Errorf("%s: no answer within the statement_timeout of %s (%w)%s", what, d.timeout, err, advice)
	default:
		err = fmt.Errorf("%s: %w%s", what, err, advice)
	}
	return collectors.CleanError(err, d.redact) //nolint:wrapcheck // it is made here
}
