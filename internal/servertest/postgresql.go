package servertest

import (
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

const installPostgreSQL = "apt-get install -y postgresql"

// PostgreSQL starts a PostgreSQL server that ends with the test.
func PostgreSQL(tb testing.TB) *Server {
	tb.Helper()
	// The package keeps its programs apart by version and out of the PATH.
	server := find(tb, installPostgreSQL, "/usr/lib/postgresql/*/bin/postgres")
	account := accountOf(tb, "postgres", installPostgreSQL)
	dir := account.folder(tb)
	account.write(tb, filepath.Join(dir, "password"), password)
	s := &Server{
		Scheme: "postgres", Host: "127.0.0.1", Port: freePort(tb),
		User: owner, Password: password, Database: "postgres",
		signal: syscall.SIGQUIT, // the postmaster's "immediate shutdown"
	}
	data := filepath.Join(dir, "data")
	create := account.command(syscall.SIGKILL, filepath.Join(filepath.Dir(server), "initdb"),
		"--pgdata="+data, "--username="+owner, "--pwfile="+filepath.Join(dir, "password"),
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	if said, err := create.CombinedOutput(); err != nil {
		tb.Fatalf("create the database cluster: %v\n%s", err, said)
	}
	s.start(tb, account.command(s.signal, server, "-D", data, "-p", strconv.Itoa(s.Port),
		"-c", "listen_addresses="+s.Host, "-c", "unix_socket_directories=",
		"-c", "max_connections=20", "-c", "shared_buffers=32MB",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
		"database system is ready to accept connections")
	return s
}
