package channel

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// How a mail server is talked to.
const (
	startTLS = "starttls"
	fullTLS  = "tls"
	noTLS    = "none"
)

func emailKind() Kind { return Kind{Name: "email", New: newEmail} }

// email sends messages through one mail server.
type email struct {
	host, address  string
	encryption     string
	tls            *tls.Config
	user, password string // empty user logs in nowhere
	from           *mail.Address
	now            func() time.Time
}

type emailBlock struct {
	Host     string `yaml:"host"`
	Port     int    `yaml:"port"`
	TLS      string `yaml:"tls"`
	User     string `yaml:"user,optional"`
	Password string `yaml:"password,secret,optional"`
	From     string `yaml:"from"`
	CA       string `yaml:"ca,secret,optional"`
}

func newEmail(o Options, now func() time.Time) (notify.Channel, error) {
	var b emailBlock
	if err := o.Decode(&b); err != nil {
		return nil, err //nolint:wrapcheck // it says where
	}
	from, err := mail.ParseAddress(b.From)
	switch {
	case err != nil:
		return nil, o.Errorf("from", "from: expected an address such as 治理指标 <kpi@example.gov.cn>: %v", err)
	case b.Port < 1 || b.Port > 65535:
		return nil, o.Errorf("port", "port: expected 1 to 65535, found %d", b.Port)
	case b.TLS != startTLS && b.TLS != fullTLS && b.TLS != noTLS:
		return nil, o.Errorf("tls", "tls: unknown word %q: expected starttls, tls or none", b.TLS)
	case (b.User == "") != (b.Password == ""):
		return nil, o.Errorf("user", "user and password belong together")
	case b.User != "" && b.TLS == noTLS:
		return nil, o.Errorf("tls", "tls: a password must not go over a connection that anybody can read: use starttls or tls")
	}
	e := &email{
		host: b.Host, address: net.JoinHostPort(b.Host, strconv.Itoa(b.Port)), encryption: b.TLS,
		tls: &tls.Config{MinVersion: tls.VersionTLS12}, user: b.User, password: b.Password, from: from, now: now,
	}
	if b.CA != "" {
		if e.tls, err = trusting(o, b.CA); err != nil {
			return nil, err
		}
	}
	e.tls.ServerName = b.Host
	return e, nil
}

// Format implements notify.Channel.
func (e *email) Format() notify.Format { return notify.Format{Addressed: true} }

// Send implements notify.Channel.
func (e *email) Send(ctx context.Context, m notify.Message) error {
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return refused("the address %q: %w", m.To, err)
	}
	conn, err := e.dial(ctx)
	if err != nil {
		return fmt.Errorf("the mail server %s can't be reached: %w", e.address, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // it makes every read and write fail
	defer stop()
	client, err := smtp.NewClient(conn, e.host)
	if err != nil {
		_ = conn.Close()
		return e.explain("greet", err)
	}
	defer func() { _ = client.Close() }() // after Quit it is closed already
	if err := e.introduce(client); err != nil {
		return err
	}
	if err := client.Mail(e.from.Address); err != nil {
		return e.explain("accept the sender", err)
	}
	if err := client.Rcpt(to.Address); err != nil {
		return e.explain("accept the receiver "+to.Address, err)
	}
	data, err := client.Data()
	if err != nil {
		return e.explain("take a message", err)
	}
	if _, err := data.Write(e.compose(m, to)); err != nil {
		return e.explain("take the message", err) // without its end, it counts for nothing
	}
	if err := data.Close(); err != nil {
		if said := (*textproto.Error)(nil); !errors.As(err, &said) {
			return doubtful("the mail server %s has not confirmed the message: %w", e.address, err)
		}
		return e.explain("take the message", err)
	}
	_ = client.Quit() // it has the message
	return nil
}

func (e *email) dial(ctx context.Context) (net.Conn, error) {
	if e.encryption == fullTLS {
		return (&tls.Dialer{Config: e.tls}).DialContext(ctx, "tcp", e.address) //nolint:wrapcheck // Send says which server can't be reached
	}
	return new(net.Dialer).DialContext(ctx, "tcp", e.address) //nolint:wrapcheck // as above
}

// introduce encrypts the connection and logs in.
func (e *email) introduce(client *smtp.Client) error {
	// The part behind the @ is a name that the server can look up.
	_, domain, _ := strings.Cut(e.from.Address, "@")
	if err := client.Hello(domain); err != nil {
		return e.explain("greet", err)
	}
	if e.encryption == startTLS {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return refused("the mail server %s does not offer STARTTLS; nothing is sent unencrypted unless tls is none", e.address)
		}
		if err := client.StartTLS(e.tls); err != nil {
			return e.explain("encrypt the connection", err)
		}
	}
	if e.user == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	words := strings.Fields(offered)
	auth := smtp.PlainAuth("", e.user, e.password, e.host)
	if !contains(words, "PLAIN") && contains(words, "LOGIN") {
		auth = &loginAuth{e.user, e.password}
	}
	if err := client.Auth(auth); err != nil {
		return e.explain("let "+e.user+" log in", err)
	}
	return nil
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// explain says what a server would not do, and whether it ever will.
func (e *email) explain(what string, err error) error {
	says := fmt.Errorf("the mail server %s does not %s: %w", e.address, what, err)
	const permanent = 500
	if said := (*textproto.Error)(nil); errors.As(err, &said) && said.Code >= permanent {
		return refused("%w", says)
	}
	return says
}

// loginAuth is AUTH LOGIN, which is all that some servers have.
type loginAuth struct{ user, password string }

// Start implements smtp.Auth.
func (a *loginAuth) Start(server *smtp.ServerInfo) (protocol string, answer []byte, err error) {
	if !server.TLS {
		return "", nil, errors.New("the connection is not encrypted")
	}
	return "LOGIN", nil, nil
}

// Next implements smtp.Auth: the server asks for the user, then for the password.
func (a *loginAuth) Next(asks []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(strings.ToLower(string(asks)), "user"):
		return []byte(a.user), nil
	case strings.HasPrefix(strings.ToLower(string(asks)), "pass"):
		return []byte(a.password), nil
	}
	return nil, fmt.Errorf("the server asks for %q", asks)
}
