package httpjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/collectors"
)

// question is the request that a collector sends, with placeholders. It is
// immutable.
type question struct {
	method  string
	url     collectors.Template // with the path
	path    collectors.Template // of the collector alone, for people
	query   []parameter
	headers []parameter
	body    *collectors.Template
	coding  coding // of the body

	since, now bool // placeholders of these times are used
}

// parameter is a named text of the query or header.
type parameter struct {
	name   string
	text   collectors.Template
	secret bool // of the source: never shown, and no part of what was asked
	unread bool // its placeholders could not be read, and New refuses it
}

// coding is how a body is written, and so how values in it are escaped.
type coding uint8

const (
	codingJSON coding = iota
	codingForm
	codingOther
)

// values gives the placeholders their values.
type values struct {
	target     collectors.Target
	since, now time.Time
	place      string // of the page: its number, offset or cursor
	size       string
}

func (v *values) of(placeholder string) string {
	if text, ok := v.target.Value(placeholder); ok {
		return text
	}
	if form, ok := strings.CutPrefix(placeholder, sincePrefix); ok {
		return formatMoment(v.since, form)
	}
	if form, ok := strings.CutPrefix(placeholder, nowPrefix); ok {
		return formatMoment(v.now, form)
	}
	if placeholder == pageSize {
		return v.size
	}
	return v.place
}

// texts lists all that can have placeholders.
func (q *question) texts() []collectors.Template {
	all := []collectors.Template{q.url}
	for _, p := range slices.Concat(q.query, q.headers) {
		all = append(all, p.text)
	}
	if q.body != nil {
		all = append(all, *q.body)
	}
	return all
}

// uses reports whether a placeholder stands anywhere.
func (q *question) uses(match func(placeholder string) bool) bool {
	return slices.ContainsFunc(q.texts(), func(t collectors.Template) bool { return slices.ContainsFunc(t.Placeholders(), match) })
}

// asked is a request for one page, complete but for what proves who asks.
type asked struct {
	method string
	url    *url.URL
	header http.Header
	body   string
	path   string // without the source's part, which may hold a key
	page   string // in words, for messages; empty where there is one only
	// noSuchPage is what to do where a page behind the first one is answered
	// with 404.
	noSuchPage string
	// known are the parts of it that are no secret, for digests.
	known []string
}

// ask fills in the placeholders.
func (q *question) ask(v *values, paging *paging) (*asked, error) {
	at, err := url.Parse(q.url.Expand(func(name string) string { return url.PathEscape(v.of(name)) }))
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("the url for %s can't be read once its placeholders are filled in", v.target)
	}
	a := &asked{method: q.method, url: at, path: q.path.Expand(v.of), header: http.Header{}}
	a.known = append(a.known, q.method, at.String())
	send := url.Values{}
	for _, p := range q.query {
		a.add(p, p.text.Expand(v.of), send.Set)
	}
	if paging.parameter != "" && v.place != "" {
		send.Set(paging.parameter, v.place)
	}
	if paging.sizeParameter != "" {
		send.Set(paging.sizeParameter, v.size)
	}
	at.RawQuery = send.Encode()
	for _, p := range q.headers {
		a.add(p, p.text.Expand(v.of), a.header.Set)
	}
	if q.body != nil {
		a.body = q.body.Expand(func(name string) string { return q.coding.escape(v.of(name)) })
		a.known = append(a.known, a.body)
	}
	return a, nil
}

func (a *asked) add(p parameter, text string, set func(name, text string)) {
	set(p.name, text)
	if !p.secret {
		a.known = append(a.known, p.name, text)
	}
}

// String names the request for messages, without its query and the source's part
// of the path, which may hold secrets.
func (a *asked) String() string {
	shown := url.URL{Scheme: a.url.Scheme, Host: a.url.Host, Path: a.path}
	if a.page != "" {
		return a.method + " " + shown.String() + ", " + a.page
	}
	return a.method + " " + shown.String()
}

// digest tells this request from others.
func (a *asked) digest() string {
	d := newDigest()
	d.texts(a.method, a.url.String(), a.body)
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		d.texts(name, a.header.Get(name))
	}
	return d.sum()
}

// make makes the request itself.
func (a *asked) make(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	if a.body != "" {
		body = bytes.NewReader([]byte(a.body))
	}
	request, err := http.NewRequestWithContext(ctx, a.method, a.url.String(), body)
	if err != nil {
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err // without the URL
		}
		return nil, fmt.Errorf("make the request: %w", err)
	}
	request.Header = a.header.Clone()
	return request, nil
}

// escape writes a value so that it can stand in a body.
func (c coding) escape(text string) string {
	switch c {
	case codingJSON:
		b, err := json.Marshal(text)
		if err != nil {
			return ""
		}
		return string(b[1 : len(b)-1])
	case codingForm:
		return url.QueryEscape(text)
	}
	return text
}

func codingOf(contentType string) coding {
	contentType = strings.ToLower(contentType)
	switch {
	case strings.Contains(contentType, "json"):
		return codingJSON
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		return codingForm
	}
	return codingOther
}
