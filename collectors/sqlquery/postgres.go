package sqlquery

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// postgres reads PostgreSQL, and what speaks its protocol, through pgconn: the
// rows come as text in the connection's own buffer, which is what the mapping
// wants, and decimals keep their digits.
func postgres() driver {
	return driver{
		name: "PostgreSQL", schemes: []string{"postgres", "postgresql"},
		example:     "postgres://user:password@host:5432/database",
		lexis:       lexis{escapeStrings: true, dollarQuotes: true, nestedComments: true},
		placeholder: func(n int) string { return "$" + strconv.Itoa(n) },
		ping:        "SELECT 1",
		enforces:    true,
		timedOut: func(err error) bool {
			const queryCanceled = "57014"
			var server *pgconn.PgError
			return errors.As(err, &server) && server.Code == queryCanceled
		},
		locate: locatePostgres,
	}
}

func locatePostgres(raw string) (source, error) {
	u, err := parseURL(raw)
	if err != nil {
		return source{}, err
	}
	secrets := append(passwords(u), raw)
	config, err := pgconn.ParseConfig(raw)
	if err != nil {
		// Its text quotes the URL, at its best effort without the password; the
		// cause does not. A parameter sslpassword that nobody escaped may show
		// in it.
		if cause := errors.Unwrap(err); cause != nil && !strings.Contains(strings.ToLower(raw), "password") {
			return source{}, fmt.Errorf("the parameters of the URL are wrong: %s", redactor(secrets)(cause.Error()))
		}
		return source{}, errors.New("the URL has a wrong host, port or parameter")
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.RuntimeParams["datestyle"] = "ISO"
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "govkpi"
	}
	return source{
		where:   fmt.Sprintf("%s:%d/%s", config.Host, config.Port, config.Database),
		secrets: append(secrets, config.Password),
		open: func(ctx context.Context, p policy) (session, error) {
			return openPostgres(ctx, config.Copy(), p)
		},
	}, nil
}

func openPostgres(ctx context.Context, config *pgconn.Config, p policy) (session, error) {
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says where
	}
	s := &postgresSession{conn}
	// What is local to the transaction leaves no trace in a connection that a
	// pooler between us and the server hands to somebody else afterwards.
	begin := fmt.Sprintf(`BEGIN READ ONLY;
SET LOCAL statement_timeout = %d;
SET LOCAL extra_float_digits = 3;
SET LOCAL TIME ZONE INTERVAL '%s' HOUR TO MINUTE`, max(1, p.timeout.Milliseconds()), offsetOf(p.now))
	if _, err := conn.Exec(ctx, begin).ReadAll(); err != nil {
		s.close() //nolint:contextcheck // ctx may be what ended it
		return nil, fmt.Errorf("begin a read-only transaction: %w", err)
	}
	return s, nil
}

type postgresSession struct{ conn *pgconn.PgConn }

func (s *postgresSession) query(ctx context.Context, sql string, args []string, header func([]string) error, row func([]cell) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parameters := make([][]byte, len(args))
	for i, arg := range args {
		parameters[i] = []byte(arg)
	}
	rows := s.conn.ExecParams(ctx, sql, parameters, nil, nil, nil)
	if err := readPostgres(rows, header, row); err != nil {
		// Closing rows reads all that is left, unless the context has ended:
		// then the server is told to stop.
		cancel()
		_, _ = rows.Close()
		return err
	}
	if _, err := rows.Close(); err != nil {
		return postgresError(err)
	}
	return nil
}

func readPostgres(rows *pgconn.ResultReader, header func([]string) error, row func([]cell) error) error {
	fields := rows.FieldDescriptions()
	if fields == nil {
		if _, err := rows.Close(); err != nil {
			return postgresError(err)
		}
	}
	names, kinds, padded := make([]string, len(fields)), make([]kind, len(fields)), make([]bool, len(fields))
	for i, field := range fields {
		names[i], kinds[i] = field.Name, postgresKind(field.DataTypeOID)
		padded[i] = field.DataTypeOID == pgtype.BPCharOID
	}
	if err := header(names); err != nil {
		return err
	}
	cells := make([]cell, len(fields))
	for rows.NextRow() {
		for i, value := range rows.Values() {
			switch {
			case value == nil:
				cells[i] = cell{}
				continue
			case kinds[i] == boolean:
				value = strconv.AppendBool(value[:0:0], value[0] == 't')
			case padded[i]:
				// CHAR(n) comes filled up with blanks that mean nothing.
				for len(value) > 0 && value[len(value)-1] == ' ' {
					value = value[:len(value)-1]
				}
			}
			cells[i] = cell{bytes: value, kind: kinds[i]}
		}
		if err := row(cells); err != nil {
			return err
		}
	}
	return nil
}

// postgresKind says what the text of a type's values is.
func postgresKind(oid uint32) kind {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID, pgtype.Float4OID, pgtype.Float8OID:
		return number
	case pgtype.BoolOID:
		return boolean
	}
	return text
}

// postgresError adds the server's hint, which is made for people.
func postgresError(err error) error {
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Hint != "" {
		return fmt.Errorf("%w; hint of the server: %s", err, server.Hint)
	}
	return err
}

// close ends the connection. One on which a statement still ran is already
// being closed by pgconn, which sends the server a request to cancel it.
func (s *postgresSession) close() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_ = s.conn.Close(ctx) // nothing was written, nothing can be lost
	select {
	case <-s.conn.CleanupDone():
	case <-ctx.Done():
	}
}
