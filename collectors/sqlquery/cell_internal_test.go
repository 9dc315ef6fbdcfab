package sqlquery

import (
	"bytes"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/collectors"
)

func TestValueOf(t *testing.T) {
	tests := map[string]struct {
		cell cell
		want string // the value's text, with a # before a number
		bad  bool
	}{
		"null":                 {cell: cell{}, want: ""},
		"integer":              {cell: cell{[]byte("-12"), number}, want: "#-12"},
		"largest exact":        {cell: cell{[]byte("9007199254740992"), number}, want: "#9007199254740992"},
		"smallest exact":       {cell: cell{[]byte("-9007199254740992"), number}, want: "#-9007199254740992"},
		"no longer exact":      {cell: cell{[]byte("9007199254740993"), number}, want: "9007199254740993"},
		"20 digits":            {cell: cell{[]byte("18446744073709551615"), number}, want: "18446744073709551615"},
		"float":                {cell: cell{[]byte("1.5e3"), number}, want: "#1500"},
		"large float":          {cell: cell{[]byte("1e+300"), number}, want: "#1" + strings.Repeat("0", 300)},
		"not a number":         {cell: cell{[]byte("NaN"), number}, want: "#NaN"},
		"infinite":             {cell: cell{[]byte("-Infinity"), number}, want: "#-Inf"},
		"no digits":            {cell: cell{[]byte("-"), number}, want: "-"},
		"decimal":              {cell: cell{[]byte("1.50"), text}, want: "1.50"},
		"text":                 {cell: cell{[]byte("约三百"), text}, want: "约三百"},
		"text of no UTF-8":     {cell: cell{[]byte("\xd3\xe0"), text}, want: "\uFFFD"},
		"boolean is no figure": {cell: cell{[]byte("true"), boolean}, bad: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, ok := valueOf(test.cell, &collectors.Arena{})
			got := v.String()
			if _, isNumber := v.Number(); isNumber {
				got = "#" + got
			}
			if ok == test.bad || got != test.want {
				t.Errorf("got %q, %t; want %q, %t", got, ok, test.want, !test.bad)
			}
		})
	}
}

func FuzzCells(f *testing.F) {
	f.Add([]byte("a"), []byte("bc"), true)
	f.Add([]byte{}, []byte{0, 1}, false)
	f.Fuzz(func(t *testing.T, a, b []byte, isNull bool) {
		second := cell{b, text}
		if isNull {
			second = cell{}
		}
		key := appendCell(appendCell(nil, cell{a, text}), second)
		one, rest := cutCell(key)
		two, rest := cutCell(rest)
		if !bytes.Equal(one, a) || !bytes.Equal(two, second.bytes) || len(rest) > 0 {
			t.Errorf("%q and %q came back as %q and %q", a, second.bytes, one, two)
		}
	})
}
