package spreadsheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

const (
	// A workbook has some ten parts, and one more per sheet, picture and drawing.
	maxParts = 10_000
	// Sheets shrink to a tenth, those of empty cells to a fiftieth; more than
	// this is made to fill memory. Small parts can't.
	maxRatio        = 400
	ratioCountsFrom = 1 << 20
)

// archive is the ZIP archive that a workbook is. Its names are compared in lower
// case, as Excel does.
type archive struct {
	parts map[string]*zip.File
	limit int64 // unpacked bytes of one part; all were counted against it
}

// openArchive checks the archive's directory before anything is unpacked.
func openArchive(content []byte, limit int64) (*archive, error) {
	if !bytes.HasPrefix(content, []byte(magicZip)) {
		return nil, notZip(content)
	}
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, cutOff() // the directory is at the end
	}
	if len(r.File) > maxParts {
		return nil, bomb()
	}
	a := &archive{parts: make(map[string]*zip.File, len(r.File)), limit: limit}
	var unpacked uint64
	for _, f := range r.File {
		unpacked += f.UncompressedSize64
		if unpacked > uint64(limit) || f.UncompressedSize64 > uint64(limit) {
			return nil, largeUnpacked(limit)
		}
		if f.UncompressedSize64 > ratioCountsFrom && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
			return nil, bomb()
		}
		if f.Flags&1 != 0 {
			return nil, encrypted()
		}
		name := partName(f.Name)
		if _, twice := a.parts[name]; twice && !strings.HasSuffix(name, "/") {
			return nil, damaged(f.Name+" 出现两次", f.Name+" is there twice")
		}
		a.parts[name] = f
	}
	return a, nil
}

// partName is how parts are looked up. Some programs write the names with
// backslashes, or in other cases than they refer to them.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

func (a *archive) has(name string) bool { return a.parts[partName(name)] != nil }

// part unpacks a part to its end, where its checksum is compared.
func (a *archive) part(name string) ([]byte, error) {
	f := a.parts[partName(name)]
	if f == nil {
		return nil, damaged("缺少 "+name, name+" is missing")
	}
	r, err := f.Open()
	if err != nil {
		return nil, broken(name, err)
	}
	defer r.Close()
	// The directory may lie about the size, so it is not taken at its word.
	content := bytes.NewBuffer(make([]byte, 0, min(f.UncompressedSize64, f.CompressedSize64*16)+bytes.MinRead))
	n, err := content.ReadFrom(io.LimitReader(r, a.limit+1))
	if err != nil {
		return nil, broken(name, err)
	}
	if n > a.limit {
		return nil, largeUnpacked(a.limit)
	}
	return content.Bytes(), nil
}

// decode reads a small part, such as the list of sheets, into v.
func (a *archive) decode(name string, v any) error {
	content, err := a.part(name)
	if err != nil {
		return err
	}
	if err := xml.NewTokenDecoder(newTokens(content)).Decode(v); err != nil {
		return broken(name, err)
	}
	return nil
}

// relation says what part another refers to, and as what.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
	Mode   string `xml:"TargetMode,attr"`
}

// is compares the last step of the type only: the rest differs between the
// transitional and the strict form of the standard.
func (r relation) is(kind string) bool {
	return r.Mode != "External" && path.Base(r.Type) == kind
}

// relations reads what the part refers to; "" is the archive itself. Targets
// are names in the archive.
func (a *archive) relations(part string) ([]relation, error) {
	folder, base := path.Split(part)
	name := folder + "_rels/" + base + ".rels"
	if !a.has(name) {
		return nil, nil
	}
	var list struct {
		Relations []relation `xml:"Relationship"`
	}
	if err := a.decode(name, &list); err != nil {
		return nil, err
	}
	for i, r := range list.Relations {
		target := strings.ReplaceAll(r.Target, `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(folder, target)
		}
		list.Relations[i].Target = strings.TrimPrefix(path.Clean(target), "/")
	}
	return list.Relations, nil
}

// looks says what an archive without a workbook seems to be.
func (a *archive) looks() fact.Text {
	for _, sign := range []struct {
		part  string
		looks fact.Text
	}{
		{"word/document.xml", fact.Text{ZH: "Word 文档", EN: "a Word document"}},
		{"ppt/presentation.xml", fact.Text{ZH: "PowerPoint 文件", EN: "a PowerPoint file"}},
		{"xl/workbook.bin", fact.Text{ZH: "二进制工作簿（.xlsb）", EN: "a binary workbook (.xlsb)"}},
		{"Index/Document.iwa", fact.Text{ZH: "苹果 Numbers 表格", EN: "a Numbers table of Apple"}},
		{"META-INF/manifest.xml", fact.Text{ZH: "OpenDocument 文件（.ods）", EN: "an OpenDocument file (.ods)"}},
	} {
		if a.has(sign.part) {
			return sign.looks
		}
	}
	return fact.Text{ZH: "ZIP 压缩包", EN: "a ZIP archive"}
}
