package demo

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// Token is what the sample API wants to be shown. It guards nothing: the API is
// for the program that serves it.
const Token = "sample-token-that-guards-nothing"

// apiBase is where the API begins, below its address.
const apiBase = "/v1"

// troubleEvery says which requests the API is too busy for: the 17th, the 34th
// and so on. It answers again at once.
const troubleEvery = 17

// object is a JSON object. Its keys come out sorted.
type object = map[string]any

// Handler returns the sample API of the Social Work Department: see endpoints.
// It wants Token as a bearer, gives every answer an ETag and answers every 17th
// request with a 503. It says what counties report: what they report first until
// Correct was called. It is safe for concurrent use.
func (y *Systems) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints() {
		mux.HandleFunc("GET "+apiBase+e.path, func(w http.ResponseWriter, r *http.Request) {
			y.answer(w, r, e.answer)
		})
	}
	mux.HandleFunc("GET "+apiBase+villagesPath, func(w http.ResponseWriter, r *http.Request) {
		y.answer(w, r, (*Systems).villagesOf)
	})
	var requests atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case subtle.ConstantTimeCompare([]byte(shown), []byte(Token)) != 1:
			w.Header().Set("WWW-Authenticate", `Bearer realm="sample"`)
			refuse(w, http.StatusUnauthorized, "show the token of the sample API as a bearer")
		case requests.Add(1)%troubleEvery == 0:
			w.Header().Set("Retry-After", "0")
			refuse(w, http.StatusServiceUnavailable, "busy: ask again")
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// answer writes what an endpoint answers, or that nothing has changed since the
// client asked before.
func (y *Systems) answer(w http.ResponseWriter, r *http.Request, of func(*Systems, url.Values) (object, error)) {
	content, err := of(y, r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	content["notice"] = "合成数据，并非真实统计。 Synthetic figures, not statistics."
	body, err := json.Marshal(content)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256(body))[:18] + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(body)
}

// refuse answers with a status and why. A text can always be encoded.
func refuse(w http.ResponseWriter, status int, why string) {
	body, err := json.Marshal(object{"error": why})
	if err != nil {
		body = nil
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body)
}
