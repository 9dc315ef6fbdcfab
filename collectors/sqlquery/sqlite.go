package sqlquery

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	moderncsqlite "modernc.org/sqlite"
)

// sqlite reads SQLite files. SQLite has no statement timeout of its own: the
// context ends a statement before its first row, and between any two.
func sqlite() driver {
	return driver{
		name: "SQLite", schemes: []string{"sqlite"},
		example:     "sqlite:///folder/file.db",
		lexis:       lexis{backticks: true, brackets: true},
		placeholder: func(n int) string { return "?" + strconv.Itoa(n) },
		ping:        "SELECT 1 FROM sqlite_schema LIMIT 1",
		timedOut:    func(error) bool { return false },
		locate:      locateSQLite,
	}
}

// locateSQLite reads sqlite:///absolute/path and sqlite:path, which is relative
// to the working directory of the program.
func locateSQLite(raw string) (source, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return source{}, errors.New("the URL can't be read; in the path write %25 for %, %23 for # and %3F for ?")
	}
	if u.Host != "" || u.User != nil {
		return source{}, errors.New("the URL names a host; write sqlite:///absolute/path with three slashes, or sqlite:relative/path")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return source{}, errors.New("the URL has parameters; a file takes none, and in its path write %3F for ? and %23 for #")
	}
	path := u.Path
	if u.Opaque != "" {
		if path, err = url.PathUnescape(u.Opaque); err != nil {
			return source{}, errors.New("the URL can't be read; in the path write %25 for %")
		}
	}
	if path == "" || path == "/" || strings.HasPrefix(path, ":") {
		return source{}, errors.New("the URL names no file")
	}
	return source{
		where: path,
		open:  func(ctx context.Context, p policy) (session, error) { return openSQLite(ctx, path, p) },
	}, nil
}

func openSQLite(ctx context.Context, path string, p policy) (session, error) {
	zone := p.now.Location().String()
	if _, err := time.LoadLocation(zone); err != nil {
		return nil, fmt.Errorf("the site's zone %q has no name that SQLite's driver knows: %w", zone, err)
	}
	options := url.Values{
		"mode":          {"ro"},
		"_query_only":   {"1"},
		"_busy_timeout": {strconv.FormatInt(p.timeout.Milliseconds(), 10)},
		"_error_rc":     {"1"}, // no stale words in errors
		// Times in columns declared as such: with an offset or Z they are
		// turned into the zone, without one they are taken to be in it.
		"_timezone": {zone},
	}
	connector, err := moderncsqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode())
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says where
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says where
	}
	return &standardSession{conn: conn}, nil
}
