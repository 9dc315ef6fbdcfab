package httpjson

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/collectors"
)

// reservedHeaders are ours to set; another value would break what we rely on.
var reservedHeaders = [...]string{
	"Accept-Encoding", "Connection", "Content-Length", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "Range",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// readQuestion puts the request together from both blocks. Only here it is known
// which placeholders there are, so the texts of the source are read here, too.
func (s *settings) readQuestion(f *collectors.Faults, source *sourceBlock, block *collectorBlock) {
	known := slices.Concat(timePlaceholders(), s.paging.placeholders())
	if s.fanOut {
		known = append(known, collectors.TargetPlaceholders()...)
	}
	r := &questionReader{Faults: f, source: source.faults, known: known}
	q := &s.question
	switch q.method = block.Method; q.method {
	case "":
		q.method = http.MethodGet
	case http.MethodGet, http.MethodPost:
	default:
		f.Add("method", "method: %q is unknown: there are GET and POST", block.Method)
	}
	q.url, q.path = r.url(source.URL, block.Path)
	q.query = r.parameters("query", source.Query, block.Query)
	q.headers = r.headers(source.Headers, block.Headers)
	if s.access.authorization != "" && slices.ContainsFunc(q.headers, isAuthorization) {
		f.Add("headers", "the header Authorization is given beside bearer or basic: keep one")
	}
	r.body(q, block.Body)
	s.readTimes(f, block.Lookback)
	s.checkPlaceholders(f)
	f.AddError(source.faults.Err())
}

func isAuthorization(p parameter) bool { return p.name == "Authorization" }

func (s *settings) readTimes(f *collectors.Faults, lookback string) {
	s.question.since = s.question.uses(func(name string) bool { return strings.HasPrefix(name, sincePrefix) })
	s.question.now = s.question.uses(func(name string) bool { return strings.HasPrefix(name, nowPrefix) })
	switch {
	case s.question.since:
		s.lookback = f.Duration("lookback", lookback, "400d, which says what {since.date} is in an ordinary run")
	case lookback != "":
		f.Add("lookback", "lookback is given, but no {since.date} or the like that it would fill")
	}
}

// checkPlaceholders makes sure that what differs from request to request is
// sent, and once.
func (s *settings) checkPlaceholders(f *collectors.Faults) {
	target := slices.ContainsFunc(s.question.texts(), collectors.Template.OfTarget)
	if s.fanOut && !target {
		f.Add("", "for_each is given, but nothing says where a region's own figures are: put {%s} into path, query, headers or body, or into the url of the source",
			collectors.TargetPlaceholders()[0])
	}
	if s.paging.by == "" {
		return
	}
	s.checkSent(f, "parameter", s.paging.parameter, s.paging.placeholder())
	if s.paging.size > 0 {
		s.checkSent(f, "size_parameter", s.paging.sizeParameter, pageSize)
	}
}

func (s *settings) checkSent(f *collectors.Faults, key, parameterName, placeholder string) {
	placed := s.question.uses(func(name string) bool { return name == placeholder })
	named := slices.ContainsFunc(s.question.query, func(p parameter) bool { return p.name == parameterName })
	switch path := "paging." + key; {
	case parameterName == "" && !placed:
		f.Add(path, "%s is missing: name the parameter of the query, or put {%s} into query, headers or body", path, placeholder)
	case parameterName != "" && placed:
		f.Add(path, "%s and {%s} are both given: keep one", path, placeholder)
	case parameterName != "" && named:
		f.Add(path, "%s: the query has a parameter %q of its own: remove one", path, parameterName)
	}
}

// questionReader reads texts with placeholders. Its own faults are the
// collector's.
type questionReader struct {
	*collectors.Faults
	source *collectors.Faults
	known  []string
}

func (r *questionReader) template(f *collectors.Faults, path, written string) (t collectors.Template, ok bool) {
	t, err := collectors.ParseTemplate(written, r.known...)
	if err != nil {
		f.Add(path, "%s: %w", path, err)
	}
	return t, err == nil
}

// anything expands a text to see its form; any value will do for that.
func anything(t collectors.Template) string { return t.Expand(func(string) string { return "1" }) }

// url joins the source's url and the collector's path.
func (r *questionReader) url(base, path string) (whole, own collectors.Template) {
	switch {
	case base == "":
		r.source.Add("url", "url is missing: give one such as https://api.example.org/v2")
		return whole, own
	case path != "" && (!strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?#")):
		r.Add("path", "path: expected one that begins with / and has no ? or #, such as /grids; parameters go into query")
		return whole, own
	}
	address, ok := r.template(r.source, "url", base)
	own, ownOK := r.template(r.Faults, "path", path)
	if !ok || !ownOK {
		return whole, own
	}
	u, err := url.Parse(anything(address))
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		r.source.Add("url", "url can't be read: expected one such as https://api.example.org/v2")
	case u.User != nil:
		r.source.Add("url", "url has a user: write user and password into basic")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(base, "#"):
		r.source.Add("url", "url has a ? or #: write parameters into query")
	}
	if path != "" {
		base = strings.TrimRight(base, "/")
	}
	whole, _ = r.template(r.Faults, "path", base+path)
	return whole, own
}

// parameters joins the parameters of both blocks, sorted by name.
func (r *questionReader) parameters(key string, source, own map[string]string) []parameter {
	var all []parameter
	for _, name := range slices.Sorted(maps.Keys(source)) {
		path := key + "." + name
		if name == "" {
			r.source.Add(path, "%s has an entry without a name", key)
		}
		t, ok := r.template(r.source, path, source[name])
		all = append(all, parameter{name: name, text: t, secret: true, unread: !ok})
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		path := key + "." + name
		if _, twice := source[name]; twice {
			r.Add(path, "%s is given by the source already: remove one", path)
		}
		if name == "" {
			r.Add(path, "%s has an entry without a name", key)
		}
		t, ok := r.template(r.Faults, path, own[name])
		all = append(all, parameter{name: name, text: t, unread: !ok})
	}
	return all
}

func (r *questionReader) headers(source, own map[string]string) []parameter {
	all := r.parameters("headers", canonical(source), canonical(own))
	for _, p := range all {
		f, path := r.Faults, "headers."+p.name
		if p.secret {
			f = r.source
		}
		text := anything(p.text)
		switch {
		case slices.Contains(reservedHeaders[:], p.name):
			f.Add(path, "headers: %s is for the program to set", p.name)
		case p.name != "" && !isHeaderName(p.name):
			f.Add(path, "headers: %q is no name of a header", p.name)
		case p.unread: // the reason was given
		case strings.TrimSpace(text) == "" || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
			f.Add(path, "headers: the text of %s is empty or has a line break", p.name)
		}
	}
	return all
}

func isHeaderName(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c) })
}

// canonical spells the names of headers as HTTP does.
func canonical(headers map[string]string) map[string]string {
	all := map[string]string{}
	for name, text := range headers {
		all[http.CanonicalHeaderKey(name)] = text
	}
	return all
}

func (r *questionReader) body(q *question, written *string) {
	if written == nil {
		return
	}
	if q.method != http.MethodPost {
		r.Add("body", "body is given, but only a POST has one: write method: POST")
		return
	}
	t, ok := r.template(r.Faults, "body", *written)
	q.body = &t
	at := slices.IndexFunc(q.headers, func(p parameter) bool { return p.name == "Content-Type" })
	if at < 0 {
		ours, _ := r.template(r.Faults, "body", accepted)
		q.headers = append(q.headers, parameter{name: "Content-Type", text: ours})
	} else {
		q.coding = codingOf(anything(q.headers[at].text))
	}
	if ok && q.coding == codingJSON && !json.Valid([]byte(anything(t))) {
		r.Add("body", "body is no JSON once its placeholders have values: correct it, or give its Content-Type in headers")
	}
}
