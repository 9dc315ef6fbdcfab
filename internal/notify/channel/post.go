package channel

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

const (
	// usualWait is what a robot that has had enough wants to be left alone for.
	usualWait = time.Minute
	// longestWait bounds what a Retry-After can ask for.
	longestWait = time.Hour
	// mostAnswer is how many bytes of an answer are read.
	mostAnswer = 64 << 10
	// longestQuote is how many bytes of an answer stand in an error.
	longestQuote = 200
)

// poster posts JSON to one address, which nobody gets to see.
type poster struct {
	address *url.URL
	client  *http.Client
}

// newPoster refuses an address that nothing can be posted to. Roots are PEM
// certificates; empty are the system's.
func newPoster(o Options, address, roots string) (*poster, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, o.Errorf("url", "url: expected an address that begins with http:// or https://")
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// A message a minute needs no open connection, and one that the other side
		// has closed meanwhile would make a doubt.
		DisableKeepAlives: true,
	}
	if roots != "" {
		if transport.TLSClientConfig, err = trusting(o, roots); err != nil {
			return nil, err
		}
	}
	return &poster{address: parsed, client: &http.Client{
		Transport: transport,
		// A message must not go where nobody has configured it to go.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func trusting(o Options, roots string) (*tls.Config, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(roots)) {
		return nil, o.Errorf("ca", "ca_file: there is no PEM certificate in it")
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// post posts and returns the body of an answer of status 2xx.
func (p *poster) post(ctx context.Context, query url.Values, header http.Header, body []byte) ([]byte, error) {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	address := *p.address
	parameters := address.Query()
	maps.Copy(parameters, query)
	address.RawQuery = parameters.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request can't be made: its address is wrong")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	maps.Copy(request.Header, header)
	response, err := p.client.Do(request)
	if err != nil {
		return nil, p.failure(err, written.Load())
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if status := statusFailure(response, answer); status != nil {
		return nil, status
	}
	if err != nil {
		return nil, doubtful("the answer of %s broke off: %w", p.address.Host, err)
	}
	return answer, nil
}

// failure leaves out the address, which is a secret, and says whether the message
// may have arrived.
func (p *poster) failure(err error, written bool) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if written {
		return doubtful("%s has not answered: %w", p.address.Host, err)
	}
	return fmt.Errorf("%s can't be reached: %w", p.address.Host, err)
}

// statusFailure says what a status other than 2xx means for the message; nil is
// 2xx.
func statusFailure(response *http.Response, answer []byte) error {
	says := fmt.Errorf("status %d: %q", response.StatusCode, answer[:min(len(answer), longestQuote)])
	switch status := response.StatusCode; {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && response.Header.Get("Retry-After") != "":
		return &notify.WaitError{For: retryAfter(response), Reason: says.Error()}
	case status == http.StatusGatewayTimeout:
		return doubtful("%w", says)
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		return says
	}
	return refused("%w", says)
}

func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return usualWait
	}
	return min(time.Duration(seconds)*time.Second, longestWait)
}

// robot is what the robots of WeCom, DingTalk and Feishu have in common: JSON is
// posted to an address that is itself the secret, and the answer has a code of
// its own, also under status 200.
type robot struct {
	*poster
	format notify.Format
	// message makes the JSON of a message and what belongs into the address.
	message func(m notify.Message) (body any, query url.Values)
	// verdict reads the code of an answer: nil is taken.
	verdict func(code int64, text string) error
}

// Format implements notify.Channel.
func (r *robot) Format() notify.Format { return r.format }

// Send implements notify.Channel.
func (r *robot) Send(ctx context.Context, m notify.Message) error {
	content, query := r.message(m)
	body, err := json.Marshal(content)
	if err != nil {
		return refused("it can't be written as JSON: %w", err)
	}
	answer, err := r.post(ctx, query, nil, body)
	if err != nil {
		return err
	}
	var read struct {
		ErrCode *int64 `json:"errcode"`
		ErrMsg  string `json:"errmsg"`
		Code    *int64 `json:"code"`
		Msg     string `json:"msg"`
	}
	err = json.Unmarshal(answer, &read)
	switch {
	case err == nil && read.ErrCode != nil:
		return r.verdict(*read.ErrCode, read.ErrMsg)
	case err == nil && read.Code != nil:
		return r.verdict(*read.Code, read.Msg)
	}
	return doubtful("%s answers with something else than a robot: %q", r.address.Host, answer[:min(len(answer), longestQuote)])
}

// answered makes an error of a code.
func answered(code int64, text string) error {
	return fmt.Errorf("the robot answers %d: %s", code, text)
}
