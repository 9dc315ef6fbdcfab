package sqlquery

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlAndMariaDB reads both; which of the two it is, the server says.
func mysqlAndMariaDB() driver {
	return driver{
		name: "MySQL or MariaDB", schemes: []string{"mysql", "mariadb"},
		example:     "mysql://user:password@host:3306/database",
		lexis:       lexis{backslash: true, backticks: true, hashComments: true, spacedDashes: true},
		placeholder: func(int) string { return "?" },
		ping:        "SELECT 1",
		enforces:    true,
		timedOut: func(err error) bool {
			const mariaDB, mySQL = 1969, 3024
			return isMySQLError(err, mariaDB) || isMySQLError(err, mySQL)
		},
		locate: locateMySQL,
	}
}

func isMySQLError(err error, number uint16) bool {
	var server *mysql.MySQLError
	return errors.As(err, &server) && server.Number == number
}

// locateMySQL translates a URL. Its parameters are tls (true, skip-verify,
// preferred or false; preferred where none is given) and socket (a Unix
// socket's path, instead of host and port).
func locateMySQL(raw string) (source, error) {
	u, err := parseURL(raw)
	if err != nil {
		return source{}, err
	}
	if name, unknown := unknownParameter(u, "tls", "socket"); unknown {
		return source{}, fmt.Errorf("the URL has the unknown parameter %q; there are tls and socket", name)
	}
	if u.Opaque != "" {
		return source{}, errors.New("the URL has no // behind its scheme")
	}
	config := mysql.NewConfig()
	config.Logger = &mysql.NopLogger{} // what matters is in the errors
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.Net, config.Addr = "tcp", u.Host
	if u.Port() == "" {
		config.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	if socket := u.Query().Get("socket"); socket != "" {
		config.Net, config.Addr = "unix", socket
	} else if u.Hostname() == "" {
		return source{}, errors.New("the URL names no host")
	}
	config.TLSConfig = "preferred"
	if u.Query().Has("tls") {
		config.TLSConfig = u.Query().Get("tls")
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return source{}, fmt.Errorf("the parameters of the URL are wrong: %s", redactor(passwords(u))(err.Error()))
	}
	return source{
		where:   config.Addr + "/" + config.DBName,
		secrets: append(passwords(u), raw),
		open: func(ctx context.Context, p policy) (session, error) {
			return openMySQL(ctx, connector, p)
		},
	}, nil
}

func openMySQL(ctx context.Context, connector sqldriver.Connector, p policy) (session, error) {
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says where
	}
	s := &standardSession{conn: conn, offset: offsetOf(p.now), hangUp: true}
	if err := beginMySQL(ctx, s, p); err != nil {
		s.close()
		return nil, fmt.Errorf("begin a read-only transaction: %w", err)
	}
	return s, nil
}

func beginMySQL(ctx context.Context, s *standardSession, p policy) error {
	const unknownVariable = 1193
	err := s.exec(ctx, fmt.Sprintf("SET SESSION max_statement_time = %.3f", max(p.timeout, time.Millisecond).Seconds()))
	if isMySQLError(err, unknownVariable) { // not MariaDB, then
		err = s.exec(ctx, fmt.Sprintf("SET SESSION max_execution_time = %d", max(1, p.timeout.Milliseconds())))
		if isMySQLError(err, unknownVariable) { // MySQL before 5.7: the context alone has to do
			err = nil
		}
	}
	if err != nil {
		return err
	}
	for _, sql := range []string{
		"SET SESSION time_zone = '" + s.offset + "'",
		// For whatever ends the transaction: what follows can't write either.
		"SET SESSION TRANSACTION READ ONLY",
		"START TRANSACTION READ ONLY",
	} {
		if err := s.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
