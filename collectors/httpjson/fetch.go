package httpjson

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/collectors"
)

const (
	accepted  = "application/json"
	userAgent = "govkpi"
)

// retries says how often and how long we try for one page.
type retries struct {
	attempts int // 1 without retries
	backoff  time.Duration
	longest  time.Duration // of one wait
}

// fetcher fetches the pages of one pull. One goroutine uses it.
type fetcher struct {
	*settings
	client *http.Client
	now    time.Time // of the run; servers that name no time of their own are held to it
	buffer bytes.Buffer
}

// validators are what a source gave to ask later whether something changed.
type validators struct{ etag, modified string }

func (v validators) none() bool { return v.etag == "" && v.modified == "" }

// answer is what came for one page. Its body is valid until the next one.
type answer struct {
	body        []byte
	contentType string
	validators
	unchanged bool // 304: there is no body
}

var errTimeout = errors.New("timeout")

// transientError is a failure that may be over soon.
type transientError struct {
	error
	after time.Duration // what the source asked us to wait; 0 for nothing
}

func (e *transientError) Unwrap() error { return e.error }

// fetch asks for a page, again where that may help. Its errors are for the
// operator and without secrets.
func (f *fetcher) fetch(ctx context.Context, a *asked, known validators) (answer, error) {
	for attempt := 1; ; attempt++ {
		got, err := f.once(ctx, a, known)
		if err == nil {
			return got, nil
		}
		if ctx.Err() != nil {
			return answer{}, f.explain(a, ctx.Err())
		}
		var transient *transientError
		if !errors.As(err, &transient) {
			return answer{}, f.explain(a, err)
		}
		if attempt == f.retries.attempts {
			if attempt > 1 {
				err = fmt.Errorf("tried %d times: %w", attempt, err)
			}
			return answer{}, f.explain(a, err)
		}
		pause := f.retries.pause(attempt)
		if transient.after > f.retries.longest {
			return answer{}, f.explain(a, fmt.Errorf("%w; it asks us to wait %s, more than retries.longest_wait of %s", err, transient.after, f.retries.longest))
		}
		if err := f.wait(ctx, max(pause, transient.after)); err != nil {
			return answer{}, f.explain(a, err)
		}
	}
}

// pause is how long to wait after an attempt, counted from 1: twice as long each
// time.
func (r *retries) pause(attempt int) time.Duration {
	d := r.backoff
	for ; attempt > 1 && d < r.longest; attempt-- {
		d *= 2
	}
	return min(d, r.longest)
}

func (f *fetcher) explain(a *asked, err error) error {
	return collectors.CleanError(fmt.Errorf("%s: %w", a, err), f.redact.text) //nolint:wrapcheck // it is made here
}

// once sends the request once.
func (f *fetcher) once(ctx context.Context, a *asked, known validators) (answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeout)
	defer cancel()
	request, err := a.make(ctx)
	if err != nil {
		return answer{}, err
	}
	f.dress(request, known)
	response, err := f.client.Do(request)
	if err != nil {
		return answer{}, f.notAnswered(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotModified && !known.none() {
		return answer{unchanged: true}, nil
	}
	if response.StatusCode != http.StatusOK {
		return answer{}, f.refused(a, response)
	}
	if coding := response.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return answer{}, fmt.Errorf("the answer is packed with %q; we asked for gzip at most", f.redact.head([]byte(coding)))
	}
	body, err := f.read(ctx, response)
	return answer{
		body: body, contentType: response.Header.Get("Content-Type"),
		validators: validators{response.Header.Get("ETag"), response.Header.Get("Last-Modified")},
	}, err
}

// dress adds the headers that are ours.
func (f *fetcher) dress(request *http.Request, known validators) {
	set := func(name, text string) {
		if text != "" && request.Header.Get(name) == "" {
			request.Header.Set(name, text)
		}
	}
	set("Accept", accepted)
	set("User-Agent", userAgent)
	set("Authorization", f.access.authorization)
	set("If-None-Match", known.etag)
	if known.etag == "" { // the stronger one is enough
		set("If-Modified-Since", known.modified)
	}
}

// read reads the body, up to the limit. What it returns is valid until the next
// one is read.
func (f *fetcher) read(ctx context.Context, response *http.Response) ([]byte, error) {
	f.buffer.Reset()
	if n := response.ContentLength; n > 0 && n <= f.limits.pageBytes {
		f.buffer.Grow(int(n) + bytes.MinRead)
	}
	n, err := f.buffer.ReadFrom(io.LimitReader(response.Body, f.limits.pageBytes+1))
	switch {
	case n > f.limits.pageBytes:
		return nil, fmt.Errorf("the answer is longer than limits.page_bytes of %d bytes, unpacked; nothing was taken: ask for smaller pages, or raise the limit", f.limits.pageBytes)
	case errors.Is(context.Cause(ctx), errTimeout):
		return nil, &transientError{error: fmt.Errorf("no complete answer within the timeout of %s, %d bytes had come: ask for smaller pages, or raise timeout", f.timeout, n)}
	case err != nil:
		return nil, &transientError{error: fmt.Errorf("the answer breaks off after %d bytes: %w", n, err)}
	}
	return f.buffer.Bytes(), nil
}

// notAnswered explains why there was no answer at all.
func (f *fetcher) notAnswered(ctx context.Context, err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // without the URL and its query
	}
	var (
		certificate *tls.CertificateVerificationError
		alert       *net.OpError
		record      tls.RecordHeaderError
	)
	switch {
	case errors.Is(context.Cause(ctx), errTimeout):
		return &transientError{error: fmt.Errorf("no answer within the timeout of %s: check that the source runs and can be reached", f.timeout)}
	case errors.Is(err, errRedirect):
		return err
	case errors.As(err, &certificate):
		return fmt.Errorf("the source's certificate is not accepted: %w; check it, tls.ca_file and tls.server_name", err)
	case errors.As(err, &alert) && alert.Op == "remote error": // the name that crypto/tls gives an alert
		return fmt.Errorf("the source refuses our end of TLS: %w; check tls.certificate_file and tls.key_file", alert)
	case errors.As(err, &record):
		return fmt.Errorf("the source does not speak TLS there: %w; write http:// if that is meant", err)
	}
	return &transientError{error: fmt.Errorf("%w: check that the source runs and can be reached", err)}
}

// refused explains an answer with another status than 200.
func (f *fetcher) refused(a *asked, response *http.Response) error {
	said := ""
	if b, _ := io.ReadAll(io.LimitReader(response.Body, readAhead+1)); len(bytes.TrimSpace(b)) > 0 { // what came before an error is worth as much
		said = fmt.Sprintf("; it says %q", f.redact.head(b))
	}
	err := fmt.Errorf("answered %d %s%s", response.StatusCode, http.StatusText(response.StatusCode), said)
	switch code := response.StatusCode; {
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= http.StatusInternalServerError:
		return &transientError{error: err, after: f.retryAfter(response.Header)}
	case code == http.StatusUnauthorized:
		return fmt.Errorf("%w: check bearer or basic of the source, and whether the token has expired", err)
	case code == http.StatusForbidden:
		return fmt.Errorf("%w: ask the source to let this user read it", err)
	case code == http.StatusNotFound && a.noSuchPage != "":
		return fmt.Errorf("%w: the source has no such page: %s", err, a.noSuchPage)
	case code == http.StatusNotFound:
		return fmt.Errorf("%w: check url and path", err)
	}
	return err
}

// retryAfter reads Retry-After, in seconds or as a date. A date is held against
// the server's own clock, or that of the run.
func (f *fetcher) retryAfter(header http.Header) time.Duration {
	written := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(written); err == nil {
		const most = int(time.Duration(1<<63-1) / time.Second)
		return time.Duration(min(max(seconds, 0), most)) * time.Second
	}
	at, err := http.ParseTime(written)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = f.now
	}
	return max(at.Sub(now), 0)
}
