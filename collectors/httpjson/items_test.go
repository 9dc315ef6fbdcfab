package httpjson_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/httpjson"
)

// crossed is a row that the filter drops.
func crossed(code string) string {
	return fmt.Sprintf(`{"code":%q,"month":"2025-12","n":1,"deleted":true}`, code)
}

func city(rows ...string) string { return `{"counties":[` + strings.Join(rows, ",") + `]}` }

// slicesOf answers ?o=0, 1 … with at most so many of the items from there on.
func slicesOf(size int, items ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, err := strconv.Atoi(r.URL.Query().Get("o"))
		if err != nil || from > len(items) {
			from = len(items)
		}
		body := data(items[from:min(from+size, len(items))]...)
		answer(strings.TrimSuffix(body, "}")+fmt.Sprintf(`,"total":%d}`, len(items)))(w, r)
	}
}

// chain answers ?c=, 2, 3 … with these rows and the next cursor.
func chain(rows ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("c"))
		if err != nil {
			n = 1
		}
		next := "null"
		if n < len(rows) {
			next = strconv.Quote(strconv.Itoa(n + 1))
		}
		answer(fmt.Sprintf(`{"data":[%s],"next":%s,"more":%t,"total":%d}`, rows[n-1], next, next != "null", 3))(w, r)
	}
}

// A source counts its items, whatever rows makes of them: nothing may be lost,
// come twice or be asked for too often.
func TestItemsAreCountedNotRows(t *testing.T) {
	const (
		filter = "rows: .data[] | select(.deleted | not)\n"
		expand = "rows: '.data[] | .counties[]'\n"
		plain  = "rows: .data[]\n"
		page   = "by: page, parameter: page, first: 1"
		sized  = ", size_parameter: size, size: 2"
		offset = "by: offset, parameter: o"
		cursor = "by: cursor, parameter: c, next: .next"
		items  = ", items: .data"
	)
	items7 := []string{row("a", 1), crossed("b"), row("c", 3), row("d", 4), crossed("e"), row("f", 6), row("g", 7)}
	cities := []string{city(row("a", 1), row("b", 1)), city(), city(row("c", 1)), city(row("d", 1), row("e", 1), row("f", 1))}
	tests := map[string]struct {
		rows, paging string
		handler      http.HandlerFunc
		want         string // the regions
		asked        int
		err          string
	}{
		"page, filter, size":                        {rows: filter, paging: page + sized + items, handler: pages(data(row("a", 1), row("b", 2)), data(row("c", 3), crossed("d")), data(row("e", 5), row("f", 6))), want: "abcef", asked: 4},
		"page, all of a page filtered":              {rows: filter, paging: page + items, handler: pages(data(row("a", 1)), data(crossed("c"), crossed("d")), data(row("e", 5))), want: "ae", asked: 4},
		"page, the first one filtered":              {rows: filter, paging: page + items, handler: pages(data(crossed("c")), data(row("e", 5))), want: "e", asked: 3},
		"page, filter, by jq":                       {rows: filter, paging: page + ", items: .data | map(.)", handler: pages(data(crossed("c")), data(row("e", 5))), want: "e", asked: 3},
		"page, filter, of an object":                {rows: filter, paging: page + items, handler: pages(`{"data":{"x":`+crossed("c")+`,"y": {} }}`, data(row("e", 5))), want: "e", asked: 3},
		"page, filter, by more":                     {rows: filter, paging: page + ", more: .more", handler: pages(`{"more":true,"data":[`+crossed("c")+`]}`, `{"more":false,"data":[`+row("e", 5)+`]}`), want: "e", asked: 2},
		"page, expansion, size":                     {rows: expand, paging: page + sized + items, handler: pages(data(cities[0], cities[1]), data(cities[2], cities[3])), want: "abcdef", asked: 3},
		"offset, filter":                            {rows: filter, paging: offset + items, handler: slicesOf(3, items7...), want: "acdfg", asked: 4},
		"offset, filter, count":                     {rows: filter, paging: offset + items + ", count: .total", handler: slicesOf(3, items7...), want: "acdfg", asked: 3},
		"offset, expansion":                         {rows: expand, paging: offset + items, handler: slicesOf(2, cities...), want: "abcdef", asked: 3},
		"cursor, filter":                            {rows: filter, paging: cursor, handler: chain(row("a", 1), crossed("b"), row("z", 9)), want: "az", asked: 3},
		"cursor, filter, count":                     {rows: filter, paging: cursor + items + ", count: .total", handler: chain(row("a", 1), crossed("b"), row("z", 9)), want: "az", asked: 3},
		"cursor, an empty page":                     {rows: plain, paging: cursor, handler: chain(row("a", 1), "", row("z", 9)), want: "az", asked: 3},
		"cursor, an empty page, more":               {rows: plain, paging: cursor + ", more: .more", handler: chain(row("a", 1), "", row("z", 9)), want: "az", asked: 3},
		"cursor, the first page empty":              {rows: plain, paging: cursor, handler: chain("", row("z", 9)), want: "z", asked: 2},
		"cursor, count reached early":               {rows: plain, paging: cursor + ", count: .total", handler: chain(row("a", 1), row("b", 1)+","+row("c", 1), row("d", 1)), err: "page 3: the source says that it has 3 items, and gave 4"},
		"page, more is false and items are unknown": {rows: filter, paging: page + ", more: .more == true", handler: pages(data(crossed("c"))), err: "write (.more // null)"},
		"items that are missing":                    {rows: filter, paging: page + ", items: .list", handler: pages(data(row("a", 1))), err: "page 1: paging.items: .list finds nothing; the answer has .data: correct it, or where that is how the source says that there are none, write // [] behind it"},
		"items that are null":                       {rows: "rows: .data[]?\n", paging: page + items, handler: pages(`{"data":null}`), err: "page 1: paging.items: .data finds null where a list should be: correct it"},
		"items that may be null":                    {rows: "rows: .data[]?\n", paging: page + ", items: '.data // []'", handler: pages(data(row("a", 1)), `{"data":null}`), want: "a", asked: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.handler)
			c := mustBuild(t, at(s)+noWaiting, limits+test.rows+"indicator: grids\ncolumns: {region: .code, period: .month, value: .n}\npaging: {"+test.paging+"}\n")
			var sink collectorstest.Sink
			_, err := c.Collect(t.Context(), collectors.Request{Now: now(t)}, &sink)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q in it", err, test.err)
				}
				return
			}
			var regions strings.Builder
			for i := range sink.Readings {
				regions.WriteString(sink.Readings[i].Region)
			}
			if err != nil || regions.String() != test.want || len(s.lines()) != test.asked {
				t.Errorf("regions %s by %q, error %v; want %s by %d requests", regions.String(), s.lines(), err, test.want, test.asked)
			}
		})
	}
}

// What a source does not have is no fault of url and path where it had page 1.
func TestNoSuchPage(t *testing.T) {
	const page = "by: page, parameter: page, first: 1, size_parameter: size, size: 1"
	for name, test := range map[string]struct {
		paging string
		have   int
		want   string
	}{
		"page":   {page, 1, ", page 2: answered 404 Not Found; it says \"Invalid page.\": the source has no such page: give paging.count or paging.more"},
		"offset": {"by: offset, parameter: offset", 1, ", offset 1: answered 404 Not Found; it says \"Invalid page.\": the source has no such page: give paging.count or paging.more"},
		"more":   {page + ", more: .more", 1, ", page 2: answered 404 Not Found; it says \"Invalid page.\": the source has no such page: check paging.count or paging.more, by which it should follow"},
		"cursor": {"by: cursor, parameter: c, next: .next", 1, ", page 2: answered 404 Not Found; it says \"Invalid page.\": the source has no such page: check paging.next, and whether the source lets a cursor expire"},
		"first":  {page, 0, ", page 1: answered 404 Not Found; it says \"Invalid page.\": check url and path"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked > test.have {
					w.WriteHeader(http.StatusNotFound)
					fmt.Fprint(w, "Invalid page.")
					return
				}
				answer(`{"more":true,"next":"x","data":[`+row("a", 1)+`]}`)(w, r)
			})
			_, _, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+long+"paging: {"+test.paging+"}\n"))
			if want := "GET " + s.URL + test.want; err == nil || err.Error() != want {
				t.Errorf("error %v\nwant  %s", err, want)
			}
		})
	}
}

// A figure whose key goes in the middle of a pull is not one that nobody
// reported.
func TestFigureGoesBetweenPages(t *testing.T) {
	const wide = "rows: .data[]\ncolumns: {region: .code, period: .month, figures: {.n: grids}}\n"
	renamed := func(rows ...string) string { return strings.ReplaceAll(data(rows...), `"n"`, `"num"`) }
	const gone = ", page 2: none of the 2 rows of this page has .n (columns.figures..n), which there was on the pages before; the first one has .code, .month, .num: ask the source"
	tests := map[string]struct {
		columns string
		pages   []string
		err     string
	}{
		"gone":                {wide, []string{data(row("a", 1)), renamed(row("b", 2), row("c", 3))}, gone},
		"gone, through jq":    {strings.Replace(wide, "rows: .data[]", "rows: '.data[] | .'", 1), []string{data(row("a", 1)), renamed(row("b", 2), row("c", 3))}, gone},
		"of one row":          {wide, []string{data(row("a", 1)), renamed(row("b", 2))}, ""},
		"in one row":          {wide, []string{data(row("a", 1)), `{"data":[{"code":"b","month":"2025-12"},` + row("c", 3) + `]}`}, ""},
		"null":                {wide, []string{data(row("a", 1)), strings.ReplaceAll(data(row("b", 2), row("c", 2)), ":2}", ":null}")}, ""},
		"not there before":    {wide, []string{renamed(row("a", 1), row("b", 2)), data(row("c", 3))}, ""},
		"optional":            {strings.Replace(wide, ".n:", ".n // null:", 1), []string{data(row("a", 1)), renamed(row("b", 2), row("c", 3))}, ""},
		"rejected one by one": {long, []string{data(row("a", 1)), renamed(row("b", 2), row("c", 3))}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, pages(test.pages...))
			_, _, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+test.columns+"paging: {by: page, parameter: page, first: 1, items: .data}\n"))
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q in it", err, test.err)
			}
		})
	}
}

func TestTotalsAreComparedWithoutBlanks(t *testing.T) {
	s := serve(t, answer(data(row("合 计", 1), row("合计：", 2), row(" 合　计 :", 3), row("合计县", 4), row("all: ", 5))))
	got, _, err := collect(t, mustBuild(t, at(s)+noWaiting, limits+long+"totals: [合计, 'all:']\n"))
	want := []string{
		"grids |  | 2025-12 | total 1 | /, row 1, column .n", "grids |  | 2025-12 | total 2 | /, row 2, column .n",
		"grids |  | 2025-12 | total 3 | /, row 3, column .n", "grids | 合计县 | 2025-12 | 4 | /, row 4, column .n",
		"grids |  | 2025-12 | total 5 | /, row 5, column .n",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, readings (-want +got):\n%s", err, diff)
	}
}

func TestIndicatorsOfTotalsAreChecked(t *testing.T) {
	_, err := httpjson.Kind().New(collectors.Blocks{
		Source:    collectorstest.NewBlock(t, soundSource, nil),
		Collector: collectorstest.NewBlock(t, soundCollector+"total: {period: .m, figures: {.s: grits}}\n", nil),
		Indicator: func(id string) error {
			if id == "grits" {
				return fmt.Errorf("indicator %q is unknown", id)
			}
			return nil
		},
	})
	if want := `9:30: total.figures..s: indicator "grits" is unknown`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
