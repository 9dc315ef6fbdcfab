package demo_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/demo"
)

// get asks the API as a client with the token and the headers would. It answers
// the first time with what is not a 503.
func (s *site) get(t *testing.T, path string, headers ...string) (status int, header http.Header, body string) {
	t.Helper()
	for range 2 {
		if status, header, body = s.try(t, path, append([]string{"Authorization", "Bearer " + demo.Token}, headers...)...); status != http.StatusServiceUnavailable {
			break
		}
	}
	return status, header, body
}

func (s *site) try(t *testing.T, path string, headers ...string) (status int, header http.Header, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.api+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

// answer is as much of any endpoint's answer as tests look at.
type answer struct {
	Notice string
	Data   struct {
		Rows []struct {
			Where     struct{ County string }
			CountedOn string `json:"counted_on"`
			Counts    map[string]any
		}
	}
	Rows, Items, Stations []answered
	Next                  string
}

// answered is an entry of one; a count that is no number is none.
type answered struct {
	Month, Kind            string
	Platforms, Teams, Open any
}

// ask returns what the API answers.
func (s *site) ask(t *testing.T, path string) (a answer) {
	t.Helper()
	status, _, body := s.get(t, path)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, status, body)
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// The first lines of every endpoint, as a client sees them.
func TestAnswers(t *testing.T) {
	site := newEmptySite(t, "2025-07-10")
	var b bytes.Buffer
	for _, path := range []string{
		"/v1/grids?page=2&size=2&from=2025-06",
		"/v1/grids?page=34&size=3&from=2025-06",
		"/v1/volunteer-teams?city=360500&size=3",
		"/v1/volunteer-teams?city=360500&size=3&cursor=YWZ0ZXI6OQ",
		"/v1/deliberation-platforms?offset=599&limit=5",
		"/v1/deliberation-platforms?offset=600",
		"/v1/stations?county=360102&from=2025-06",
		"/v1/stations?county=360702&from=2025-06",
		"/v1/villages?county=360603&offset=36&limit=4",
		"/v1/villages?county=360603&offset=224&limit=4",
		"/v1/villages?county=360102&limit=1",
	} {
		_, _, body := site.get(t, path)
		if !strings.Contains(body, "Synthetic") {
			t.Errorf("%s doesn't say that it is synthetic", path)
		}
		b.WriteString(path + "\n")
		if err := json.Indent(&b, []byte(body), "", " "); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n\n")
	}
	golden(t, "answers.golden", b.String())
}

func TestAnswersAreRefused(t *testing.T) {
	site := newEmptySite(t, "2025-07-10")
	for path, want := range map[string]struct {
		status int
		reason string
	}{
		"/v1/grids?from=2025":                                {http.StatusBadRequest, "expected a month such as 2025-01"},
		"/v1/grids?page=0":                                   {http.StatusBadRequest, "page is 0"},
		"/v1/grids?page=one":                                 {http.StatusBadRequest, `page is \"one\": expected a number`},
		"/v1/deliberation-platforms?limit=1001":              {http.StatusBadRequest, "1 to 1000"},
		"/v1/deliberation-platforms?offset=-1":               {http.StatusBadRequest, "from 0 on"},
		"/v1/volunteer-teams":                                {http.StatusBadRequest, "expected the code of a city"},
		"/v1/volunteer-teams?city=360603":                    {http.StatusBadRequest, "expected the code of a city"},
		"/v1/volunteer-teams?city=360600&cursor=bm9uZQ":      {http.StatusBadRequest, "cursor is none that this API has given"},
		"/v1/volunteer-teams?city=360600&cursor=YWZ0ZXI6LTE": {http.StatusBadRequest, "cursor is none that this API has given"},
		"/v1/stations?county=360600":                         {http.StatusBadRequest, "expected the code of a county"},
		"/v1/villages":                                       {http.StatusBadRequest, "expected the code of a county"},
		"/v1/nothing":                                        {http.StatusNotFound, ""},
		"/":                                                  {http.StatusNotFound, ""},
	} {
		if status, _, body := site.get(t, path); status != want.status || !strings.Contains(body, want.reason) {
			t.Errorf("%s: %d %s; want %d with %s", path, status, body, want.status, want.reason)
		}
	}
}

func TestTheAPIWantsItsToken(t *testing.T) {
	site := newEmptySite(t, "2025-07-10")
	for name, headers := range map[string][]string{
		"none":       nil,
		"another":    {"Authorization", "Bearer another"},
		"as a basic": {"Authorization", "Basic " + demo.Token},
	} {
		if status, header, body := site.try(t, "/v1/stations?county=360102", headers...); status != http.StatusUnauthorized ||
			!strings.HasPrefix(header.Get("WWW-Authenticate"), "Bearer") || strings.Contains(body, demo.Token) {
			t.Errorf("with the token %s: %d %v %s; want 401 that asks for a bearer", name, status, header, body)
		}
	}
}

// Nothing has changed until counties correct themselves.
func TestTagsFollowTheAnswer(t *testing.T) {
	site := newSite(t, "2026-06-20")
	const path, other = "/v1/volunteer-teams?city=360900&from=2026-05", "/v1/volunteer-teams?city=360800&from=2026-05"
	_, header, before := site.get(t, path)
	_, otherHeader, _ := site.get(t, other)
	tag, otherTag := header.Get("ETag"), otherHeader.Get("ETag")
	if tag == "" || tag == otherTag {
		t.Fatalf("two answers are tagged %q and %q", tag, otherTag)
	}
	if status, _, body := site.get(t, path, "If-None-Match", tag); status != http.StatusNotModified || body != "" {
		t.Errorf("asked again: %d with %d bytes, want 304 without any", status, len(body))
	}
	if err := site.systems.Correct(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, _, after := site.get(t, path, "If-None-Match", tag); status != http.StatusOK || after == before {
		t.Errorf("asked once a county has corrected itself: %d, want 200 with another answer", status)
	}
	if status, _, _ := site.get(t, other, "If-None-Match", otherTag); status != http.StatusNotModified {
		t.Errorf("a city without a correction answers %d, want 304", status)
	}
}

// Every 17th request is one too many, and the next is answered again.
func TestTheAPIIsBusyNowAndThen(t *testing.T) {
	site := newEmptySite(t, "2025-07-10")
	var busy []int
	for n := 1; n <= 35; n++ {
		status, header, _ := site.try(t, "/v1/stations?county=360102", "Authorization", "Bearer "+demo.Token)
		if status == http.StatusOK {
			continue
		}
		busy = append(busy, n)
		if after := header.Get("Retry-After"); status != http.StatusServiceUnavailable || after != "0" {
			t.Errorf("request %d: %d, Retry-After %q; want 503 and 0: the demo must not wait", n, status, after)
		}
	}
	if diff := cmp.Diff([]int{17, 34}, busy); diff != "" {
		t.Errorf("requests that were too many (-want +got):\n%s", diff)
	}
}

// The pages of an answer are all of it, in order, each once.
func TestPagesMakeUpTheAnswer(t *testing.T) {
	site := newEmptySite(t, "2026-02-03")
	whole := len(site.ask(t, "/v1/volunteer-teams?city=360700&size=1000").Items)
	parts, cursor := 0, ""
	for {
		page := site.ask(t, "/v1/volunteer-teams?city=360700&size=100"+cursor)
		parts += len(page.Items)
		if page.Next == "" {
			break
		}
		cursor = "&cursor=" + page.Next
	}
	if whole != 13*18 || parts != whole {
		t.Errorf("%d items in parts of 100, %d at once; want %d, 13 months of 18 counties", parts, whole, 13*18)
	}
}
