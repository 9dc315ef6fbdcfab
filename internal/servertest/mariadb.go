package servertest

import (
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

const installMariaDB = "apt-get install -y mariadb-server"

// MariaDB starts a MariaDB server that ends with the test.
func MariaDB(tb testing.TB) *Server {
	tb.Helper()
	server := find(tb, installMariaDB, "/usr/sbin/mariadbd")
	install := find(tb, installMariaDB, "/usr/bin/mariadb-install-db")
	account := accountOf(tb, "mysql", installMariaDB)
	dir := account.folder(tb)
	s := &Server{
		Scheme: "mariadb", Host: "127.0.0.1", Port: freePort(tb),
		User: owner, Password: password, Database: "govkpi",
		signal: syscall.SIGKILL, // one process, nothing to take along
	}
	data := filepath.Join(dir, "data")
	create := account.command(syscall.SIGKILL, install, "--no-defaults", "--datadir="+data,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin")
	if said, err := create.CombinedOutput(); err != nil {
		tb.Fatalf("create the data folder: %v\n%s", err, said)
	}
	first := filepath.Join(dir, "first.sql")
	account.write(tb, first, fmt.Sprintf(
		"CREATE DATABASE %[1]s CHARACTER SET utf8mb4;\n"+
			"CREATE USER '%[2]s'@'%%' IDENTIFIED BY '%[3]s';\n"+
			"GRANT ALL ON *.* TO '%[2]s'@'%%' WITH GRANT OPTION;\n", s.Database, s.User, s.Password))
	s.start(tb, account.command(s.signal, server, "--no-defaults", "--datadir="+data,
		"--bind-address="+s.Host, "--port="+strconv.Itoa(s.Port), "--socket="+filepath.Join(dir, "socket"),
		"--pid-file="+filepath.Join(dir, "pid"), "--init-file="+first, "--skip-name-resolve",
		"--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"),
		"ready for connections")
	return s
}
