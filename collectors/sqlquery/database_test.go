package sqlquery_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	_ "modernc.org/sqlite"

	"github.com/govkpi/govkpi/internal/servertest"
)

// database is a database to read from, and what its dialect calls things.
type database struct {
	name    string
	url     string
	exec    func(ctx context.Context, sql string) error // any number of statements
	endless string                                      // a query that yields its only row much too late
	numbers func(n int) string                          // a table expression with 1 to n in column i
	instant string                                      // the type of a point in time
	boolean string                                      // the type of true and false
	kill    func()                                      // ends the server; nil where there is none
}

func databases(t testing.TB) []*database {
	t.Helper()
	return []*database{onPostgreSQL(t), onMariaDB(t), onSQLite(t)}
}

func onPostgreSQL(t testing.TB) *database {
	t.Helper()
	server := servertest.PostgreSQL(t)
	return &database{
		name: "PostgreSQL", url: server.URL(), kill: server.Kill,
		exec: func(ctx context.Context, sql string) error {
			conn, err := pgconn.Connect(ctx, server.URL())
			if err != nil {
				return err
			}
			defer conn.Close(ctx)
			_, err = conn.Exec(ctx, sql).ReadAll()
			return err
		},
		endless: "SELECT '360603' AS code, pg_sleep(600)::text AS amount",
		numbers: func(n int) string { return "(SELECT generate_series(1, " + strconv.Itoa(n) + ") AS i) AS n" },
		instant: "TIMESTAMPTZ", boolean: "BOOLEAN",
	}
}

func onMariaDB(t testing.TB) *database {
	t.Helper()
	server := servertest.MariaDB(t)
	name := fmt.Sprintf("%s:%s@tcp(%s:%d)/%s?multiStatements=true&time_zone=%%27%%2B00:00%%27",
		server.User, server.Password, server.Host, server.Port, server.Database)
	return &database{
		name: "MariaDB", url: server.URL(), kill: server.Kill,
		exec: func(ctx context.Context, sql string) error { return execStandard(ctx, "mysql", name, sql) },

		endless: "SELECT '360603' AS code, SLEEP(600) AS amount",
		numbers: func(n int) string { return "(SELECT seq AS i FROM seq_1_to_" + strconv.Itoa(n) + ") AS n" },
		instant: "TIMESTAMP", boolean: "BIT(1)",
	}
}

func onSQLite(t testing.TB) *database {
	t.Helper()
	file := filepath.Join(t.TempDir(), "100% source.db")
	return &database{
		name: "SQLite", url: "sqlite://" + filepath.ToSlash(filepath.Dir(file)) + "/100%25%20source.db",
		exec: func(ctx context.Context, sql string) error { return execStandard(ctx, "sqlite", file, sql) },

		endless: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '360603' AS code, COUNT(*) AS amount FROM n",
		numbers: func(n int) string {
			return "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + strconv.Itoa(n) + ") SELECT i FROM n)"
		},
		instant: "TIMESTAMP", boolean: "BOOLEAN",
	}
}

func execStandard(ctx context.Context, driver, name, query string) error {
	db, err := sql.Open(driver, name)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, query)
	return err
}
