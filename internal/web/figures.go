package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// APIPrefix begins the addresses of the JSON API; docs/api.md describes it.
const APIPrefix = "/api/governance/v1/"

// Figures is what people ask and decide about single figures. What it returns is
// encoded as JSON. An error that has a method Explain() fact.Text is for the
// user; any other is a failure of ours.
type Figures interface {
	// Explain says where a figure comes from.
	Explain(ctx context.Context, q Question) (any, error)
	// Held lists held figures, Decisions what was decided; the newest first.
	Held(ctx context.Context, q HeldQuestion) (any, error)
	Decisions(ctx context.Context, q Question, limit int) (any, error)
	// Decide takes a decision in the name of its By.
	Decide(ctx context.Context, order Order) (any, error)
	// Import takes past figures from a CSV file in the name of by.
	Import(ctx context.Context, file io.Reader, by, reason string) (any, error)
}

// Question names figures. Empty fields are all of them, or the newest.
type Question struct {
	Indicator string
	Region    string // a code or a name
	Period    string // canonical
	// AsKnownAt is the instant whose knowledge is asked for, as RFC 3339 or a
	// date, which is the whole day; empty is now.
	AsKnownAt string
}

// HeldQuestion asks for held figures.
type HeldQuestion struct {
	Question
	Closed bool // also those that somebody has decided on
	Limit  int
}

// Order is what somebody decides.
type Order struct {
	Action fact.Action `json:"-"`
	By     string      `json:"-"`
	Reason string      `json:"reason,omitempty"`
	// Of a confirmation or a correction.
	Indicator string `json:"indicator,omitempty"`
	Period    string `json:"period,omitempty"`
	// Regions limit a confirmation; none is all that are provisional. AsKnownAt
	// refuses it where a figure has changed since that instant.
	Regions   []string `json:"regions,omitempty"`
	AsKnownAt string   `json:"as_known_at,omitempty"`
	// Of a correction: the figure as people write it, and what it is now in the
	// eyes of whoever decides; empty does not ask.
	Region     string            `json:"region,omitempty"`
	Dimensions map[string]string `json:"dimensions,omitempty"`
	Value      string            `json:"value,omitempty"`
	Was        string            `json:"was,omitempty"`
	// Held are the figures that are released or rejected.
	Held []int64 `json:"held,omitempty"`
}

// keysOf are what the body of an order may hold: a key that another order takes
// would not do what whoever wrote it thinks.
func keysOf(action fact.Action) []string {
	switch action {
	case fact.Confirm:
		return []string{"indicator", "period", "regions", "as_known_at", "reason"}
	case fact.Correct:
		return []string{"indicator", "period", "region", "dimensions", "value", "was", "reason"}
	case fact.Release, fact.Reject:
	}
	return []string{"held", "reason"}
}

// Most bytes of a request's body: an order is small, a file of past figures is
// not.
const (
	mostOrder = 1 << 20
	mostFile  = 64 << 20
)

// mostListed is how much a list holds unless the request says otherwise.
const mostListed = 100

func (s *server) figureRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+APIPrefix+"explain", s.explain)
	mux.HandleFunc("GET "+APIPrefix+"held", s.held)
	mux.HandleFunc("GET "+APIPrefix+"decisions", s.decisions)
	for _, action := range []fact.Action{fact.Confirm, fact.Release, fact.Reject, fact.Correct} {
		mux.HandleFunc("POST "+APIPrefix+string(action), s.decide(action))
	}
	mux.HandleFunc("POST "+APIPrefix+"import", s.importFile)
}

func questionOf(r *http.Request) Question {
	return Question{
		Indicator: r.FormValue("indicator"), Region: r.FormValue("region"),
		Period: r.FormValue("period"), AsKnownAt: r.FormValue("as_known_at"),
	}
}

func (s *server) explain(w http.ResponseWriter, r *http.Request) {
	q := questionOf(r)
	if q.Indicator == "" || q.Region == "" {
		s.refuse(w, http.StatusBadRequest, fact.Text{ZH: "请写明 indicator 和 region。", EN: "Say which figure: indicator and region are needed."})
		return
	}
	answer, err := s.Figures.Explain(r.Context(), q)
	s.answer(w, r, answer, err)
}

func (s *server) held(w http.ResponseWriter, r *http.Request) {
	limit, ok := s.limit(w, r)
	if !ok {
		return
	}
	closed, err := strconv.ParseBool(cmp.Or(r.FormValue("closed"), "0"))
	if err != nil {
		s.refuse(w, http.StatusBadRequest, fact.Text{ZH: "closed 须为 1 或 0。", EN: fmt.Sprintf("closed: expected 1 or 0, found %q.", r.FormValue("closed"))})
		return
	}
	answer, err := s.Figures.Held(r.Context(), HeldQuestion{Question: questionOf(r), Closed: closed, Limit: limit})
	s.answer(w, r, answer, err)
}

func (s *server) decisions(w http.ResponseWriter, r *http.Request) {
	limit, ok := s.limit(w, r)
	if !ok {
		return
	}
	answer, err := s.Figures.Decisions(r.Context(), questionOf(r), limit)
	s.answer(w, r, answer, err)
}

func (s *server) limit(w http.ResponseWriter, r *http.Request) (int, bool) {
	written := r.FormValue("limit")
	if written == "" {
		return mostListed, true
	}
	limit, err := strconv.Atoi(written)
	if err != nil || limit < 0 {
		s.refuse(w, http.StatusBadRequest, fact.Text{
			ZH: "limit 须为不小于 0 的整数。", EN: fmt.Sprintf("limit: expected a whole number, 0 for all, found %q.", written),
		})
		return 0, false
	}
	return limit, true
}

// decide answers an order. Who gives it is who has logged in: a name in the body
// would be anybody's.
func (s *server) decide(action fact.Action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, ok := s.whoAsks(w, r)
		if !ok {
			return
		}
		order, refused := orderOf(http.MaxBytesReader(w, r.Body, mostOrder), action)
		if refused != nil {
			s.refuse(w, http.StatusBadRequest, *refused)
			return
		}
		order.By = by
		answer, err := s.Figures.Decide(r.Context(), order)
		s.answer(w, r, answer, err)
	}
}

// orderOf reads the body of an order, or says what is wrong with it.
func orderOf(body io.Reader, action fact.Action) (Order, *fact.Text) {
	order := Order{}
	unreadable := &fact.Text{
		ZH: "请求内容应为一个 JSON 对象，格式见文档 docs/api.md。", EN: "The body must be one JSON object as docs/api.md has it.",
	}
	written := map[string]json.RawMessage{}
	decoder := json.NewDecoder(body)
	if err := decoder.Decode(&written); err != nil {
		return order, unreadable
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return order, unreadable
	}
	keys := keysOf(action)
	for key, value := range written {
		switch {
		case !slices.Contains(keys, key):
			return order, &fact.Text{
				ZH: fmt.Sprintf("请求内容中的“%s”不适用；%s 可用的有 %s。", key, action, strings.Join(keys, "、")),
				EN: fmt.Sprintf("The body has %q; %s takes %s.", key, action, strings.Join(keys, ", ")),
			}
		case (key == "value" || key == "was") && value[0] != '"': // a number, kept as it was written
			written[key] = json.RawMessage(strconv.Quote(string(value)))
		case key == "held" && value[0] != '[':
			written[key] = json.RawMessage("[" + string(value) + "]")
		case key == "regions" && string(value) == "[]":
			return order, &fact.Text{
				ZH: "regions 为空：不写 regions 表示确认全部，写则至少一个地区。", EN: "regions is empty: leave it out to confirm all, or name at least one.",
			}
		}
	}
	again, err := json.Marshal(written)
	if err == nil {
		err = json.Unmarshal(again, &order)
	}
	if err != nil {
		return order, unreadable
	}
	order.Action = action
	return order, nil
}

func (s *server) importFile(w http.ResponseWriter, r *http.Request) {
	by, ok := s.whoAsks(w, r)
	if !ok {
		return
	}
	answer, err := s.Figures.Import(r.Context(), http.MaxBytesReader(w, r.Body, mostFile), by, r.URL.Query().Get("reason"))
	s.answer(w, r, answer, err)
}

// whoAsks returns the name that the request was authenticated with, where it is
// of somebody who may decide. The server in front of this handler has checked
// password or certificate.
func (s *server) whoAsks(w http.ResponseWriter, r *http.Request) (string, bool) {
	name, ok := "", false
	if user, _, given := r.BasicAuth(); given && s.Login != nil && s.Login(user) {
		name, ok = user, true
	} else if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		name = r.TLS.VerifiedChains[0][0].Subject.CommonName
		ok = name != ""
	}
	switch {
	case !ok:
		s.refuse(w, http.StatusForbidden, fact.Text{
			ZH: "须先登录才能作出决定：服务须以 --web-config-file 配置 basic_auth_users 或客户端证书。",
			EN: "Deciding needs a login: give the server basic_auth_users or client certificates with --web-config-file.",
		})
	case !slices.Contains(s.Deciders, name):
		s.refuse(w, http.StatusForbidden, fact.Text{
			ZH: name + " 只能查看，不能作出决定：服务须以 --decider " + name + " 启动。",
			EN: name + " may look, but not decide: the server must be started with --decider " + name + ".",
		})
		ok = false
	}
	return name, ok
}

// explainer is an error that tells the user what is wrong.
type explainer interface{ Explain() fact.Text }

// answer writes what was asked for, or why not. The user is told one sentence,
// the log the cause.
func (s *server) answer(w http.ResponseWriter, r *http.Request, data any, err error) {
	var told explainer
	switch {
	case err == nil:
		s.json(w, http.StatusOK, map[string]any{"status": "success", "data": data})
	case errors.As(err, &told):
		status := http.StatusUnprocessableEntity
		var coded interface{ Status() int }
		if errors.As(err, &coded) {
			status = coded.Status()
		}
		s.refuse(w, status, told.Explain())
	case r.Context().Err() != nil:
		s.Log.DebugContext(r.Context(), "a reader went away", "err", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.refuse(w, http.StatusRequestTimeout, fact.Text{ZH: "文件传送超时，未采用其中任何数据。", EN: "The file took too long to arrive; nothing of it was taken."})
	default:
		s.Log.ErrorContext(r.Context(), "a request can't be answered", "path", r.URL.Path, "err", err)
		s.refuse(w, http.StatusInternalServerError, fact.Text{
			ZH: "系统内部出错，原因见日志。", EN: "The program failed; the log says why.",
		})
	}
}

func (s *server) refuse(w http.ResponseWriter, status int, why fact.Text) {
	s.json(w, status, map[string]any{"status": "error", "error": map[string]string{"zh": why.ZH, "en": why.EN}})
}

func (s *server) json(w http.ResponseWriter, status int, v any) {
	var body strings.Builder
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		s.fail(w, "encode an answer", err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	s.write(w, []byte(body.String()))
}
