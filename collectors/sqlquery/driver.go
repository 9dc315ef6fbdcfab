package sqlquery

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// drivers lists the database systems. A further one is a file with its driver
// and one line here.
func drivers() []driver {
	return []driver{postgres(), mysqlAndMariaDB(), sqlite()}
}

// driver is what this package knows of one database system.
type driver struct {
	name    string   // for messages
	schemes []string // of URLs
	example string   // of a URL
	lexis   lexis
	// placeholder writes the n-th parameter of a statement, counted from 1.
	placeholder func(n int) string
	// ping is a statement that reaches the data without reading figures.
	ping string
	// enforces says that the server itself ends a statement that runs for too
	// long; timedOut recognizes its error.
	enforces bool
	timedOut func(error) bool
	// locate reads a URL. It reaches for nothing outside. Its error shows
	// nothing of what may be a password.
	locate func(url string) (source, error)
}

// source is one database that a URL names.
type source struct {
	where   string   // for messages: address and database, nothing secret
	secrets []string // what no message may show
	// open connects and makes the session read-only, for statements that run at
	// most for policy.timeout.
	open func(ctx context.Context, policy policy) (session, error)
}

// policy is what a session has to keep to.
type policy struct {
	timeout time.Duration
	// now is in the site's zone. The session's own clock shows the same time
	// where the system has such a thing, so that CURRENT_DATE is the site's.
	now time.Time
}

// session is one connection. Nothing can be written through it.
type session interface {
	// query runs one statement. It calls header with the names of the columns
	// and then row for each row, whose cells are valid until it returns. It
	// stops at the first error of either and returns it, wrapped or not. After
	// an error the session can only be closed.
	query(ctx context.Context, sql string, args []string, header func(names []string) error, row func([]cell) error) error
	// close ends the connection and whatever still runs on it.
	close()
}

// driverOf returns the driver for a URL.
func driverOf(raw string) (driver, bool) {
	scheme, _, _ := strings.Cut(raw, ":")
	for _, d := range drivers() {
		if slices.Contains(d.schemes, scheme) {
			return d, true
		}
	}
	return driver{}, false
}

// examples lists one URL of each driver, for messages.
func examples() string {
	var urls []string
	for _, d := range drivers() {
		urls = append(urls, d.example)
	}
	return strings.Join(urls, ", ")
}

// farewell is how long ending a connection properly may take.
const farewell = 2 * time.Second

// offsetOf writes a time's distance from UTC as +08:00.
func offsetOf(t time.Time) string { return t.Format("-07:00") }

// unknownParameter returns the first of a URL's parameters that is not known.
func unknownParameter(u *url.URL, known ...string) (string, bool) {
	for _, name := range slices.Sorted(maps.Keys(u.Query())) {
		if !slices.Contains(known, name) {
			return name, true
		}
	}
	return "", false
}
