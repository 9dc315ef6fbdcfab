package servertest_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/govkpi/govkpi/internal/servertest"
)

func postgresVersion(ctx context.Context, s *servertest.Server) (version string, err error) {
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT version()").Scan(&version)
	return version, err
}

func mariaVersion(ctx context.Context, s *servertest.Server) (version string, err error) {
	db, err := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s:%d)/%s", s.User, s.Password, s.Host, s.Port, s.Database))
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT version()").Scan(&version)
	return version, err
}

func TestServersAnswerAndEnd(t *testing.T) {
	tests := map[string]struct {
		start   func(testing.TB) *servertest.Server
		version func(context.Context, *servertest.Server) (string, error)
	}{
		"PostgreSQL": {servertest.PostgreSQL, postgresVersion},
		"MariaDB":    {servertest.MariaDB, mariaVersion},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var ended *servertest.Server
			t.Run("while the test runs", func(t *testing.T) {
				s := test.start(t)
				ended = s
				version, err := test.version(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(version, name) {
					t.Errorf("version %q, want %q in it", version, name)
				}
				if want := s.Scheme + "://" + s.User + ":" + s.Password + "@127.0.0.1:"; !strings.HasPrefix(s.URL(), want) {
					t.Errorf("URL %s, want it to begin with %s", s.URL(), want)
				}
			})
			address := net.JoinHostPort(ended.Host, strconv.Itoa(ended.Port))
			if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
				_ = conn.Close()
				t.Errorf("something still listens on %s after the test", address)
			}
			ended.Kill() // again: nothing happens
		})
	}
}

func TestServersLeaveNoFolder(t *testing.T) {
	temporary := t.TempDir()
	// The server's own account has to find its way down to its folder.
	for _, dir := range []string{temporary, filepath.Dir(temporary)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TMPDIR", temporary)
	t.Run("start", func(t *testing.T) { servertest.PostgreSQL(t) })
	left, err := os.ReadDir(temporary)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
