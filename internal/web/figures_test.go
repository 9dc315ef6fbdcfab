package web_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/web"
)

// figures is a Figures that says what it was asked.
type figures struct{ err error }

func (f figures) Explain(_ context.Context, q web.Question) (any, error) {
	return fmt.Sprintf("%+v", q), f.err
}

func (f figures) Held(_ context.Context, q web.HeldQuestion) (any, error) {
	return fmt.Sprintf("%+v", q), f.err
}

func (f figures) Decisions(_ context.Context, q web.Question, limit int) (any, error) {
	return fmt.Sprintf("%+v %d", q, limit), f.err
}

func (f figures) Decide(_ context.Context, order web.Order) (any, error) {
	return fmt.Sprintf("%+v", order), f.err
}

func (f figures) Import(_ context.Context, file io.Reader, by, reason string) (any, error) {
	content, err := io.ReadAll(file)
	return fmt.Sprintf("%s by %s: %s", content, by, reason), errors.Join(f.err, err)
}

// unwise is an error with words for the user.
type unwise struct{ status int }

func (unwise) Error() string      { return "inner words" }
func (unwise) Explain() fact.Text { return fact.Text{ZH: "不行", EN: "No."} }
func (u unwise) Status() int      { return u.status }

// plain explains itself and has no status.
type plain struct{ error }

func (plain) Explain() fact.Text { return fact.Text{ZH: "不懂", EN: "What?"} }

func TestFigures(t *testing.T) {
	const forbidden = `{"error":{"en":"Deciding needs a login: give the server basic_auth_users or client certificates with --web-config-file.",` +
		`"zh":"须先登录才能作出决定：服务须以 --web-config-file 配置 basic_auth_users 或客户端证书。"},"status":"error"}`
	for name, test := range map[string]struct {
		err    error
		method string
		path   string
		body   string
		user   string
		status int
		want   string
	}{
		"explain": {
			nil, "GET", "explain?indicator=grids&region=余江区&period=2025-12&as_known_at=2026-01-15", "", "", 200,
			`{"data":"{Indicator:grids Region:余江区 Period:2025-12 AsKnownAt:2026-01-15}","status":"success"}`,
		},
		"held":         {nil, "GET", "held?closed=1&limit=7", "", "", 200, `{"data":"{Question:{Indicator: Region: Period: AsKnownAt:} Closed:true Limit:7}","status":"success"}`},
		"decisions":    {nil, "GET", "decisions?region=360603", "", "", 200, `{"data":"{Indicator: Region:360603 Period: AsKnownAt:} 100","status":"success"}`},
		"explain what": {nil, "GET", "explain?indicator=grids", "", "", 400, `{"error":{"en":"Say which figure: indicator and region are needed.","zh":"请写明 indicator 和 region。"},"status":"error"}`},
		"bad flag":     {nil, "GET", "held?closed=2", "", "", 400, `{"error":{"en":"closed: expected 1 or 0, found \"2\".","zh":"closed 须为 1 或 0。"},"status":"error"}`},
		"bad limit":    {nil, "GET", "held?limit=-1", "", "", 400, `{"error":{"en":"limit: expected a whole number, 0 for all, found \"-1\".","zh":"limit 须为不小于 0 的整数。"},"status":"error"}`},
		"user error":   {unwise{409}, "GET", "explain?indicator=a&region=b", "", "", 409, `{"error":{"en":"No.","zh":"不行"},"status":"error"}`},
		"wrapped":      {fmt.Errorf("while: %w", plain{errors.New("x")}), "GET", "explain?indicator=a&region=b", "", "", 422, `{"error":{"en":"What?","zh":"不懂"},"status":"error"}`},
		"our fault":    {errors.New("disk gone"), "GET", "explain?indicator=a&region=b", "", "", 500, `{"error":{"en":"The program failed; the log says why.","zh":"系统内部出错，原因见日志。"},"status":"error"}`},
		"correct": {
			nil, "POST", "correct", `{"indicator":"grids","region":"360603","period":"2025-12","value":12.5,"dimensions":{"sex":"female"},"reason":"typo"}`, "li", 200,
			`{"data":"{Action:correct By:li Reason:typo Indicator:grids Period:2025-12 Regions:[] AsKnownAt: Region:360603 Dimensions:map[sex:female] Value:12.5 Was: Held:[]}","status":"success"}`,
		},
		"release":               {nil, "POST", "release", `{"held":3,"reason":"true"}`, "li", 200, `{"data":"{Action:release By:li Reason:true Indicator: Period: Regions:[] AsKnownAt: Region: Dimensions:map[] Value: Was: Held:[3]}","status":"success"}`},
		"nobody decides":        {nil, "POST", "reject", `{"held":3,"reason":"true"}`, "", 403, forbidden},
		"a screen looks":        {nil, "POST", "confirm", `{}`, "screen", 403, `{"error":{"en":"screen may look, but not decide: the server must be started with --decider screen.","zh":"screen 只能查看，不能作出决定：服务须以 --decider screen 启动。"},"status":"error"}`},
		"nor one who is not in": {nil, "POST", "confirm", `{}`, "mallory", 403, forbidden},
		"a name in the body is nobody's": {
			nil, "POST", "release", `{"held":3,"by":"li"}`, "li", 400,
			`{"error":{"en":"The body has \"by\"; release takes held, reason.","zh":"请求内容中的“by”不适用；release 可用的有 held、reason。"},"status":"error"}`,
		},
		"import":             {nil, "POST", "import?reason=from+paper", "a,b\n", "li", 200, `{"data":"a,b\n by li: from paper","status":"success"}`},
		"both as lists":      {nil, "POST", "reject", `{"held":[3, 4],"reason":"true"}`, "li", 200, `{"data":"{Action:reject By:li Reason:true Indicator: Period: Regions:[] AsKnownAt: Region: Dimensions:map[] Value: Was: Held:[3 4]}","status":"success"}`},
		"as people write it": {nil, "POST", "correct", `{"value":"1.2万","was":7}`, "li", 200, `{"data":"{Action:correct By:li Reason: Indicator: Period: Regions:[] AsKnownAt: Region: Dimensions:map[] Value:1.2万 Was:7 Held:[]}","status":"success"}`},
		"nobody imports":     {nil, "POST", "import?reason=x", "a", "", 403, forbidden},
		"deciding is a POST": {nil, "GET", "release", "", "li", 405, "Method Not Allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			handler := web.NewHandler(web.Options{
				State: &program{}, Operations: &program{}, Figures: figures{test.err}, Log: slog.New(slog.DiscardHandler),
				Now: time.Now, Metrics: http.NotFoundHandler(), PromQL: http.NotFoundHandler(), Alertmanager: http.NotFoundHandler(), Login: func(user string) bool { return user == "li" || user == "screen" }, Deciders: []string{"li"},
			})
			request := httptest.NewRequestWithContext(t.Context(), test.method, web.APIPrefix+test.path, strings.NewReader(test.body))
			if test.user != "" {
				request.SetBasicAuth(test.user, "checked before")
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, request)
			if got := strings.TrimSpace(w.Body.String()); w.Code != test.status || got != test.want {
				t.Errorf("got %d\n%s\nwant %d\n%s", w.Code, got, test.status, test.want)
			}
		})
	}
}

// Without a list of users in front, a name in the request is only a claim; a
// verified certificate is none.
func TestWhoDecides(t *testing.T) {
	certificate := &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{{Subject: pkix.Name{CommonName: "wang"}}}}}
	for name, test := range map[string]struct {
		user  string
		state *tls.ConnectionState
		want  string // the body holds it
	}{
		"a claim":                  {"li", nil, "Deciding needs a login"},
		"a certificate":            {"", certificate, "By:wang"},
		"a claim on a certificate": {"li", certificate, "By:wang"},
		"an unverified one":        {"", &tls.ConnectionState{PeerCertificates: certificate.VerifiedChains[0]}, "Deciding needs a login"},
	} {
		t.Run(name, func(t *testing.T) {
			handler := web.NewHandler(web.Options{
				State: &program{}, Operations: &program{}, Figures: figures{}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Metrics: http.NotFoundHandler(), PromQL: http.NotFoundHandler(), Alertmanager: http.NotFoundHandler(), Deciders: []string{"li", "wang"},
			})
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, web.APIPrefix+"release", strings.NewReader(`{"held":1}`))
			request.TLS = test.state
			if test.user != "" {
				request.SetBasicAuth(test.user, "unchecked")
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, request)
			if !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("got %s, want %s in it", w.Body, test.want)
			}
		})
	}
}
