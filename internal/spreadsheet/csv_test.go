package spreadsheet_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

func TestCSV(t *testing.T) {
	tests := map[string]struct {
		text string
		want map[string]spreadsheet.Cell
	}{
		"commas":               {"县区,网格数\n余江区,1234\n", texts("A1", "县区", "B1", "网格数", "A2", "余江区", "B2", "1234")},
		"semicolons":           {"县区;网格数\n余江区;1234\n", texts("A1", "县区", "B1", "网格数", "A2", "余江区", "B2", "1234")},
		"tabs":                 {"县区\t网格数\n余江区\t1234\n", texts("A1", "县区", "B1", "网格数", "A2", "余江区", "B2", "1234")},
		"decimal commas":       {"县区;值;比\n余江区;1,5;2,5\n贵溪市;3,5;4,5\n", texts("A1", "县区", "B1", "值", "C1", "比", "A2", "余江区", "B2", "1,5", "C2", "2,5", "A3", "贵溪市", "B3", "3,5", "C3", "4,5")},
		"semicolons in quotes": {"a,b\n\";;;;\",c\n", texts("A1", "a", "B1", "b", "A2", ";;;;", "B2", "c")},
		"one column":           {"县区\n余江区\n", texts("A1", "县区", "A2", "余江区")},
		"sep=":                 {"sep=;\na,b;c\n", texts("A2", "a,b", "B2", "c")},
		"sep= in quotes":       {"\"sep=|\"\r\na,b|c\r\n", texts("A2", "a,b", "B2", "c")},
		"sep= of nothing":      {"sep=x\na,b\n", texts("A1", "sep=x", "A2", "a", "B2", "b")},
		"CRLF":                 {"a,b\r\nc,d\r\n", texts("A1", "a", "B1", "b", "A2", "c", "B2", "d")},
		"old Macintosh":        {"a,b\rc,d\r", texts("A1", "a", "B1", "b", "A2", "c", "B2", "d")},
		"no last line break":   {"a,b\nc,d", texts("A1", "a", "B1", "b", "A2", "c", "B2", "d")},
		"ragged":               {"a\nb,c,d\n,e\nf,,\n", texts("A1", "a", "A2", "b", "B2", "c", "C2", "d", "B3", "e", "A4", "f")},
		"title and blanks":     {"余江区统计表,,\n\n,,\n县区,数\n", texts("A1", "余江区统计表", "A4", "县区", "B4", "数")},
		"quotes":               {"\"a,b\",\"say \"\"好\"\"\"\n\"\",\"c\"\n", texts("A1", "a,b", "B1", `say "好"`, "B2", "c")},
		"line break in quotes": {"\"a\r\nb\",c\nd,e\n", texts("A1", "a\r\nb", "B1", "c", "A2", "d", "B2", "e")},
		"bare quotes":          {"5\" pipe,a\"b\"\n", texts("A1", `5" pipe`, "B1", `a"b"`)},
		"text kept as text":    {"=\"0123\",=1+1,=\"\n=\"\",a\n", texts("A1", "0123", "B1", "=1+1", "C1", `="`, "B2", "a")},
		"blanks stay":          {" a , b\n", texts("A1", " a ", "B1", " b")},
		"full-width comma":     {"县，区,数\n", texts("A1", "县，区", "B1", "数")},
		"title without any":    {"标题\na;b\n", texts("A1", "标题", "A2", "a", "B2", "b")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for label, enc := range encodings {
				content, err := enc.NewEncoder().Bytes([]byte(test.text))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, cells(t, "a.csv", content, "")); diff != "" {
					t.Errorf("cells in %s (-want +got):\n%s", label, diff)
				}
			}
		})
	}
}

var encodings = map[string]encoding.Encoding{
	"UTF-8":           unicode.UTF8,
	"UTF-8 with mark": unicode.UTF8BOM,
	"UTF-16LE":        unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"UTF-16BE":        unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"GB18030":         simplifiedchinese.GB18030,
}

// Names that only GB18030 has, and those that are rare in GBK, come through.
func TestCSVEncodings(t *testing.T) {
	for _, text := range []string{"余江区,网格数", "㙍上村,1", "𠮷水县,1", "联通,1", "靑原区,1", "镕,€,①"} {
		content, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a.csv", "a.TSV", "a.txt"} {
			rows, err := readAll(t, name, content, "")
			if err != nil || strings.Join(rows[1], ",") != text {
				t.Errorf("%s read as %v, %v", text, rows, err)
			}
		}
	}
}

func TestCSVHasOneSheet(t *testing.T) {
	w, err := spreadsheet.Parse("a.csv", []byte("a"), roomy)
	if err != nil {
		t.Fatal(err)
	}
	if sheets := w.Sheets(); len(sheets) != 1 || sheets[0] != (spreadsheet.Sheet{}) || w.Date1904() {
		t.Errorf("sheets %+v", sheets)
	}
	if merged, err := w.Merged(""); len(merged) != 0 || err != nil {
		t.Errorf("merged cells %v, %v", merged, err)
	}
}
