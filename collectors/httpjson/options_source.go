package httpjson

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/govkpi/govkpi/collectors"
)

// sourceBlock is the httpjson block of a source. What may be a secret is read as
// one; its fields, and those of the files, only say that the keys exist.
type sourceBlock struct {
	URL           string            `yaml:"url,omitempty"`
	Headers       map[string]string `yaml:"headers,omitempty"`
	Query         map[string]string `yaml:"query,omitempty"`
	Bearer        string            `yaml:"bearer,omitempty"`
	BearerFile    string            `yaml:"bearer_file,omitempty"`
	Basic         *basicBlock       `yaml:"basic,omitempty"`
	Timeout       string            `yaml:"timeout,omitempty"`
	Retries       *retriesBlock     `yaml:"retries,omitempty"`
	RedirectHosts []string          `yaml:"redirect_hosts,omitempty"`
	Proxy         string            `yaml:"proxy,omitempty"`
	ProxyFile     string            `yaml:"proxy_file,omitempty"`
	TLS           *tlsBlock         `yaml:"tls,omitempty"`

	faults *collectors.Faults // for what is found only with the collector
}

type basicBlock struct {
	User         string `yaml:"user,omitempty"`
	Password     string `yaml:"password,omitempty"`
	PasswordFile string `yaml:"password_file,omitempty"`
}

type retriesBlock struct {
	Attempts    *int   `yaml:"attempts,omitempty"`
	Backoff     string `yaml:"backoff,omitempty"`
	LongestWait string `yaml:"longest_wait,omitempty"`
}

type tlsBlock struct {
	CAFile          string `yaml:"ca_file,omitempty"`
	CertificateFile string `yaml:"certificate_file,omitempty"`
	KeyFile         string `yaml:"key_file,omitempty"`
	ServerName      string `yaml:"server_name,omitempty"`
}

// readSource returns the block with the values of its headers and parameters,
// or nil where it can't be read.
func (s *settings) readSource(options collectors.Options) (*sourceBlock, error) {
	var block sourceBlock
	if err := options.Decode(&block); err != nil {
		return nil, err //nolint:wrapcheck // it says where
	}
	r := &sourceReader{Faults: &collectors.Faults{Options: options}, settings: s}
	s.timeout = r.Duration("timeout", block.Timeout, "30s")
	s.retries = r.retries(block.Retries)
	block.Headers = r.filed("headers", block.Headers)
	block.Query = r.filed("query", block.Query)
	for name, text := range block.Headers {
		if !slices.Contains(publicHeaders[:], http.CanonicalHeaderKey(name)) {
			// A scheme may stand before the key: Token 0123456789.
			r.secrets = append(append(r.secrets, text), keysIn(strings.Fields(text))...)
		}
	}
	for _, text := range block.Query {
		r.secrets = append(r.secrets, text)
	}
	r.authorization(&block)
	r.proxy(&block)
	r.tls(block.TLS)
	s.access.redirects = r.redirects(block.RedirectHosts)
	r.pathKeys(block.URL)
	s.redact = newRedaction(r.secrets)
	if err := r.Err(); err != nil {
		return nil, err //nolint:wrapcheck // they say where
	}
	block.faults = &collectors.Faults{Options: options}
	return &block, nil
}

// publicHeaders say nothing about who asks.
var publicHeaders = [...]string{"Accept", "Accept-Language", "Content-Type", "User-Agent"}

type sourceReader struct {
	*collectors.Faults
	settings *settings
	secrets  []string
}

// secret reads a value or the file that holds it.
func (r *sourceReader) secret(path string) string {
	text, err := r.Options.Secret(path)
	if err != nil {
		r.AddError(err)
		return ""
	}
	if text = strings.TrimSpace(text); text != "" {
		r.secrets = append(r.secrets, text)
	}
	return text
}

// pathKeys takes what looks like a key in the path of the url for one.
func (r *sourceReader) pathKeys(address string) {
	_, behind, _ := strings.Cut(address, "://")
	_, path, _ := strings.Cut(behind, "/")
	r.secrets = append(r.secrets, keysIn(strings.Split(path, "/"))...)
}

// keysIn picks the words that look like a key rather than like a word.
func keysIn(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool {
		hasDigit := strings.ContainsAny(word, "0123456789")
		return strings.Contains(word, "{") || len(word) < 8 || len(word) < 20 && !hasDigit
	})
}

// filed replaces the entries of a mapping whose names end in _file by what those
// files hold.
func (r *sourceReader) filed(path string, given map[string]string) map[string]string {
	all := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		text := given[name]
		base, isFile := strings.CutSuffix(name, "_file")
		if _, both := given[base]; isFile && both {
			r.Add(path+"."+name, "%s.%s and %[1]s.%[3]s are both given: keep one", path, name, base)
			continue
		}
		if isFile {
			text = r.secret(path + "." + base)
		}
		all[base] = text
	}
	return all
}

func (r *sourceReader) retries(block *retriesBlock) retries {
	if block == nil {
		return retries{attempts: 1}
	}
	got := retries{attempts: r.Count("retries.attempts", block.Attempts, "how often a page is asked for at most")}
	if got.attempts == 1 && block.Backoff == "" && block.LongestWait == "" {
		return got // nothing is waited for
	}
	got.backoff = r.Duration("retries.backoff", block.Backoff, "1s")
	got.longest = r.Duration("retries.longest_wait", block.LongestWait, "1m")
	if got.longest > 0 && got.backoff > got.longest {
		r.Add("retries.backoff", "retries.backoff is longer than retries.longest_wait of %s", model.Duration(got.longest))
	}
	if got.longest > time.Hour {
		r.Add("retries.longest_wait", "retries.longest_wait is %s: expected at most 1h; the collector's own retry is for longer waits", block.LongestWait)
	}
	return got
}

func (r *sourceReader) authorization(block *sourceBlock) {
	bearerPath := "bearer"
	if block.BearerFile != "" {
		bearerPath = "bearer_file"
	}
	given := block.Bearer != "" || block.BearerFile != ""
	token := r.secret("bearer")
	switch {
	case block.Bearer != "" && block.BearerFile != "":
		r.Add("bearer_file", "bearer and bearer_file are both given: keep one")
	case given && block.Basic != nil:
		r.Add(bearerPath, "bearer and basic are both given: keep the one that the source asks for")
	case given && !isToken(token):
		r.Add(bearerPath, "the bearer token is empty, or has characters that no token has, such as a line break or blank")
	case given:
		r.settings.access.authorization = "Bearer " + token
	case block.Basic != nil:
		r.basic(block.Basic)
	}
}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f })
}

func (r *sourceReader) basic(block *basicBlock) {
	password := r.secret("basic.password")
	switch {
	case block.User == "" || strings.Contains(block.User, ":"):
		r.Add("basic.user", "basic.user is missing or has a colon: give the name of the user")
	case block.Password != "" && block.PasswordFile != "":
		r.Add("basic.password_file", "basic.password and basic.password_file are both given: keep one")
	case password == "":
		r.Add("basic", "basic.password is missing: give password, or password_file with the file that holds it")
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(block.User + ":" + password))
	r.secrets = append(r.secrets, encoded)
	r.settings.access.authorization = "Basic " + encoded
}

func (r *sourceReader) proxy(block *sourceBlock) {
	if block.Proxy == "" && block.ProxyFile == "" {
		return
	}
	path := "proxy"
	if block.ProxyFile != "" {
		path = "proxy_file"
	}
	text := r.secret("proxy")
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
		r.Add(path, "proxy is no URL of a proxy: write one such as http://proxy.example.org:3128")
		return
	}
	if password, ok := u.User.Password(); ok {
		r.secrets = append(r.secrets, password)
	}
	r.settings.access.proxy = u
}

func (r *sourceReader) redirects(hosts []string) []string {
	for _, host := range hosts {
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host || u.Hostname() == "" {
			r.Add("redirect_hosts", "redirect_hosts: %q is no host: write one such as files.example.org or files.example.org:8443", host)
		}
	}
	return hosts
}

func (r *sourceReader) tls(block *tlsBlock) {
	own, abroad := &tls.Config{MinVersion: tls.VersionTLS12}, &tls.Config{MinVersion: tls.VersionTLS12}
	r.settings.access.tls, r.settings.access.abroad = own, abroad
	if block == nil {
		return
	}
	own.ServerName = block.ServerName
	if block.CAFile != "" {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(r.secret("tls.ca"))) {
			r.Add("tls.ca_file", "tls.ca_file has no certificate in PEM form")
		}
		own.RootCAs, abroad.RootCAs = pool, pool
	}
	if (block.CertificateFile == "") != (block.KeyFile == "") {
		r.Add("tls", "tls.certificate_file and tls.key_file belong together: give both or neither")
		return
	}
	if block.CertificateFile == "" {
		return
	}
	pair, err := tls.X509KeyPair([]byte(r.secret("tls.certificate")), []byte(r.secret("tls.key")))
	if err != nil {
		r.Add("tls.certificate_file", "tls.certificate_file and tls.key_file are no certificate with its key: %w", err)
		return
	}
	own.Certificates = []tls.Certificate{pair}
}
