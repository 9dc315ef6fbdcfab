// Package servertest starts real database servers for tests: PostgreSQL and
// MariaDB as Debian packages them, each in a temporary folder of its own on a
// free loopback port. It reads nothing of the machine's own servers and hands on
// the address of one that ends with the test.
//
// A missing server fails the test with the command that installs it; it is never
// a reason to skip. The package runs on Linux only.
package servertest

import (
	"bytes"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Server is a running database server. Its user owns the database and may do
// anything on the server.
type Server struct {
	Scheme   string // of URL
	Host     string
	Port     int
	User     string
	Password string // made of characters that need no escaping
	Database string

	process *exec.Cmd
	signal  syscall.Signal // ends the server at once, with all its children
	ended   chan struct{}  // closed once the process has been waited for
}

// How long a server may take to start on a busy machine.
const patience = time.Minute

// The names that every server is set up with. The password holds characters
// that a URL must escape in no place, and is easily found in a text.
const (
	owner    = "govkpi"
	password = "s3cret-of-the-test-server"
)

// URL returns the server's address with user, password and database.
func (s *Server) URL() string {
	u := url.URL{
		Scheme: s.Scheme, User: url.UserPassword(s.User, s.Password),
		Host: net.JoinHostPort(s.Host, strconv.Itoa(s.Port)), Path: "/" + s.Database,
	}
	return u.String()
}

// Kill ends the server at once, as a crash would, and waits until it has gone.
// It does nothing to a server that has ended.
func (s *Server) Kill() {
	select {
	case <-s.ended:
		return
	default:
	}
	// An error means that it has ended meanwhile, which is what is wanted.
	_ = s.process.Process.Signal(s.signal)
	<-s.ended
}

// account is the user that a server runs as.
type account struct {
	uid, gid int
	drop     bool // whether it is another than ours
}

// accountOf returns the account a server must run as. Servers refuse to run as
// root; the package of each has made an account for it.
func accountOf(tb testing.TB, name, install string) account {
	tb.Helper()
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid()}
	}
	u, err := user.Lookup(name)
	if err != nil {
		tb.Fatalf("no account to run the server as: %v; to install it: %s", err, install)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		tb.Fatalf("account %s: %v", name, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		tb.Fatalf("account %s: %v", name, err)
	}
	return account{uid: uid, gid: gid, drop: true}
}

// command makes a command that runs as the account and doesn't outlive us, even
// where the test is killed.
func (a account) command(signal syscall.Signal, name string, args ...string) *exec.Cmd {
	//nolint:noctx // A server ends by Kill, with the signal that takes its children along.
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: signal}
	if a.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// folder makes a temporary folder that belongs to the account. The folder of
// testing.T can't be used: only root may look into it.
func (a account) folder(tb testing.TB) string {
	tb.Helper()
	//nolint:usetesting // see above
	dir, err := os.MkdirTemp("", "govkpi-server-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("remove the server's folder: %v", err)
		}
	})
	if err := os.Chown(dir, a.uid, a.gid); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// write puts a file into a folder for the account alone.
func (a account) write(tb testing.TB, file, content string) {
	tb.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chown(file, a.uid, a.gid); err != nil {
		tb.Fatal(err)
	}
}

// freePort returns a port that nobody listens on.
func freePort(tb testing.TB) int {
	tb.Helper()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		tb.Fatalf("no TCP address: %v", listener.Addr())
	}
	return address.Port
}

// find returns the newest of the files that match one of the patterns.
func find(tb testing.TB, install string, patterns ...string) string {
	tb.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			tb.Fatal(err)
		}
		if len(found) > 0 {
			return found[len(found)-1]
		}
	}
	tb.Fatalf("the server is not installed: none of %q is there; to install it: %s", patterns, install)
	return ""
}

// start runs the server until the test ends, and waits until it says that it is
// ready.
func (s *Server) start(tb testing.TB, cmd *exec.Cmd, ready string) {
	tb.Helper()
	said := &transcript{ready: []byte(ready), seen: make(chan struct{})}
	cmd.Stderr = said
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start %s: %v", cmd.Path, err)
	}
	s.process, s.ended = cmd, make(chan struct{})
	go func() {
		defer close(s.ended)
		_ = cmd.Wait() // how it ended is in what it said
	}()
	tb.Cleanup(s.Kill)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-said.seen:
	case <-s.ended:
		tb.Fatalf("%s ended before it was ready:\n%s", cmd.Path, said)
	case <-timer.C:
		tb.Fatalf("%s was not ready within %s:\n%s", cmd.Path, patience, said)
	}
}

// transcript keeps what a server says and notices when it is ready.
type transcript struct {
	mu    sync.Mutex
	text  bytes.Buffer
	ready []byte
	seen  chan struct{} // closed once ready was said
	told  bool
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(p)
	if !t.told && bytes.Contains(t.text.Bytes(), t.ready) {
		t.told = true
		close(t.seen)
	}
	return len(p), nil
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
