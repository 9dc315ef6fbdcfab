package spreadsheet

import (
	"context"
	"fmt"
	"strings"
)

// xlsx is a workbook of Office Open XML, transitional or strict.
type xlsx struct {
	archive *archive
	limits  Limits
	list    []Sheet
	parts   map[string]string // of the sheets, by their names
	mac     bool              // days are counted from 1904

	stringsPart, stylesPart string // "" where there is none

	read    bool // whether the next two were
	strings []richText
	formats []Format // of the cells' styles

	// The sheet that was unpacked last: Merged and Rows ask for the same.
	last        string
	lastContent []byte
}

func openXLSX(content []byte, limits Limits) (contents, error) {
	a, err := openArchive(content, limits.UnpackedBytes)
	if err != nil {
		return nil, err
	}
	workbook, err := findWorkbook(a)
	if err != nil {
		return nil, err
	}
	x := &xlsx{archive: a, limits: limits, parts: make(map[string]string)}
	if err := x.readWorkbook(workbook); err != nil {
		return nil, err
	}
	return x, nil
}

// findWorkbook returns the archive's main part, if it is a workbook.
func findWorkbook(a *archive) (string, error) {
	workbook := "xl/workbook.xml"
	roots, err := a.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range roots {
		if r.is("officeDocument") && strings.HasPrefix(r.Target, "xl/") {
			workbook = r.Target
		}
	}
	if !a.has(workbook) || !a.has("[Content_Types].xml") || strings.HasSuffix(workbook, ".bin") {
		return "", notWorkbook(a.looks())
	}
	return workbook, nil
}

// readWorkbook reads which sheets there are, and in which parts they lie.
func (x *xlsx) readWorkbook(name string) error {
	var workbook struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := x.archive.decode(name, &workbook); err != nil {
		return err
	}
	relations, err := x.archive.relations(name)
	if err != nil {
		return err
	}
	byID := make(map[string]relation, len(relations))
	for _, r := range relations {
		byID[r.ID] = r
		switch {
		case r.is("sharedStrings"):
			x.stringsPart = r.Target
		case r.is("styles"):
			x.stylesPart = r.Target
		}
	}
	x.mac = isTrue(workbook.Properties.Date1904)
	for _, s := range workbook.Sheets {
		r, known := byID[s.ID]
		if !known {
			return damaged(fmt.Sprintf("缺少工作表“%s”", s.Name), fmt.Sprintf("sheet %q is missing", s.Name))
		}
		if !r.is("worksheet") {
			continue // a chart, a dialog or a macro of Excel 4
		}
		if _, twice := x.parts[s.Name]; twice {
			return damaged(fmt.Sprintf("有两个工作表叫“%s”", s.Name), fmt.Sprintf("two sheets are called %q", s.Name))
		}
		x.parts[s.Name] = r.Target
		x.list = append(x.list, Sheet{Name: s.Name, Hidden: s.State != "" && s.State != "visible"})
	}
	return nil
}

func isTrue(attribute string) bool { return attribute == "1" || attribute == "true" }

func (x *xlsx) date1904() bool { return x.mac }

func (x *xlsx) sheets() []Sheet { return x.list }

func (x *xlsx) rows(ctx context.Context, sheet string, each func(Row) error) error {
	content, err := x.sheet(sheet)
	if err != nil {
		return err
	}
	if err := x.readShared(); err != nil {
		return err
	}
	r := sheetReader{
		tokens: newTokens(content), part: x.parts[sheet],
		strings: x.strings, formats: x.formats,
		rows: rowWriter{sheet: sheet, limits: x.limits, each: each},
	}
	return r.read(ctx)
}

// sheet unpacks the part of a sheet.
func (x *xlsx) sheet(name string) ([]byte, error) {
	part, known := x.parts[name]
	if !known {
		return nil, noSheet(name)
	}
	if x.lastContent != nil && x.last == name {
		return x.lastContent, nil
	}
	x.lastContent = nil // never two at once
	content, err := x.archive.part(part)
	if err != nil {
		return nil, err
	}
	x.last, x.lastContent = name, content
	return content, nil
}

// readShared reads what all sheets refer to, once.
func (x *xlsx) readShared() (err error) {
	if x.read {
		return nil
	}
	if x.stringsPart != "" && x.archive.has(x.stringsPart) {
		if x.strings, err = readStrings(x.archive, x.stringsPart); err != nil {
			return err
		}
	}
	if x.stylesPart != "" && x.archive.has(x.stylesPart) {
		if x.formats, err = readFormats(x.archive, x.stylesPart); err != nil {
			return err
		}
	}
	x.read = true
	return nil
}
