package config

import (
	"path/filepath"
	"time"
)

// Alertmanager is one of those that firing alerts are sent to.
type Alertmanager struct {
	URL     string // without a slash at its end; a path is put before that of the API
	Timeout time.Duration
	// User and Password are for basic authentication, Token for a bearer; each is
	// empty where it is not asked for.
	User, Password, Token string
	// The files are absolute, or relative to the working directory where the
	// configuration has no folder; empty is none.
	CA, Certificate, Key string
	// ServerName is what the certificate must be for, where that is not the host.
	ServerName string
}

type alertmanagerBlock struct {
	Self    *node           `yaml:",self"`
	URL     string          `yaml:"url"`
	Timeout time.Duration   `yaml:"timeout"`
	Basic   *basicAuthBlock `yaml:"basic_auth"`
	Bearer  *bearerBlock    `yaml:"bearer"`
	TLS     *clientTLSBlock `yaml:"tls"`
}

type basicAuthBlock struct {
	Self     *node  `yaml:",self"`
	User     string `yaml:"user"`
	Password string `yaml:"password,secret"`
}

type bearerBlock struct {
	Self  *node  `yaml:",self"`
	Token string `yaml:"token,secret"`
}

type clientTLSBlock struct {
	Self        *node   `yaml:",self"`
	CA          *string `yaml:"ca"`
	Certificate *string `yaml:"certificate"`
	Key         *string `yaml:"key"`
	ServerName  *string `yaml:"server_name"`
}

func (l *loader) loadAlertmanagers(blocks []*alertmanagerBlock) {
	known := map[string]*node{}
	for _, b := range blocks {
		l.unique(b.Self, "url", b.URL, known)
		l.positive(b.Self, "timeout", b.Timeout)
		am := Alertmanager{URL: l.baseURL(b.Self, "url", b.URL), Timeout: b.Timeout}
		if b.Basic != nil && b.Bearer != nil {
			l.problems.refuseKey(b.Bearer.Self, "basic_auth is given too: leave one of the two out")
		}
		if b.Basic != nil {
			am.User, am.Password = b.Basic.User, l.secretOf(b.Basic.Self, "password", b.Basic.Password)
		}
		if b.Bearer != nil {
			am.Token = l.secretOf(b.Bearer.Self, "token", b.Bearer.Token)
		}
		if b.TLS != nil {
			l.clientTLS(b.TLS, &am)
		}
		l.config.Alertmanagers = append(l.config.Alertmanagers, am)
	}
}

// secretOf returns a secret that stands under its key or in the file that its key
// with _file names, and refuses one that is written out.
func (l *loader) secretOf(in *node, key, value string) string {
	l.readSecrets(in)
	l.refuseWrittenOut(in)
	if named := in.child(key + fileSuffix); named != nil {
		return named.content
	}
	return value
}

func (l *loader) clientTLS(b *clientTLSBlock, am *Alertmanager) {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	am.CA, am.Certificate, am.Key = l.filePath(text(b.CA)), l.filePath(text(b.Certificate)), l.filePath(text(b.Key))
	am.ServerName = text(b.ServerName)
	switch certificate, key := b.Self.child("certificate"), b.Self.child("key"); {
	case certificate != nil && key == nil:
		l.problems.refuseKey(certificate, "the key that belongs to it is missing")
	case certificate == nil && key != nil:
		l.problems.refuseKey(key, "the certificate that it belongs to is missing")
	}
}

// filePath takes a relative path from the root file's folder.
func (l *loader) filePath(written string) string {
	if written == "" || filepath.IsAbs(written) {
		return written
	}
	return filepath.Join(l.options.Folder, filepath.FromSlash(written))
}
