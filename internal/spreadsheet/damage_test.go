package spreadsheet_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// A workbook that was cut off anywhere is a fault: never a shorter table.
func TestCutOffAnywhere(t *testing.T) {
	content := excel(t, grids)
	for n := range content {
		if n > 64 && n < len(content)-64 && n%97 != 0 {
			continue
		}
		rows, err := readAll(t, "a.xlsx", content[:n], "Sheet1")
		if err == nil {
			t.Fatalf("the first %d of %d bytes were read as %v", n, len(content), rows)
		}
		if f := faultOf(t, err, spreadsheet.HalfWritten); f.Reason.ZH == "" {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// A workbook with a wrong byte anywhere is a fault or is read as it was: the
// byte may be one that says nothing, such as a part's date.
func TestDamagedAnywhere(t *testing.T) {
	content := byHand(t, strings.Repeat(`<row><c t="s"><v>0</v></c><c><v>1234</v></c></row>`, 5), map[string]string{"xl/sharedStrings.xml": "<sst><si><t>余江区</t></si></sst>"})
	want, err := readAll(t, "a.xlsx", content, "网格")
	if err != nil || len(want) != 5 {
		t.Fatalf("rows %v: %v", want, err)
	}
	faults := 0
	for n := range content {
		damaged := bytes.Clone(content)
		damaged[n] ^= 0x55
		got, err := readAll(t, "a.xlsx", damaged, "网格")
		if err == nil {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("with byte %d wrong (-want +got):\n%s", n, diff)
			}
			continue
		}
		faults++
		if _, ok := errors.AsType[*spreadsheet.Fault](err); !ok {
			t.Fatalf("with byte %d wrong: %v is no fault", n, err)
		}
	}
	if faults < len(content)/4 {
		t.Errorf("%d of %d wrong bytes were noticed", faults, len(content))
	}
}
