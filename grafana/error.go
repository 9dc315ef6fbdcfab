package grafana

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Error is a request that Grafana did not answer as it should.
type Error struct {
	Method string
	URL    string // without user and password
	// Status is the HTTP status; 0 is no answer at all.
	Status int
	// Message is what Grafana said, in one line, or what it sent instead.
	Message string
	// Reason is Grafana's own word for it, such as version-mismatch; mostly empty.
	Reason string
	cause  error
}

// Error says what failed and, where that can be known, what to do.
func (e *Error) Error() string {
	text := e.Method + " " + e.URL + ": "
	if e.Status != 0 {
		text += fmt.Sprintf("%d %s: ", e.Status, http.StatusText(e.Status))
	}
	text += e.Message
	if hint := e.hint(); hint != "" {
		text += ": " + hint
	}
	return text
}

// Unwrap returns what kept the answer from coming, if that is the case.
func (e *Error) Unwrap() error { return e.cause }

func (e *Error) hint() string {
	switch {
	case e.Status == 0:
		return "see that Grafana runs and that grafana.url is its address, then do the same again"
	case e.Status >= 300 && e.Status < 400:
		return "write the address that Grafana itself has into grafana.url, with the path that it is served under"
	case e.Status < 300:
		return "is grafana.url the address of Grafana, and not of a login page before it?"
	case e.Status == http.StatusUnauthorized:
		return "the token or the password is wrong or has expired"
	case e.Status == http.StatusForbidden:
		return "the service account needs the role Editor, and Admin where it shall make the data source"
	case e.Status == http.StatusNotFound && e.Reason == notGrafana:
		return "is grafana.url right, with the path that Grafana is served under?"
	case e.Status == http.StatusTooManyRequests || e.Status >= 500:
		return "Grafana's own log tells more; do the same again afterwards"
	}
	return ""
}

// notGrafana is the reason of an answer that no Grafana gives.
const notGrafana = "not-grafana"

// statusOf returns the status of an Error in err; 0 is none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// notFound reports whether Grafana said that there is no such thing. A 404 that
// some other server sent says nothing of the kind.
func notFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusNotFound && e.Reason != notGrafana
}

// hopeless reports whether no further request can go better than this one.
func hopeless(err error) bool {
	status := statusOf(err)
	return status < 400 || status == http.StatusUnauthorized
}

// read takes from a body what it says of a failure, whatever it is.
func (e *Error) read(body []byte) {
	var said map[string]any
	if err := json.Unmarshal(body, &said); err != nil || said == nil {
		e.Message, e.Reason = describe(body), notGrafana
		return
	}
	for _, key := range []string{"message", "error", "msg"} {
		if text, ok := said[key].(string); ok && strings.TrimSpace(text) != "" {
			e.Message = oneLine(text)
			break
		}
	}
	if e.Message == "" {
		e.Message = describe(body)
	}
	// The classic API has its word in status, the newer one in reason.
	for _, key := range []string{"status", "reason"} {
		if text, ok := said[key].(string); ok && text != "Failure" {
			e.Reason = text
		}
	}
}

var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// describe says in one line what came in the place of JSON.
func describe(body []byte) string {
	text := oneLine(strings.ToValidUTF8(string(body), "�"))
	switch title := pageTitle.FindSubmatch(body); {
	case text == "":
		return "an empty answer"
	case title != nil:
		return fmt.Sprintf("an HTML page with the title %q", oneLine(string(title[1])))
	case strings.HasPrefix(text, "<"):
		return "an HTML page"
	}
	return fmt.Sprintf("the answer %q", text)
}

// oneLine shortens a text to what fits into a message.
func oneLine(text string) string {
	const longest = 200
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest]) + "…"
	}
	return text
}

// explain adds to what Grafana says of a change what it means for somebody who
// applies.
func explain(err error, creating bool) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	conflict := e.Status == http.StatusPreconditionFailed || e.Status == http.StatusConflict
	switch {
	case conflict && (creating && e.Status == http.StatusConflict || e.Reason == "name-exists"):
		return fmt.Errorf("%w: another one has that name or uid, or, in Grafana 9, the same letters and digits of ASCII in its name: rename it or delete it in Grafana, or give ours another in the configuration", err)
	case conflict:
		return fmt.Errorf("%w: somebody changed it meanwhile, and nothing was overwritten: see what with govkpi grafana plan", err)
	case e.Status == http.StatusBadRequest && strings.Contains(e.Message, "provisioned"):
		return fmt.Errorf("%w: %s", err, provisioned("grafana.url"))
	}
	return err
}
