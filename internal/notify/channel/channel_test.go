package channel_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/notify"
	"github.com/govkpi/govkpi/internal/notify/channel"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func now() time.Time { return time.Date(2026, 1, 15, 0, 30, 0, 0, time.UTC) }

// site is a configuration with one channel, whose block stands on its line 9.
const site = `
site: {name: {zh: 试, en: Test}, zone: Asia/Shanghai, region: "360000"}
ledger: {path: data, keep_rejections: 1d}
schedule: {parallel: 1}
regions: {divisions: [regions.csv]}
notify:
  {schedule: "30 8 * * *", working_days_only: false, chronic_after_days: 14, when_nothing: silent, forget_after: 3d,
  retry: {backoff: 30s, longest: 10m, window: 12h}, routes: [{channel: test}], channels: [{name: test, kind: %[1]s,
  %[1]s: %[2]s}]}
`

// build makes a channel of a kind from its block; ${URL} in it is the address.
func build(t testing.TB, kind, block, address string) (notify.Channel, error) {
	t.Helper()
	tree := fstest.MapFS{
		"govkpi.yaml": {Data: fmt.Appendf(nil, site, kind, block)},
		"regions.csv": {Data: []byte("code,name,level,parent\n360000,江西省,province,\n")},
	}
	c, err := config.Load(tree, "govkpi.yaml", config.Options{
		Env: func(name string) (string, bool) {
			value, ok := map[string]string{"URL": address, "SECRET": "SEC-0123456789", "BEARER": "bearer-0123456789"}[name]
			return value, ok
		},
		ReadSecret: func(name string) ([]byte, error) {
			if content, err := os.ReadFile(name); err == nil {
				return content, nil
			}
			return []byte(name), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return channel.New(kind, c.Notify.Channels[0].Options, now)
}

func mustBuild(t testing.TB, kind, block, address string) notify.Channel {
	t.Helper()
	c, err := build(t, kind, block, address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func message() notify.Message {
	return notify.Message{
		ID: 7, Key: notify.Key{Channel: "test", Region: "360600", Day: "2026-01-15"}, City: "鹰潭市",
		Subject: "鹰潭市治理指标提醒 2026-01-15", Body: "**鹰潭市治理指标提醒 2026-01-15**\n1. 余江区 老年助餐点：逾期未报，已 5 天\n<@zhangsan>",
		Mention: []string{"zhangsan"},
	}
}

// receiver answers what it is told to and keeps what it gets.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []string
	status int
	header http.Header
	answer string
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK, answer: `{"errcode":0,"errmsg":"ok"}`, header: http.Header{}}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) serve(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s\n", request.Method, request.URL)
	for _, name := range []string{"Content-Type", "Idempotency-Key", "Authorization", "X-Govkpi-Timestamp", "X-Govkpi-Signature"} {
		if value := request.Header.Get(name); value != "" {
			fmt.Fprintf(&text, "%s: %s\n", name, value)
		}
	}
	var content any
	if err := json.Unmarshal(body, &content); err != nil {
		fmt.Fprintf(&text, "no JSON: %v\n", err)
	}
	text.Write(body)
	r.got = append(r.got, text.String()+"\n")
	maps.Copy(w.Header(), r.header)
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, r.answer)
}

// What each robot gets, byte by byte.
func TestPosts(t *testing.T) {
	tests := map[string]struct{ kind, block, path, answer string }{
		"wecom-markdown":  {"wecom", `{url: "${URL}", format: markdown}`, "/cgi-bin/webhook/send?key=693a91f6", `{"errcode":0,"errmsg":"ok"}`},
		"wecom-text":      {"wecom", `{url: "${URL}", format: text}`, "/cgi-bin/webhook/send?key=693a91f6", `{"errcode":0,"errmsg":"ok"}`},
		"dingtalk":        {"dingtalk", `{url: "${URL}"}`, "/robot/send?access_token=693a91f6", `{"errcode":0,"errmsg":"ok"}`},
		"dingtalk-signed": {"dingtalk", `{url: "${URL}", secret: "${SECRET}"}`, "/robot/send?access_token=693a91f6", `{"errcode":0,"errmsg":"ok"}`},
		"feishu":          {"feishu", `{url: "${URL}"}`, "/open-apis/bot/v2/hook/693a91f6", `{"StatusCode":0,"code":0,"data":{},"msg":"success"}`},
		"feishu-signed":   {"feishu", `{url: "${URL}", secret: "${SECRET}"}`, "/open-apis/bot/v2/hook/693a91f6", `{"code":0,"msg":"success"}`},
		"webhook":         {"webhook", `{url: "${URL}"}`, "/digests", ``},
		"webhook-signed":  {"webhook", `{url: "${URL}", secret: "${SECRET}", bearer: "${BEARER}"}`, "/digests", `thanks`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			r.answer = test.answer
			c := mustBuild(t, test.kind, test.block, r.URL+test.path)
			if err := c.Send(t.Context(), message()); err != nil {
				t.Fatal(err)
			}
			if len(r.got) != 1 {
				t.Fatalf("posted %d times", len(r.got))
			}
			golden(t, name+".txt", r.got[0])
		})
	}
}

// outcome says in a word what an error of Send means.
func outcome(err error) string {
	var wait *notify.WaitError
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &wait):
		return "wait " + wait.For.String()
	case errors.Is(err, notify.ErrRefused):
		return "refused"
	case errors.Is(err, notify.ErrDoubtful):
		return "doubtful"
	}
	return "again"
}

func TestAnswers(t *testing.T) {
	blocks := map[string]string{
		"wecom": `{url: "${URL}", format: markdown}`, "dingtalk": `{url: "${URL}"}`, "feishu": `{url: "${URL}"}`, "webhook": `{url: "${URL}"}`,
	}
	tests := []struct {
		kind, answer string
		status       int
		retryAfter   string
		want         string
	}{
		{"wecom", `{"errcode":0,"errmsg":"ok"}`, 200, "", "sent"},
		{"wecom", `{"errcode":45009,"errmsg":"api freq out of limit"}`, 200, "", "wait 1m0s"},
		{"wecom", `{"errcode":93000,"errmsg":"invalid webhook url"}`, 200, "", "refused"},
		{"wecom", `{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}`, 200, "", "refused"},
		{"wecom", `{"errcode":-1,"errmsg":"system busy"}`, 200, "", "again"},
		{"wecom", `<html>Please log in</html>`, 200, "", "doubtful"},
		{"wecom", `{}`, 200, "", "doubtful"},
		{"wecom", ``, 302, "", "refused"},
		{"wecom", `no`, 404, "", "refused"},
		{"wecom", `slow down`, 429, "17", "wait 17s"},
		{"wecom", `slow down`, 429, "999999", "wait 1h0m0s"},
		{"wecom", `slow down`, 429, "tomorrow", "wait 1m0s"},
		{"wecom", `maintenance`, 503, "30", "wait 30s"},
		{"wecom", `maintenance`, 503, "", "again"},
		{"wecom", `bad gateway`, 502, "", "again"},
		{"wecom", `gateway timeout`, 504, "", "doubtful"},
		{"dingtalk", `{"errcode":130101,"errmsg":"send too fast"}`, 200, "", "wait 10m0s"},
		{"dingtalk", `{"errcode":310000,"errmsg":"sign not match"}`, 200, "", "refused"},
		{"dingtalk", `{"errcode":-1,"errmsg":"busy"}`, 200, "", "again"},
		{"feishu", `{"code":11232,"msg":"frequency limited"}`, 200, "", "wait 1m0s"},
		{"feishu", `{"code":19021,"msg":"sign match fail"}`, 200, "", "refused"},
		{"webhook", ``, 204, "", "sent"},
		{"webhook", `gateway timeout`, 504, "", "again"}, // it knows by the key what it has
		{"webhook", `who are you`, 401, "", "refused"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.kind, " ", test.status, " ", test.answer), func(t *testing.T) {
			r := newReceiver(t)
			r.status, r.answer = test.status, test.answer
			if test.retryAfter != "" {
				r.header.Set("Retry-After", test.retryAfter)
			}
			if test.status == http.StatusFound {
				r.header.Set("Location", r.URL+"/elsewhere")
			}
			err := mustBuild(t, test.kind, blocks[test.kind], r.URL+"/send?key=693a91f6-key").Send(t.Context(), message())
			if got := outcome(err); got != test.want {
				t.Errorf("%s (%v), want %s", got, err, test.want)
			}
			if len(r.got) != 1 {
				t.Errorf("posted %d times", len(r.got))
			}
			if err != nil && strings.Contains(err.Error(), "693a91f6") {
				t.Errorf("the error shows the address: %v", err)
			}
		})
	}
}

// Nobody there is no doubt; nobody who answers is one.
func TestBrokenConnections(t *testing.T) {
	gone := newReceiver(t)
	gone.Close()
	err := mustBuild(t, "wecom", `{url: "${URL}", format: text}`, gone.URL+"/?key=693a91f6-key").Send(t.Context(), message())
	if outcome(err) != "again" || strings.Contains(err.Error(), "693a91f6") {
		t.Errorf("a closed port: %v", err)
	}
	hangsUp := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		panic(http.ErrAbortHandler)
	}))
	defer hangsUp.Close()
	for kind, want := range map[string]string{"wecom": "doubtful", "webhook": "again"} {
		block := map[string]string{"wecom": `{url: "${URL}", format: text}`, "webhook": `{url: "${URL}"}`}[kind]
		err = mustBuild(t, kind, block, hangsUp.URL+"/?key=693a91f6-key").Send(t.Context(), message())
		if outcome(err) != want || strings.Contains(err.Error(), "693a91f6") {
			t.Errorf("%s: no answer is %s: %v", kind, outcome(err), err)
		}
	}
}

func TestFormats(t *testing.T) {
	tests := map[string]struct {
		block        string
		bytes        int
		markdown, to bool
		mention      string
	}{
		"wecom":    {`{url: "${URL}", format: markdown}`, 4096, true, false, "<@li>"},
		"dingtalk": {`{url: "${URL}"}`, 19960, true, false, "@li"},
		"feishu":   {`{url: "${URL}"}`, 19000, false, false, `<at user_id="li"></at>`},
		"webhook":  {`{url: "${URL}"}`, 0, false, false, ""},
		"email":    {`{host: mail.example, port: 25, tls: none, from: a@x.cn}`, 0, false, true, ""},
	}
	for kind, test := range tests {
		f := mustBuild(t, kind, test.block, "http://127.0.0.1:1/").Format()
		mention := ""
		if f.Mention != nil {
			mention = f.Mention("li")
		}
		if f.Bytes != test.bytes || f.Markdown != test.markdown || f.Addressed != test.to || mention != test.mention {
			t.Errorf("%s: %+v, mentions as %s", kind, f, mention)
		}
	}
	if f := mustBuild(t, "wecom", `{url: "${URL}", format: text}`, "http://127.0.0.1:1/").Format(); f.Bytes != 2048 || f.Markdown || f.Mention != nil {
		t.Errorf("text: %+v", f)
	}
}

func TestRefusedBlocks(t *testing.T) {
	tests := map[string]struct{ kind, block, address, want string }{
		"unknown kind":   {"pigeon", `{loft: roof}`, "", `there is no kind of channel "pigeon"; there are wecom, dingtalk, feishu, email, webhook`},
		"unknown key":    {"wecom", `{url: "${URL}", format: text, colour: red}`, "http://x/", `govkpi.yaml:9:40: unknown key "colour"`},
		"no format":      {"wecom", `{url: "${URL}"}`, "http://x/", `"format" is missing`},
		"format":         {"wecom", `{url: "${URL}", format: rtf}`, "http://x/", `govkpi.yaml:9:26: format: unknown format "rtf": expected markdown or text`},
		"no address":     {"wecom", `{format: text}`, "", `"url" or "url_file" is missing`},
		"address":        {"feishu", `{url: "${URL}"}`, "robot-693a91f6", "url: expected an address that begins with http:// or https://"},
		"scheme":         {"dingtalk", `{url: "${URL}"}`, "ftp://x/693a91f6", "url: expected an address"},
		"certificate":    {"webhook", `{url: "${URL}", ca_file: junk}`, "https://x/", "ca_file: there is no PEM certificate in it"},
		"sender":         {"email", `{host: m, port: 25, tls: none, from: kpi}`, "", "govkpi.yaml:9:41: from: expected an address"},
		"port":           {"email", `{host: m, port: 0, tls: none, from: a@x.cn}`, "", "port: expected 1 to 65535, found 0"},
		"encryption":     {"email", `{host: m, port: 25, tls: ssl, from: a@x.cn}`, "", `tls: unknown word "ssl": expected starttls, tls or none`},
		"half a login":   {"email", `{host: m, port: 25, tls: tls, from: a@x.cn, user: a}`, "", "user and password belong together"},
		"open password":  {"email", `{host: m, port: 25, tls: none, from: a@x.cn, user: a, password: "${SECRET}"}`, "", "a password must not go over a connection that anybody can read"},
		"mail with junk": {"email", `{host: m, port: 25, tls: tls, from: a@x.cn, ca_file: junk}`, "", "ca_file: there is no PEM certificate in it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, test.kind, test.block, test.address)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "693a91f6") {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// Every kind has its page, and every page its kind.
func TestPages(t *testing.T) {
	files, err := filepath.Glob("../../../docs/notify/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var pages, kinds []string
	for _, file := range files {
		pages = append(pages, strings.TrimSuffix(filepath.Base(file), ".md"))
	}
	for _, k := range channel.Kinds() {
		kinds = append(kinds, k.Name)
	}
	slices.Sort(kinds)
	if diff := cmp.Diff(kinds, pages); diff != "" {
		t.Errorf("docs/notify (-kinds +pages):\n%s", diff)
	}
}
