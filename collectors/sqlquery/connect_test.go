package sqlquery_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/servertest"
)

const plain = "query: SELECT code, month, amount FROM figures" + long

// withPassword returns the URL with another password.
func withPassword(t *testing.T, raw, password string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}

// failing checks that a pull and a ping of the URL fail with the words, and
// that nobody who prints the error or what it wraps comes to see the secret.
func failing(t *testing.T, address, timeout, secret, words string) {
	t.Helper()
	collector, err := newCollector(t, address, timeout, plain)
	if err != nil {
		t.Fatal(err)
	}
	_, err = collector.Collect(t.Context(), collectors.Request{Now: now(t)}, &collectorstest.Sink{})
	for doing, err := range map[string]error{"collect": err, "ping": collector.Ping(t.Context(), collectors.Target{})} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: error %v, want %q in it", doing, err, words)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), address) {
				t.Errorf("%s: error %q shows a secret", doing, err)
			}
		}
	}
}

func TestConnectFails(t *testing.T) {
	const secret = "wr0ng pass/w@rd%"
	servers := map[string]func(testing.TB) *servertest.Server{"PostgreSQL": servertest.PostgreSQL, "MariaDB": servertest.MariaDB}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			raw := withPassword(t, server.URL(), secret)
			t.Run("wrong password", func(t *testing.T) {
				failing(t, raw, "30s", secret, "check that the database runs and can be reached, and the url with its user and password")
			})
			t.Run("no such database", func(t *testing.T) {
				failing(t, strings.TrimSuffix(server.URL(), server.Database)+"nothing_here", "30s", server.Password, "nothing_here")
			})
			server.Kill()
			t.Run("nobody listens", func(t *testing.T) { failing(t, raw, "30s", secret, "connection refused") })
		})
	}
}

// listen takes connections and says nothing.
func listen(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// A server that takes the connection and says nothing must not hold a run.
func TestConnectTakesNoLongerThanAStatement(t *testing.T) {
	listener := listen(t)
	for _, scheme := range []string{"postgres", "mysql"} {
		t.Run(scheme, func(t *testing.T) {
			failing(t, scheme+"://u:hunter2@"+listener+"/db", "1ms", "hunter2", "no answer within the statement_timeout of 1ms")
		})
	}
}

func TestConnectIsStopped(t *testing.T) {
	listener := listen(t)
	for _, scheme := range []string{"postgres", "mysql"} {
		t.Run(scheme, func(t *testing.T) {
			collector, err := newCollector(t, scheme+"://u:hunter2@"+listener+"/db", "60s", plain)
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer stop()
			if err := collector.Ping(ctx, collectors.Target{}); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want that the deadline was exceeded", err)
			}
		})
	}
}

func TestSQLiteFails(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.db")
	if err := os.WriteFile(other, []byte(strings.Repeat("this is no database\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("no such file", func(t *testing.T) {
		missing := filepath.Join(dir, "missing.db")
		failing(t, "sqlite://"+missing, "30s", "\x00", "connect to SQLite at "+missing+": unable to open database file")
		if _, err := os.Stat(missing); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the file was made: %v", err)
		}
	})
	t.Run("no database", func(t *testing.T) { failing(t, "sqlite://"+other, "30s", "\x00", "file is not a database") })
	t.Run("zone", func(t *testing.T) {
		db := onSQLite(t)
		if err := db.exec(t.Context(), "CREATE TABLE figures (code TEXT, month TEXT, amount INTEGER)"); err != nil {
			t.Fatal(err)
		}
		collector, err := newCollector(t, db.url, "30s", plain)
		if err != nil {
			t.Fatal(err)
		}
		request := collectors.Request{Now: time.Now().In(time.FixedZone("somewhere", 3600))}
		if _, _, err := collect(t.Context(), collector, request); err == nil || !strings.Contains(err.Error(), `zone "somewhere"`) {
			t.Errorf("error %v, want that the zone is unknown", err)
		}
	})
}
