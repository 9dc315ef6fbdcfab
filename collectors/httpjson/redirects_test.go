package httpjson_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func redirect(code int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(code)
	}
}

func TestRedirects(t *testing.T) {
	elsewhere := serve(t, answer(data(row("elsewhere", 1))))
	other := strings.TrimPrefix(elsewhere.URL, "http://")
	const post = "method: POST\nbody: '{\"hunter2\": 1}'\n"
	tests := map[string]struct {
		to      string // from /a
		code    int
		source  string
		options string
		want    string // the error
		region  string
	}{
		"on the same host":            {to: "/b", code: 302, region: "b"},
		"to another host":             {to: elsewhere.URL + "/b", code: 302, want: "redirect refused: it leads to another host, " + elsewhere.URL + ": correct the url, or allow it with redirect_hosts: [" + other + "]; a login page is often found this way"},
		"to another host, allowed":    {to: elsewhere.URL + "/b", code: 307, source: "redirect_hosts: [" + other + "]\n", region: "elsewhere"},
		"allowed without its port":    {to: elsewhere.URL + "/b", code: 301, source: "redirect_hosts: [127.0.0.1]\n", region: "elsewhere"},
		"to another name of the host": {to: strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1), code: 302, source: "redirect_hosts: [127.0.0.1]\n", want: "redirect refused: it leads to another host, http://localhost:"},
		"to another scheme":           {to: "ftp://127.0.0.1/x", code: 302, want: "redirect refused: it leads to ftp://127.0.0.1"},
		"in a circle":                 {to: "/a", code: 302, want: "redirect refused: more than 10, the last one to http://127.0.0.1:"},
		"nowhere":                     {to: "", code: 302, want: "answered 302 Found"},
		"POST, the same way":          {to: "/b", code: 307, options: post, region: "b"},
		"POST, as a GET":              {to: "/b", code: 302, options: post, want: "redirect refused: a POST would be sent to http://127.0.0.1:"},
		"POST, to another host":       {to: elsewhere.URL, code: 308, options: post, source: "redirect_hosts: [127.0.0.1]\n", want: "redirect refused: a POST would be sent to " + elsewhere.URL},
		"with choices":                {to: "/b", code: 300, want: "answered 300 Multiple Choices"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/b" {
					answer(data(row("b", 1)))(w, r)
					return
				}
				redirect(test.code, test.to)(w, r)
			})
			before := len(elsewhere.requests())
			source := at(s) + noWaiting + test.source + "bearer: x\nheaders: {X-Key: hunter2}\nquery: {key: hunter2}\n"
			got, _, err := collect(t, mustBuild(t, source, limits+long+"path: /a\n"+test.options, withSecrets(map[string]string{"bearer": "hunter2"})))
			for _, r := range elsewhere.requests()[before:] {
				if told := fmt.Sprint(r.Header, r.URL); strings.Contains(told, "hunter2") {
					t.Errorf("the other host was told %s", told)
				}
			}
			switch {
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %q in it", err, test.want)
			case test.want == "" && (err != nil || len(got) != 1 || !strings.Contains(got[0], test.region)):
				t.Errorf("readings %q, error %v; want one of %s", got, err, test.region)
			case strings.Contains(test.want, "another host") && len(elsewhere.requests()) > before:
				t.Error("the other host was asked")
			}
		})
	}
}

func TestRedirectToPlainHTTP(t *testing.T) {
	ours := newAuthority(t, "ours")
	certificate, key := ours.issue(t, host, time.Hour)
	plain := serve(t, answer(data()))
	s := serveTLS(t, certificate, key, nil, redirect(302, plain.URL))
	c := mustBuild(t, at(s)+noWaiting+"redirect_hosts: [127.0.0.1]\ntls: {ca_file: f, server_name: "+host+"}\n", limits+long,
		withSecrets(map[string]string{"tls.ca": ours.pem}))
	_, _, err := collect(t, c)
	if err == nil || !strings.Contains(err.Error(), "where everybody could read along") || len(plain.requests()) > 0 {
		t.Errorf("error %v, want that a redirect from https to http is refused", err)
	}
}

// Only the proxy that was configured is used, never one of the environment.
func TestProxy(t *testing.T) {
	proxy := serve(t, answer(data(row("by proxy", 1))))
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	direct := mustBuild(t, "url: http://figures.invalid\n"+noWaiting, limits+long)
	if _, _, err := collect(t, direct); err == nil || len(proxy.requests()) > 0 {
		t.Errorf("error %v after %d requests to the proxy, want none", err, len(proxy.requests()))
	}
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword("u", "hunter2")
	c := mustBuild(t, "url: http://figures.invalid/x\nproxy: ${PROXY}\n"+noWaiting, limits+long, withSecrets(map[string]string{"proxy": address.String()}))
	got, _, err := collect(t, c)
	if err != nil || len(got) != 1 || !strings.Contains(got[0], "by proxy") {
		t.Fatalf("readings %q, error %v", got, err)
	}
	if r := proxy.requests()[0]; r.URL.String() != "http://figures.invalid/x" || r.Header.Get("Proxy-Authorization") == "" {
		t.Errorf("the proxy was asked for %s with %v", r.URL, r.Header)
	}
	proxy.Close()
	if _, _, err := collect(t, c); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v, want one without the password", err)
	}
}
