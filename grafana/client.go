package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Login is how we show Grafana who we are: a service account's token, or user
// and password.
type Login struct {
	Token    string
	User     string
	Password string
}

// client talks to one organization of one Grafana. Every failure is an *Error.
type client struct {
	base    *url.URL
	login   Login
	org     int64 // 0 is the login's own
	timeout time.Duration
	http    *http.Client
}

// longestAnswer is how much of an answer is read, in bytes.
const longestAnswer = 32 << 20

func newClient(o RemoteOptions) (*client, error) {
	base, err := url.Parse(o.URL)
	switch {
	case err != nil:
		return nil, errors.New("grafana: the address cannot be read")
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, fmt.Errorf("grafana: the address %s must begin with http:// or https://", base.Redacted())
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("grafana: the address %s must have no user and no parameters", base.Redacted())
	case (o.Login.Token == "") == (o.Login.User == ""):
		return nil, errors.New("grafana: a token is needed, or else user and password")
	case o.Timeout <= 0:
		return nil, errors.New("grafana: a timeout is needed")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	return &client{
		base: base, login: o.Login, org: o.OrgID, timeout: o.Timeout,
		http: &http.Client{
			Transport: o.Transport,
			// A redirected POST would come to its end as a GET, and look like a
			// success.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// do sends a body as JSON and reads the answer into a value; nil is none of the
// two. The path is escaped and may have a query.
func (c *client) do(ctx context.Context, method, path string, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	failed := &Error{Method: method, URL: c.base.String() + path}
	request, err := c.request(ctx, failed, body)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.unanswered(ctx, failed, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
	switch {
	case err != nil:
		return c.unanswered(ctx, failed, fmt.Errorf("the answer broke off: %w", err))
	case len(answer) > longestAnswer:
		return c.unanswered(ctx, failed, fmt.Errorf("the answer is longer than %d bytes", longestAnswer))
	}
	failed.Status = response.StatusCode
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		failed.Message = "it leads to " + oneLine(response.Header.Get("Location"))
		return failed
	case response.StatusCode < 200 || response.StatusCode >= 300:
		failed.read(answer)
		return failed
	case into == nil: // a page with 200 is no success of a change either
		into = new(any)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		failed.Message = "expected JSON, found " + describe(answer)
		return failed
	}
	return nil
}

func (c *client) request(ctx context.Context, failed *Error, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		written, err := canonical(body, "")
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(written)
	}
	request, err := http.NewRequestWithContext(ctx, failed.Method, failed.URL, content)
	if err != nil {
		return nil, fmt.Errorf("grafana: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "govkpi")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.org != 0 {
		request.Header.Set("X-Grafana-Org-Id", strconv.FormatInt(c.org, 10))
	}
	if c.login.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.login.Token)
	} else {
		request.SetBasicAuth(c.login.User, c.login.Password)
	}
	return request, nil
}

// unanswered says why no answer came, without the address that Go puts before
// it: ours has it already.
func (c *client) unanswered(ctx context.Context, failed *Error, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	failed.Message, failed.cause = oneLine(err.Error()), err
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		failed.Message = fmt.Sprintf("no answer within %s", c.timeout)
	}
	return failed
}
