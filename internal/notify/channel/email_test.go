package channel_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// mailServer is as much of a mail server as a message needs.
type mailServer struct {
	listener net.Listener
	tls      *tls.Config
	// How it behaves.
	implicit, starttls bool
	auth               string            // mechanisms it offers
	answers            map[string]string // by the first word of a command, in the place of its usual answer
	hangUpAt           string            // the command after which it says nothing more; "." is the end of a message

	mu       sync.Mutex
	commands []string
	messages []string
	secure   bool
}

func newMailServer(t *testing.T, set func(*mailServer)) (s *mailServer, authority string) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	web.Close()
	authority = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(authority, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	s = &mailServer{tls: &tls.Config{Certificates: web.TLS.Certificates}}
	set(s)
	var err error
	if s.listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = s.listener.Close()
		all.Wait()
	})
	return s, authority
}

func portOf(t *testing.T, listener net.Listener) int {
	t.Helper()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("listening on %v, which has no port", listener.Addr())
	}
	return address.Port
}

func (s *mailServer) note(command string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, command)
}

// say sends a line. One that has hung up is told nothing.
func say(conn io.Writer, line string) { _, _ = io.WriteString(conn, line+"\r\n") }

func (s *mailServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if s.implicit {
		conn = tls.Server(conn, s.tls)
	}
	lines := bufio.NewReader(conn)
	say(conn, "220 mail.example ESMTP")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		word, _, _ := strings.Cut(strings.ToUpper(line), " ")
		s.note(line)
		if s.hangUpAt == word {
			return
		}
		if answer, ok := s.answers[word]; ok {
			say(conn, answer)
			continue
		}
		switch word {
		case "EHLO":
			say(conn, "250-mail.example")
			if s.starttls {
				say(conn, "250-STARTTLS")
			}
			if s.auth != "" {
				say(conn, "250-AUTH "+s.auth)
			}
			say(conn, "250 8BITMIME")
		case "STARTTLS":
			say(conn, "220 go on")
			conn = tls.Server(conn, s.tls)
			lines = bufio.NewReader(conn)
			s.mu.Lock()
			s.secure = true
			s.mu.Unlock()
		case "AUTH":
			s.login(conn, lines, line)
		case "DATA":
			if !s.data(conn, lines) {
				return
			}
		case "QUIT":
			say(conn, "221 bye")
			return
		default:
			say(conn, "250 fine")
		}
	}
}

// login lets kpi in with its secret.
func (s *mailServer) login(conn io.Writer, lines *bufio.Reader, line string) {
	ask := func(what string) string {
		say(conn, "334 "+base64.StdEncoding.EncodeToString([]byte(what)))
		answer, _ := lines.ReadString('\n')
		decoded, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(answer))
		return string(decoded)
	}
	var good bool
	if plain, ok := strings.CutPrefix(line, "AUTH PLAIN "); ok {
		decoded, _ := base64.StdEncoding.DecodeString(plain)
		good = string(decoded) == "\x00kpi\x00SEC-0123456789"
	} else {
		good = ask("Username:") == "kpi" && ask("Password:") == "SEC-0123456789"
	}
	if good {
		say(conn, "235 welcome")
	} else {
		say(conn, "535 5.7.8 no")
	}
}

func (s *mailServer) data(conn io.Writer, lines *bufio.Reader) bool {
	say(conn, "354 go on")
	var message strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		message.WriteString(strings.TrimPrefix(line, "."))
	}
	s.mu.Lock()
	s.messages = append(s.messages, message.String())
	s.mu.Unlock()
	if s.hangUpAt == "." {
		return false
	}
	answer := "250 taken"
	if other, ok := s.answers["."]; ok {
		answer = other
	}
	say(conn, answer)
	return true
}

func mailMessage() notify.Message {
	m := message()
	m.To = "officer@jx.example"
	m.Body = strings.ReplaceAll(m.Body, "**", "") + "\n.一行以点开头\n" + strings.Repeat("很长的一行", 300)
	return m
}

// What a mail reader makes of a message, over every sort of connection.
func TestMail(t *testing.T) {
	const from = `from: "治理指标 <kpi@jx.example>"`
	login := `, user: kpi, password: "${SECRET}"`
	tests := map[string]struct {
		set   func(*mailServer)
		block string // after the host and port
	}{
		"plain":          {func(*mailServer) {}, "tls: none, " + from},
		"starttls":       {func(s *mailServer) { s.starttls = true }, "tls: starttls, ca_file: %s, " + from},
		"starttls login": {func(s *mailServer) { s.starttls, s.auth = true, "LOGIN" }, "tls: starttls, ca_file: %s, " + from + login},
		"tls plain":      {func(s *mailServer) { s.implicit, s.auth = true, "PLAIN LOGIN" }, "tls: tls, ca_file: %s, " + from + login},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server, authority := newMailServer(t, test.set)
			block := strings.ReplaceAll(test.block, "%s", authority)
			c := mustBuild(t, "email", fmt.Sprintf("{host: 127.0.0.1, port: %d, %s}", portOf(t, server.listener), block), "")
			if err := c.Send(t.Context(), mailMessage()); err != nil {
				t.Fatal(err)
			}
			if len(server.messages) != 1 || server.starttls != server.secure {
				t.Fatalf("%d messages, secure %t", len(server.messages), server.secure)
			}
			golden(t, "mail.eml", strings.ReplaceAll(server.messages[0], "\r\n", "\n"))
			readMail(t, server.messages[0])
		})
	}
}

// readMail reads a message as a mail reader does.
func readMail(t *testing.T, raw string) {
	t.Helper()
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 78 || strings.ContainsAny(line, "\r\n") || strings.Trim(line, asciiOnly()) != "" {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	read, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil || subject != mailMessage().Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	sender, err := mail.ParseAddress(read.Header.Get("From"))
	if err != nil || sender.Name != "治理指标" || sender.Address != "kpi@jx.example" {
		t.Errorf("from %v, %v", sender, err)
	}
	if date, err := read.Header.Date(); err != nil || !date.Equal(now()) {
		t.Errorf("date %v, %v", date, err)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, read.Body))
	if err != nil || strings.ReplaceAll(strings.TrimSuffix(string(body), "\r\n"), "\r\n", "\n") != mailMessage().Body {
		t.Errorf("body %q, %v", body, err)
	}
}

func asciiOnly() string {
	var all strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		all.WriteByte(c)
	}
	return all.String()
}

func TestMailOutcomes(t *testing.T) {
	tests := map[string]struct {
		set   func(*mailServer)
		block string
		to    string
		want  string
	}{
		"receiver unknown":  {func(s *mailServer) { s.answers = map[string]string{"RCPT": "550 5.1.1 no such user"} }, "tls: none", "", "refused"},
		"mailbox full":      {func(s *mailServer) { s.answers = map[string]string{"RCPT": "452 4.2.2 full"} }, "tls: none", "", "again"},
		"sender refused":    {func(s *mailServer) { s.answers = map[string]string{"MAIL": "553 no"} }, "tls: none", "", "refused"},
		"message refused":   {func(s *mailServer) { s.answers = map[string]string{".": "554 spam"} }, "tls: none", "", "refused"},
		"try again later":   {func(s *mailServer) { s.answers = map[string]string{".": "451 later"} }, "tls: none", "", "again"},
		"not confirmed":     {func(s *mailServer) { s.hangUpAt = "." }, "tls: none", "", "doubtful"},
		"hangs up early":    {func(s *mailServer) { s.hangUpAt = "DATA" }, "tls: none", "", "again"},
		"hangs up at once":  {func(s *mailServer) { s.hangUpAt = "EHLO" }, "tls: none", "", "again"},
		"no STARTTLS":       {func(*mailServer) {}, "tls: starttls", "", "refused"},
		"foreign authority": {func(s *mailServer) { s.starttls = true }, "tls: starttls", "", "again"},
		"wrong password":    {func(s *mailServer) { s.starttls, s.auth = true, "PLAIN" }, `tls: starttls, ca_file: %s, user: kpi, password: "${BEARER}"`, "", "refused"},
		"no address":        {func(*mailServer) {}, "tls: none", "nobody", "refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server, authority := newMailServer(t, test.set)
			block := strings.ReplaceAll(test.block, "%s", authority)
			c := mustBuild(t, "email", fmt.Sprintf("{host: 127.0.0.1, port: %d, from: kpi@jx.example, %s}", portOf(t, server.listener), block), "")
			m := mailMessage()
			if test.to != "" {
				m.To = test.to
			}
			err := c.Send(t.Context(), m)
			if got := outcome(err); got != test.want {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
			if strings.Contains(fmt.Sprint(err), "0123456789") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// A server that falls silent is left when the attempt's time is over.
func TestMailServerThatIsSilent(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := portOf(t, listener)
	c := mustBuild(t, "email", fmt.Sprintf("{host: 127.0.0.1, port: %d, from: kpi@jx.example, tls: none}", port), "")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := c.Send(ctx, mailMessage()); outcome(err) != "again" {
		t.Errorf("%v", err)
	}
}
