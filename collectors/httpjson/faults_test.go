package httpjson_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
)

// typed answers with a status and type.
func typed(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// raw writes bytes to the connection, whatever HTTP makes of them, and closes it.
func raw(t testing.TB, text string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, text); err != nil && len(text) < 1000 { // a client need not read all of more
			t.Error(err)
		}
	}
}

// bomb is a small answer that unpacks to a large one.
func bomb(t testing.TB, size int) http.HandlerFunc {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for range size / 1024 {
		if _, err := w.Write(bytes.Repeat([]byte(" "), 1024)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed.Bytes())
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	const jsonType = "application/json"
	nested := strings.Repeat("[", 30) + strings.Repeat("]", 30)
	tests := map[string]struct {
		handler http.HandlerFunc
		want    string // behind GET and the URL
	}{
		"login page": {typed(200, "text/html; charset=utf-8", "\n<!DOCTYPE html>\n<title>登录</title>"),
			`the answer is no JSON but text/html; charset=utf-8 and begins with "<!DOCTYPE html> <title>登录</title>": is it a login or error page? check url, path and credentials`},
		"XML":             {typed(200, "application/xml", "<rows/>"), `the answer is no JSON but application/xml and begins with "<rows/>": is it a login or error page? check url, path and credentials`},
		"plain text":      {typed(200, "text/plain", "OK"), `the answer can't be read as JSON: byte 1: expected a value, found 'O'; its Content-Type is text/plain and it begins with "OK"`},
		"no type at all":  {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"), `the answer can't be read as JSON: byte 1: expected a value, found 'O'; its Content-Type is of an unknown type and it begins with "OK"`},
		"nothing":         {typed(200, jsonType, " \n"), "the answer is empty: check url and path"},
		"NDJSON":          {typed(200, "application/x-ndjson", `{"a":1}`+"\n"+`{"a":2}`+"\n"), "the answer is several values of JSON, one after the other (NDJSON): ask the source for one list; byte 9: '{' follows, where the answer should be at its end"},
		"NDJSON as JSON":  {typed(200, jsonType, `{"a":1}`+"\n"+`{"a":2}`+"\n"), "the answer is several values of JSON, one after the other (NDJSON): ask the source for one list; byte 9: '{' follows, where the answer should be at its end"},
		"more behind it":  {typed(200, jsonType, `{"data":[]} x`), "the answer can't be read as JSON: byte 13: 'x' follows, where the answer should be at its end"},
		"cut JSON":        {typed(200, jsonType, `{"data":[{"code":"3606`), "the answer can't be read as JSON: byte 23: the answer ends in the middle"},
		"broken JSON":     {typed(200, jsonType, `{"data":[{"code":}]}`), "the answer can't be read as JSON: byte 18: expected a value, found '}'"},
		"leading zero":    {typed(200, jsonType, `{"data":[{"code":0360}]}`), "the answer can't be read as JSON: byte 18: a number with a zero before it, which JSON does not know: codes are written in quotes"},
		"NaN":             {typed(200, jsonType, `{"data":[{"n":NaN}]}`), "the answer can't be read as JSON: byte 15: expected a value, found 'N'"},
		"GBK":             {typed(200, jsonType, "{\"data\":[{\"name\":\"\xd3\xe0\xbd\xad\"}]}"), "the answer can't be read as JSON: byte 19: the text is not UTF-8: let the source answer in UTF-8, not in GBK or UTF-16"},
		"UTF-16":          {typed(200, jsonType, "\xff\xfe[\x00]\x00"), "the answer can't be read as JSON: byte 1: the text is not UTF-8: let the source answer in UTF-8, not in GBK or UTF-16"},
		"deep":            {typed(200, jsonType, `{"data":`+nested+`}`), "the answer can't be read as JSON: byte 28: the answer is nested deeper than limits.depth allows"},
		"10 MB of a text": {typed(200, jsonType, `{"data":[{"code":"`+strings.Repeat("x", 10<<20)+`"}]}`), "the answer is longer than limits.page_bytes of 1048576 bytes, unpacked; nothing was taken: ask for smaller pages, or raise the limit"},
		"gzip bomb":       {bomb(t, 50<<20), "the answer is longer than limits.page_bytes of 1048576 bytes, unpacked; nothing was taken: ask for smaller pages, or raise the limit"},
		"brotli": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			fmt.Fprint(w, "x")
		},
			`the answer is packed with "br"; we asked for gzip at most`},
		"401":                   {typed(401, jsonType, `{"msg": "token\n expired"}`), `answered 401 Unauthorized; it says "{\"msg\": \"token\\n expired\"}": check bearer or basic of the source, and whether the token has expired`},
		"403":                   {typed(403, jsonType, ""), "answered 403 Forbidden: ask the source to let this user read it"},
		"404":                   {typed(404, "text/plain", strings.Repeat("no ", 1000)), `answered 404 Not Found; it says "` + strings.Repeat("no ", 40) + `…": check url and path`},
		"410":                   {typed(410, "text/plain", ""), "answered 410 Gone"},
		"204":                   {typed(204, jsonType, ""), "answered 204 No Content"},
		"304 that nobody asked": {typed(304, jsonType, ""), "answered 304 Not Modified"},
		"no HTTP":               {raw(t, "hello\r\n\r\n"), `net/http: HTTP/1.x transport connection broken: malformed HTTP response "hello": check that the source runs and can be reached`},
		"endless header":        {raw(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20)), "check that the source runs and can be reached"},
		"truncated":             {raw(t, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"data\":["), "the answer breaks off after 9 bytes: unexpected EOF"},
		"truncated gzip":        {raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xaa\x56"), "the answer breaks off after"},
		"hangs up":              {raw(t, ""), "EOF: check that the source runs and can be reached"},
		"500":                   {typed(500, "text/plain", "NullPointerException"), `answered 500 Internal Server Error; it says "NullPointerException"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.handler)
			got, summary, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+long+"path: /x\nquery: {key: hunter2}\n"))
			prefix := "GET " + s.URL + "/x: "
			if err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v\nwant  %s%s", err, prefix, test.want)
			}
			if len(got) > 0 || summary.Rows > 0 {
				t.Errorf("readings %q of %d rows, want none", got, summary.Rows)
			}
		})
	}
}

func TestSlowDrip(t *testing.T) {
	dripping := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for control := http.NewResponseController(w); ; {
			fmt.Fprint(w, " ")
			if control.Flush() != nil || r.Context().Err() != nil {
				return
			}
			select {
			case dripping <- struct{}{}:
			case <-time.After(time.Millisecond):
			}
		}
	})
	_, _, err := collect(t, mustBuild(t, at(s)+"timeout: 100ms\n", limits+long))
	if err == nil || !strings.Contains(err.Error(), "no complete answer within the timeout of 100ms, ") {
		t.Errorf("error %v, want that the answer was not complete in time", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-dripping
		cancel()
	}()
	_, err = mustBuild(t, at(s)+retrying, limits+long).Collect(ctx, collectors.Request{Now: now(t)}, &collectorstest.Sink{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestSilence(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, _, err := collect(t, mustBuild(t, at(s)+"timeout: 50ms\n", limits+long))
	want := "GET " + s.URL + ": no answer within the timeout of 50ms: check that the source runs and can be reached"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

// jq that would go on for ever ends with the run.
func TestJQEndsWithTheRun(t *testing.T) {
	s := serve(t, answer(data(row("a", 1))))
	for name, options := range map[string]string{
		"rows":    strings.Replace(long, ".data[]", "'last(range(infinite))'", 1),
		"columns": strings.Replace(long, ".n}", "'last(range(infinite))'}", 1),
		"ok":      long + "ok: 'last(range(infinite)) == 1'\n",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err := mustBuild(t, at(s)+noWaiting, limits+options).Collect(ctx, collectors.Request{Now: now(t)}, &collectorstest.Sink{})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want that of the context", err)
			}
		})
	}
}

// A run leaves no connection behind, however it ends.
func TestConnectionsAreClosed(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"well": pages(data(row("a", 1)), data(row("b", 1))),
		"ill":  pages(data(row("a", 1)), `{"data":5}`),
	} {
		t.Run(name, func(t *testing.T) {
			open := make(chan int, 100)
			s := &server{Server: newUnstarted(t, handler)}
			s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				switch state {
				case http.StateNew:
					open <- 1
				case http.StateClosed:
					open <- -1
				}
			}
			s.Start()
			_, _, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+long+byPage))
			if (err != nil) != (name == "ill") {
				t.Fatal(err)
			}
			for n := <-open; n > 0; { // or the test hangs
				n += <-open
			}
		})
	}
}
