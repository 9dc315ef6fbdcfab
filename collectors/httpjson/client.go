package httpjson

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// access is how the source is reached and who we say we are. It is immutable.
type access struct {
	authorization string // the header; empty for none
	tls           *tls.Config
	// abroad is the configuration for other hosts that a redirect may lead to:
	// without our certificate, and under their own name.
	abroad    *tls.Config
	proxy     *url.URL
	redirects []string // hosts, or hosts with a port
}

const (
	mostRedirects = 10
	headerBytes   = 256 << 10
	// idle is how long a connection is kept between two pages; they are closed
	// at the end of the pull anyway.
	idle = time.Minute
)

// errRedirect is wrapped by the error of a redirect that isn't followed.
var errRedirect = errors.New("redirect refused")

// client makes a client for one pull. close ends its connections.
func (a *access) client(home *url.URL) (client *http.Client, closeAll func()) {
	r := &roads{home: home.Host, own: a.transport(a.tls), others: a.transport(a.abroad)}
	client = &http.Client{Transport: r, CheckRedirect: a.follow}
	return client, client.CloseIdleConnections
}

func (a *access) transport(config *tls.Config) *http.Transport {
	t := &http.Transport{
		TLSClientConfig: config.Clone(), ForceAttemptHTTP2: true,
		MaxResponseHeaderBytes: headerBytes, IdleConnTimeout: idle,
	}
	if a.proxy != nil {
		t.Proxy = http.ProxyURL(a.proxy)
	}
	return t
}

// roads sends a request on its way: our certificate and server name are for the
// source alone.
type roads struct {
	home        string
	own, others *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (r *roads) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host == r.home {
		return r.own.RoundTrip(request) //nolint:wrapcheck // the client wraps it
	}
	return r.others.RoundTrip(request) //nolint:wrapcheck // the client wraps it
}

// CloseIdleConnections is what http.Client looks for.
func (r *roads) CloseIdleConnections() {
	r.own.CloseIdleConnections()
	r.others.CloseIdleConnections()
}

// follow decides on a redirect and takes off what other hosts must not see.
func (a *access) follow(next *http.Request, before []*http.Request) error {
	first, last := before[0], before[len(before)-1]
	elsewhere := next.URL.Host != first.URL.Host
	to := next.URL.Scheme + "://" + next.URL.Host
	switch {
	case len(before) > mostRedirects:
		return fmt.Errorf("%w: more than %d, the last one to %s: the source sends us round in circles", errRedirect, mostRedirects, to)
	case next.URL.Scheme != "https" && (next.URL.Scheme != "http" || last.URL.Scheme == "https"):
		return fmt.Errorf("%w: it leads to %s, where everybody could read along: correct the url", errRedirect, to)
	case elsewhere && !a.allows(next.URL):
		return fmt.Errorf("%w: it leads to another host, %s: correct the url, or allow it with redirect_hosts: [%s]; a login page is often found this way", errRedirect, to, next.URL.Host)
	case first.Method != http.MethodGet && (elsewhere || next.Method != first.Method):
		return fmt.Errorf("%w: a %s would be sent to %s as a %s, or to another host: correct the url", errRedirect, first.Method, to, next.Method)
	case elsewhere:
		// Whatever was configured may prove who we are, and the address we come
		// from may hold a key.
		next.Header = http.Header{"Accept": {accepted}, "User-Agent": {userAgent}}
	}
	return nil
}

func (a *access) allows(to *url.URL) bool {
	return slices.Contains(a.redirects, to.Host) || slices.Contains(a.redirects, to.Hostname())
}
