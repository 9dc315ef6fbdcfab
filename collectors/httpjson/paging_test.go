package httpjson_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// table answers from rows r0, r1 … in pages of a size.
type table struct {
	rows int
	size int    // the most it gives
	by   string // page, offset, cursor
	// odd things that servers do
	reasonable bool // gives its last page for those behind it, as PageHelper does
	mute       bool // without total, more and next
	deaf       bool // heeds no page
}

func (b *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(q.Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	size := min(number("size", b.size), b.size)
	start := map[string]int{"page": (number("page", 1) - 1) * size, "offset": number("offset", 0), "cursor": number("cursor", 0)}[b.by]
	if b.deaf {
		start = 0
	}
	if b.reasonable && start >= b.rows {
		start = (b.rows - 1) / size * size
	}
	var rows []string
	for i := start; i < min(start+size, b.rows); i++ {
		rows = append(rows, fmt.Sprintf(`{"code":"r%d","month":"2025-12","n":%d}`, i, i))
	}
	next := `null`
	if end := start + size; end < b.rows {
		next = strconv.Itoa(end)
	}
	beside := fmt.Sprintf(`,"total":%d,"more":%t,"next":%s,"time":%q`, b.rows, next != "null", next, r.URL.RawQuery)
	if b.mute {
		beside = ""
	}
	answer(`{"data":[`+strings.Join(rows, ",")+`]`+beside+`}`)(w, r)
}

func TestPaging(t *testing.T) {
	const (
		page   = "by: page, parameter: page, first: 1"
		offset = "by: offset, parameter: offset"
		cursor = "by: cursor, parameter: cursor, next: .next"
		sized  = ", size_parameter: size, size: 3"
	)
	tests := map[string]struct {
		table  table
		paging string
		want   []string // the queries
		err    string
	}{
		"page":                         {table{rows: 5, size: 3}, page + sized, []string{"page=1&size=3", "page=2&size=3"}, ""},
		"page, the last one full":      {table{rows: 6, size: 3}, page + sized, []string{"page=1&size=3", "page=2&size=3", "page=3&size=3"}, ""},
		"page, one that is not full":   {table{rows: 2, size: 3}, page + sized, []string{"page=1&size=3", "page=2&size=3"}, ""},
		"page, not one row":            {table{rows: 0, size: 3}, page + sized, []string{"page=1&size=3"}, ""},
		"page, without a size":         {table{rows: 5, size: 3}, page, []string{"page=1", "page=2", "page=3"}, ""},
		"page, by a count":             {table{rows: 6, size: 3}, page + sized + ", count: .total", []string{"page=1&size=3", "page=2&size=3"}, ""},
		"page, by more":                {table{rows: 6, size: 3}, page + sized + ", more: .more == true", []string{"page=1&size=3", "page=2&size=3"}, ""},
		"page, by more through jq":     {table{rows: 6, size: 3}, page + ", more: '.next | type == \"number\"'", []string{"page=1", "page=2"}, ""},
		"page, and less than asked":    {table{rows: 5, size: 2}, page + sized, nil, "page 2: the source gave 2 items where 3 were asked for, and then more: it gives no more than 2 a page; set paging.size to that"},
		"page, less, but with a count": {table{rows: 5, size: 2}, page + sized + ", count: .total", []string{"page=1&size=3", "page=2&size=3", "page=3&size=3"}, ""},
		"page, the last one again":     {table{rows: 2, size: 3, reasonable: true}, page + sized, []string{"page=1&size=3", "page=2&size=3"}, ""},
		"page, always the last":        {table{rows: 6, size: 3, reasonable: true}, page + sized, nil, "page 3: the page says the same as the 2nd page: the source gives its last page again where there is no further one; give paging.count or paging.more"},
		"page that nobody heeds":       {table{rows: 5, size: 3, deaf: true}, page, nil, "page 2: the page says the same as the 1st page: the source does not heed the parameter page; correct paging, or remove it where the source gives all at once; or where it gives its last page again for those behind it, give paging.count or paging.more"},
		"page, too many of them":       {table{rows: 500, size: 3}, page, nil, "the source has more pages than limits.pages, 20; nothing was taken: ask for less, or raise the limit"},
		"offset":                       {table{rows: 5, size: 3}, offset + sized, []string{"offset=0&size=3", "offset=3&size=3"}, ""},
		"offset, without a size":       {table{rows: 5, size: 3}, offset, []string{"offset=0", "offset=3", "offset=5"}, ""},
		"offset, and less than asked":  {table{rows: 5, size: 2}, offset + sized, nil, "offset 2: the source gave 2 items where 3 were asked for"},
		"offset, from another first":   {table{rows: 5, size: 3}, offset + ", first: 2", []string{"offset=2", "offset=5"}, ""},
		"cursor":                       {table{rows: 5, size: 3}, cursor, []string{"", "cursor=3"}, ""},
		"cursor and size":              {table{rows: 5, size: 3}, cursor + sized, []string{"size=3", "cursor=3&size=3"}, ""},
		"cursor and count":             {table{rows: 5, size: 3}, cursor + ", count: .total", []string{"", "cursor=3"}, ""},
		"cursor and more":              {table{rows: 5, size: 3}, cursor + ", more: .more", []string{"", "cursor=3"}, ""},
		"cursor made by jq":            {table{rows: 5, size: 3}, "by: cursor, parameter: cursor, next: 'if .next then .next | tostring else empty end'", []string{"", "cursor=3"}, ""},
		"cursor that nobody heeds":     {table{rows: 5, size: 3, deaf: true}, cursor, nil, "page 2: the page says the same as the 1st page: the source does not heed the parameter cursor"},
		"cursor that is none":          {table{rows: 5, size: 3}, "by: cursor, parameter: cursor, next: .data", nil, "paging.next: .data gives a list; expected a cursor, as a text or number"},
		"count that is none":           {table{rows: 5, size: 3}, page + ", count: .more", nil, "paging.count: .more gives true; expected the number of all items"},
		"count that went":              {table{rows: 5, size: 3, mute: true}, page + ", count: .total", nil, "paging.count: .total gives nothing; expected the number of all items"},
		"more that is neither":         {table{rows: 5, size: 3}, page + ", more: .next", nil, "paging.more: .next gives 3; expected true or false"},
		"more without an end":          {table{rows: 2, size: 3}, page + ", more: .total == 2", nil, "page 2: .total == 2 says that more pages follow, but the page has no items"},
		"more against a repetition":    {table{rows: 5, size: 3, deaf: true}, page + ", more: .more", nil, "page 2: the page says the same as the 1st page: the source does not heed the parameter page; correct paging, or remove it where the source gives all at once"},
		"next that is not there":       {table{rows: 5, size: 3, mute: true}, cursor, nil, "page 1: paging.next: none of the 1 pages has .next; the last one has .data: correct it, or ask the source what became of it; where the source may leave it out on all of them, write .next // null"},
		"next that is optional":        {table{rows: 3, size: 3, mute: true}, "by: cursor, parameter: cursor, next: .next // null", []string{""}, ""},
		"next, and not one item":       {table{rows: 0, size: 3, mute: true}, cursor, []string{""}, ""},
		"more that is not there":       {table{rows: 6, size: 3, mute: true}, page + sized + ", more: .more == true", nil, "page 1: paging.more: none of the 1 pages has .more; the last one has .data: correct it, or ask the source what became of it; where the source may leave it out on all of them, write (.more // null)"},
		"more that is optional":        {table{rows: 3, size: 3, mute: true}, page + ", more: .more // false", []string{"page=1"}, ""},
		"more, and not one item":       {table{rows: 0, size: 3, mute: true}, page + ", more: .more == true", []string{"page=1"}, ""},
		"placeholders":                 {table{rows: 5, size: 3}, "by: page, first: 1, size: 3", nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.table.by, _, _ = strings.Cut(strings.TrimPrefix(test.paging, "by: "), ",")
			s := serve(t, test.table.ServeHTTP)
			options := limits + long + "paging: {" + test.paging + "}\n"
			if name == "placeholders" {
				options += "query: {page: '{page.number}', size: '{page.size}'}\n"
				test.want = []string{"page=1&size=3", "page=2&size=3"}
			}
			got, summary, err := collect(t, mustBuild(t, at(s)+noWaiting, options))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q in it", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var queries []string
			for _, r := range s.requests() {
				queries = append(queries, r.URL.Query().Encode())
			}
			if diff := cmp.Diff(test.want, queries); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if want := test.table.rows; strings.Contains(name, "another first") && len(got) != want-2 || !strings.Contains(name, "another first") && (len(got) != want || summary.Rows != want) {
				t.Errorf("%d readings of %d rows, want %d:\n%s", len(got), summary.Rows, want, strings.Join(got, "\n"))
			}
		})
	}
}

// A source that changes while it is read is found out where it says how many
// rows it has.
func TestSourceShrinksWhileItIsRead(t *testing.T) {
	b := table{rows: 9, size: 3, by: "page"}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b.ServeHTTP(w, r)
		b.rows-- // so the row at the border is never seen
	})
	_, _, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+long+"paging: {by: page, parameter: page, first: 1, count: .total}\n"))
	if err == nil || !strings.Contains(err.Error(), "it changed while it was read") {
		t.Errorf("error %v, want that the source changed", err)
	}
}

func TestSourceWithoutPagesSaysHowManyRowsItHas(t *testing.T) {
	// The answer of one page may be cut without anybody saying so.
	s := serve(t, answer(`{"total":3,"data":[`+row("a", 1)+`]}`))
	_, _, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+long+"paging: {by: page, parameter: page, first: 1, count: .total}\n"))
	if err == nil || !strings.Contains(err.Error(), "the page says the same as the 1st page") {
		t.Errorf("error %v, want that the second page is the first", err)
	}
}

func TestCursorGoesRoundInCircles(t *testing.T) {
	next := map[string]string{"": "a", "a": "b", "b": "a"}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cursor := r.URL.Query().Get("cursor")
		answer(fmt.Sprintf(`{"data":[%s],"next":%q}`, row("at "+cursor, 1), next[cursor]))(w, r)
	})
	_, _, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+long+"paging: {by: cursor, parameter: cursor, next: .next}\n"))
	want := "GET " + s.URL + ", page 3: the page gives the same cursor as the 1st page: the source would go round in circles; is .next right?"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	if len(s.lines()) != 3 {
		t.Errorf("asked %q, want three pages", s.lines())
	}
}

func TestPagesInTheBody(t *testing.T) {
	var bodies []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 200)
		n, _ := r.Body.Read(b)
		bodies = append(bodies, string(b[:n]))
		rows := `{"data":[` + row("a", len(bodies)) + `],"scroll":"c1"}`
		if len(bodies) > 1 {
			rows = `{"data":[],"scroll":"c2"}`
		}
		answer(rows)(w, r)
	})
	c := mustBuild(t, at(s)+noWaiting, limits+long+`
method: POST
body: '{"scroll": "{page.cursor}", "size": {page.size}}'
paging: {by: cursor, next: .scroll, size: 5, more: '.data | length > 0'}
`)
	got, _, err := collect(t, c)
	if err != nil || len(got) != 1 {
		t.Fatalf("readings %q, error %v", got, err)
	}
	if diff := cmp.Diff([]string{`{"scroll": "", "size": 5}`, `{"scroll": "c1", "size": 5}`}, bodies); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
	if r := s.requests()[0]; r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the body came as %q", r.Header.Get("Content-Type"))
	}
}

func TestTotalsOfPagesMustAgree(t *testing.T) {
	page := func(sum, rows string) string { return `{"m":"2025-12","sum":` + sum + `,"data":[` + rows + `]}` }
	const options = limits + long + byPage + "total: {period: .m, figures: {.sum: grids}}\n"
	s := serve(t, pages(page("3", row("a", 1)), page("null", row("b", 1)), page("3", row("c", 1)), page("0", "")))
	got, _, err := collect(t, mustBuild(t, at(s)+noWaiting, options))
	if err != nil || len(got) != 4 || got[3] != "grids |  | 2025-12 | total 3 | /, page 1, column .sum" {
		t.Errorf("readings %q, error %v; want the total at the end", got, err)
	}
	s = serve(t, pages(page("1", row("a", 1)), page("2", row("b", 2))))
	_, _, err = collect(t, mustBuild(t, at(s)+noWaiting, options))
	if err == nil || !strings.Contains(err.Error(), "/, page 2 gives other totals than /, page 1: the source changed while it was read, or adds up each page") {
		t.Errorf("error %v, want that the totals differ", err)
	}
}

func TestRowsAreLimited(t *testing.T) {
	b := table{rows: 60, size: 10, by: "page"}
	s := serve(t, b.ServeHTTP)
	_, _, err := collect(t, mustBuild(t, at(s)+noWaiting, "limits: {page_bytes: 1MiB, pages: 20, rows: 55, depth: 20}\n"+long+byPage))
	want := "GET " + s.URL + ", page 6: the source has more rows than limits.rows, 55; nothing was taken: ask for less, or raise the limit"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}
