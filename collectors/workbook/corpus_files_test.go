package workbook_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// messyFiles is what people send for a workbook.
func messyFiles() map[string]messy {
	const table = "县区,统计期,网格数,专职网格员\r\n余江区,2025-12,\"1,234\",56\r\n月湖区,2025年12月,800,—\r\n"
	sound := func(t *testing.T) []byte {
		return workbookOf(t, page{rows: []row{{"县区", "统计期", "网格数", "专职网格员"}, {"余江区", "2025-12", 1234, 56}}})
	}
	return map[string]messy{
		"CSV in UTF-8":                              {file: "网格统计.csv", text: table},
		"CSV with a byte order mark":                {file: "网格统计.csv", text: "\ufeff" + table},
		"CSV in GB18030":                            {file: "网格统计.csv", text: table, charset: "gb18030"},
		"CSV in UTF-16":                             {file: "网格统计.csv", text: table, charset: "utf-16"},
		"CSV with semicolons":                       {file: "网格统计.csv", text: "县区;统计期;网格数;专职网格员\n余江区;2025-12;1234;56\n"},
		"CSV with tabs":                             {file: "网格统计.csv", text: "县区\t统计期\t网格数\t专职网格员\n余江区\t2025-12\t1234\t56\n"},
		"CSV that says its separator":               {file: "网格统计.csv", text: "sep=;\n县区;统计期;网格数;专职网格员\n余江区;2025-12;1234;56\n"},
		"CSV with blank lines, a title and a total": {file: "网格统计.csv", options: "titled", text: "2025年12月网格统计表,,\n\n县区,网格数,专职网格员\n余江区,1234,56\n\n合计,1234,56\n"},
		"CSV whose quotation never ends":            {file: "网格统计.csv", text: "县区,统计期,网格数,专职网格员\n\"余江区,2025-12,1234,56\n"},
		"CSV in no known encoding":                  {file: "网格统计.csv", raw: func(*testing.T) []byte { return []byte("县区,统计期\n\xff\xfe\xfd\x80\xff,1\n") }},
		"upper-case extension":                      {file: "网格统计.XLSX", raw: sound},
		"in a folder, under a long Chinese name":    {file: "鹰潭市/余江区/2025年12月余江区村（社区）网格及专职网格员配备情况统计表（最终版）.xlsx", raw: sound},
		"Excel 97":                                  {file: "网格统计.xls", raw: func(*testing.T) []byte { return compound("Workbook") }},
		"Excel 97 under a new name":                 {raw: func(*testing.T) []byte { return compound("Workbook") }},
		"encrypted":                                 {raw: encrypted},
		"half written":                              {raw: func(t *testing.T) []byte { all := sound(t); return all[:len(all)*2/3] }},
		"empty":                                     {raw: func(*testing.T) []byte { return nil }},
		"open in Excel":                             {raw: sound, prepare: lockBeside},
		"web page under a workbook's name":          {file: "网格统计.xls", raw: func(*testing.T) []byte { return []byte("<html><table><tr><td>县区</td></tr></table></html>") }},
		"PDF under a workbook's name":               {raw: func(*testing.T) []byte { return []byte("%PDF-1.7\n%âãÏÓ\n1 0 obj\n") }},
		"picture under a workbook's name":           {raw: func(*testing.T) []byte { return []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") }},
		"text under a workbook's name":              {raw: func(*testing.T) []byte { return []byte(table) }},
		"archive of other things":                   {raw: func(t *testing.T) []byte { return archive(t, map[string]string{"readme.txt": "see the table"}) }},
		"zip bomb":                                  {raw: bomb},
		"far too large":                             {file: "网格统计.csv", raw: func(*testing.T) []byte { return bytes.Repeat([]byte("余江区,1,2,3\n"), 200_000) }},
		"far too many rows": {file: "网格统计.csv", raw: func(*testing.T) []byte {
			return append([]byte(table), bytes.Repeat([]byte("余江区,2025-12,2,3\n"), 6_000)...)
		}},
		"far too many columns": {file: "网格统计.csv", raw: func(*testing.T) []byte {
			return append([]byte(table), "余江区,2025-12,2,3"+strings.Repeat(",1", 200)+"\n"...)
		}},
		"WPS table": {file: "网格统计.et", raw: func(*testing.T) []byte { return compound("Workbook") }},
	}
}

func lockBeside(t *testing.T, file string) {
	t.Helper()
	lock := filepath.Join(filepath.Dir(file), "~$"+filepath.Base(file))
	if err := os.WriteFile(lock, []byte("\x05admin"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func encrypted(t *testing.T) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	var content bytes.Buffer
	if err := book.Write(&content, excelize.Options{Password: "余江"}); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var content bytes.Buffer
	w := zip.NewWriter(&content)
	for name, text := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// bomb is a workbook whose sheet unpacks to far more than it should.
func bomb(t *testing.T) []byte {
	t.Helper()
	book := workbookOf(t, page{rows: []row{{"县区"}}})
	r, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range r.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(content); err != nil {
			t.Fatal(err)
		}
		if files[f.Name] = text.String(); strings.HasSuffix(f.Name, "sheet1.xml") {
			files[f.Name] += strings.Repeat("<!-- -->", 3<<20)
		}
	}
	return archive(t, files)
}

// compound is the least of a file of the kind that Excel 97 wrote: a header, a
// sector of the allocation table, and a directory with a stream of the name.
func compound(stream string) []byte {
	const sector = 512
	file := make([]byte, 3*sector)
	put16 := func(at int, v uint16) { binary.LittleEndian.PutUint16(file[at:], v) }
	put32 := func(at int, v uint32) { binary.LittleEndian.PutUint32(file[at:], v) }
	copy(file, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for at, v := range map[int]uint16{24: 0x3e, 26: 3, 28: 0xfffe, 30: 9, 32: 6} {
		put16(at, v)
	}
	for at, v := range map[int]uint32{44: 1, 48: 1, 56: 4096, 60: 0xfffffffe, 68: 0xfffffffe} {
		put32(at, v)
	}
	for at := 76; at < sector; at += 4 {
		put32(at, 0xffffffff)
	}
	put32(76, 0)
	for at := sector; at < 2*sector; at += 4 {
		put32(at, 0xffffffff)
	}
	put32(sector, 0xfffffffd)
	put32(sector+4, 0xfffffffe)
	for i, name := range []string{"Root Entry", stream} {
		at := 2*sector + i*128
		units := utf16.Encode([]rune(name))
		for j, unit := range units {
			put16(at+2*j, unit)
		}
		put16(at+64, uint16(2*len(units)+2))
		file[at+66] = byte([]int{5, 2}[i])
		for _, link := range []int{68, 72, 76} {
			put32(at+link, 0xffffffff)
		}
		put32(at+116, 0xfffffffe)
	}
	put32(2*sector+76, 1)
	return file
}
