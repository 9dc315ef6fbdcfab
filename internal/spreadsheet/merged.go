package spreadsheet

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// merged looks for the ranges where they stand, behind the rows, so that the
// rows need not be read for them.
func (x *xlsx) merged(sheet string) ([]Range, error) {
	content, err := x.sheet(sheet)
	if err != nil {
		return nil, err
	}
	tail := behindRows(content)
	if tail == nil {
		return nil, nil
	}
	var ranges []Range
	d := newTokens(tail)
	for {
		token, err := d.Token()
		if err != nil {
			return nil, broken(x.parts[sheet], err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "mergeCells" {
				return ranges, nil
			}
		case xml.StartElement:
			if t.Name.Local != "mergeCell" {
				continue
			}
			merged, ok := parseRange(attribute(t, "ref"))
			if !ok {
				ref := attribute(t, "ref")
				return nil, damaged(fmt.Sprintf("工作表“%s”合并单元格 %s", sheet, ref), fmt.Sprintf("merged cells %s of sheet %q", ref, sheet))
			}
			ranges = append(ranges, merged)
		}
	}
}

// behindRows returns the XML from the element mergeCells on, or nil where there
// is none.
func behindRows(content []byte) []byte {
	end := max(bytes.LastIndex(content, []byte("sheetData>")), bytes.LastIndex(content, []byte("sheetData/>")))
	if end < 0 {
		return nil
	}
	before, _, found := bytes.Cut(content[end:], []byte("mergeCells"))
	start := bytes.LastIndexByte(before, '<')
	if !found || start < 0 {
		return nil
	}
	return content[end+start:]
}
