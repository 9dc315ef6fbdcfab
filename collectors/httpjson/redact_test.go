package httpjson_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
)

// A source may say our secrets back to us, in any form and cut anywhere; no
// message shows them.
func TestSecretsThatComeBack(t *testing.T) {
	const odd = `pa"ss\wo/rd<1>中`
	long48 := "tok" + strings.Repeat("S3CR3T", 8)
	asJSON := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	status := func(code int, body string) http.HandlerFunc { return typed(code, "text/plain", body) }
	failure := func(msg string) http.HandlerFunc { return answer(`{"code":1,"msg":` + msg + `}`) }
	tests := map[string]struct {
		key     string
		handler http.HandlerFunc
		want    string // in the message
	}{
		"cut by us":               {long48, status(400, strings.Repeat("x", 100)+" "+long48+" is not accepted"), strings.Repeat("x", 100) + " *** is not accepted"},
		"cut where we read no on": {long48, status(400, strings.Repeat(long48, 20)), `it says "*`},
		"in quotes":               {odd, status(400, "key "+odd+" wrong"), `it says "key *** wrong"`},
		"in JSON":                 {odd, status(400, `{"msg":`+asJSON(odd)+`}`), `***`},
		"in JSON of others":       {`a/b\c/d`, status(400, `{"msg":"a\/b\\c\/d"}`), `***`},
		"in HTML":                 {odd, typed(200, "text/html", "<p>"+html.EscapeString(odd)), `begins with "<p>***"`},
		"in the type":             {"Zx9Zx9Zx9", typed(200, "text/Zx9Zx9Zx9", "<p>"), "the answer is no JSON but text/*** and"},
		"in a text that is cut":   {long48, typed(200, "text/plain", strings.Repeat("x ", 50)+long48), "it begins with"},
		"in the message":          {odd, failure(asJSON("no " + odd)), `it says "no ***"`},
		"in the message, cut":     {long48, failure(asJSON(strings.Repeat("x", 100) + long48)), strings.Repeat("x", 100) + `***"`},
		"where ok is":             {odd, answer(`{"code":` + asJSON(odd) + `}`), `found "***"`},
		"in what jq says, cut":    {long48, answer(`{"code":0,"data":[` + asJSON(long48) + `]}`), `string ("*** ..."`},
		"in what jq says":         {odd, answer(`{"code":0,"data":[` + asJSON(odd) + `]}`), `***`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.handler)
			source := at(s) + noWaiting + "query: {key_file: f}\n"
			c := mustBuild(t, source, limits+strings.Replace(long, ".data[]", "'.data[] | .a'", 1)+"ok: .code == 0\nmessage: .msg\n",
				withSecrets(map[string]string{"query.key": test.key}))
			_, _, err := collect(t, c)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q in it", err, test.want)
			}
			for _, part := range []string{test.key, test.key[:5], strings.Trim(asJSON(test.key), `"`)[:5], "S3CR3TS3"} {
				if strings.Contains(err.Error(), part) {
					t.Errorf("error %v tells %q", err, part)
				}
			}
		})
	}
}

// The path of the source's url may hold a key.
func TestErrorsShowNoPathOfTheSource(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, "no %s here", r.URL.Path)
	})
	_, _, err := collect(t, mustBuild(t, "url: "+s.URL+"/k/SECRETKEY123/api/\n"+noWaiting, limits+long+"path: /计数/x\n"))
	want := "GET " + s.URL + `/%E8%AE%A1%E6%95%B0/x: answered 404 Not Found; it says "no /k/***/api/计数/x here": check url and path`
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

// A header's text may be a scheme and a token; sources say the token alone.
func TestTokenOfAHeaderIsRedacted(t *testing.T) {
	s := serve(t, typed(401, "text/plain", "0123456789abcdef has expired"))
	_, _, err := collect(t, mustBuild(t, at(s)+noWaiting+"headers: {Authorization: Token 0123456789abcdef}\n", limits+long))
	if err == nil || !strings.Contains(err.Error(), `it says "*** has expired"`) {
		t.Errorf("error %v, want one without the token", err)
	}
}
