package sqlquery

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
)

// listening is a connection that writes down what it is told.
type listening struct {
	sqldriver.Conn // nothing else is asked of it
	unknown        []string
	said           []string
	err            error
}

func (l *listening) ExecContext(_ context.Context, sql string, _ []sqldriver.NamedValue) (sqldriver.Result, error) {
	l.said = append(l.said, sql)
	for _, variable := range l.unknown {
		if strings.Contains(sql, variable) {
			return nil, &mysql.MySQLError{Number: 1193, Message: "Unknown system variable '" + variable + "'"}
		}
	}
	return nil, l.err
}

// MySQL itself is not in Debian; this is what its manual says it understands.
func TestBeginMySQLFindsTheTimeoutOfTheServer(t *testing.T) {
	rest := []string{"SET SESSION time_zone = '+08:00'", "SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"}
	tests := map[string]struct {
		unknown []string
		want    []string
	}{
		"MariaDB":          {nil, append([]string{"SET SESSION max_statement_time = 1.500"}, rest...)},
		"MySQL":            {[]string{"max_statement_time"}, append([]string{"SET SESSION max_statement_time = 1.500", "SET SESSION max_execution_time = 1500"}, rest...)},
		"MySQL before 5.7": {[]string{"max_statement_time", "max_execution_time"}, append([]string{"SET SESSION max_statement_time = 1.500", "SET SESSION max_execution_time = 1500"}, rest...)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			conn := &listening{unknown: test.unknown}
			s := &standardSession{conn: conn, offset: "+08:00"}
			if err := beginMySQL(t.Context(), s, policy{timeout: 1500 * time.Millisecond}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, conn.said); diff != "" {
				t.Errorf("the server was told (-want +got):\n%s", diff)
			}
		})
	}
	broken := errors.New("connection lost")
	if err := beginMySQL(t.Context(), &standardSession{conn: &listening{err: broken}}, policy{timeout: time.Second}); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}
