package spreadsheet

import (
	"bytes"
	"unicode/utf16"

	"github.com/govkpi/govkpi/internal/fact"
)

const (
	magicZip      = "PK\x03\x04"
	magicEmptyZip = "PK\x05\x06"
	magicOLE2     = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" // Office 97 to 2003, and encrypted files of all later ones
)

// notZip says what is wrong with a workbook that does not begin as a ZIP
// archive does, as every .xlsx must.
func notZip(content []byte) *Fault {
	switch {
	case len(bytes.Trim(content, "\x00")) == 0, len(content) < len(magicZip) && bytes.HasPrefix([]byte(magicZip), content):
		return cutOff() // a copy that broke off may leave zeros
	case bytes.HasPrefix(content, []byte(magicOLE2)):
		return ole2(content)
	case len(content) > 4 && content[0] == 0x09 && bytes.IndexByte([]byte{0, 2, 4, 8}, content[1]) >= 0 && content[3] == 0:
		return legacy() // Excel 2 to 4
	}
	return notWorkbook(looksLike(content))
}

// ole2 tells the kinds of OLE2 files apart by the names of their streams.
func ole2(content []byte) *Fault {
	has := func(stream string) bool { return bytes.Contains(content, inUTF16(stream)) }
	switch {
	case has("EncryptedPackage"):
		return encrypted()
	case has("WordDocument"):
		return notWorkbook(fact.Text{ZH: "旧版 Word 文档", EN: "an old Word document"})
	case has("PowerPoint Document"):
		return notWorkbook(fact.Text{ZH: "旧版 PowerPoint 文件", EN: "an old PowerPoint file"})
	}
	return legacy()
}

func inUTF16(s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}

// kinds are the beginnings of files that people mistake for tables.
var kinds = [...]struct {
	magic string
	looks fact.Text
}{
	{magicZip, fact.Text{ZH: "Excel 工作簿或压缩包", EN: "an Excel workbook or a ZIP archive"}},
	{magicEmptyZip, fact.Text{ZH: "空的压缩包", EN: "an empty ZIP archive"}},
	{magicOLE2, fact.Text{ZH: "旧版 Office 文件", EN: "a file of an old Office"}},
	{"%PDF", fact.Text{ZH: "PDF 文件", EN: "a PDF file"}},
	{"\x89PNG", fact.Text{ZH: "图片", EN: "a picture"}},
	{"\xFF\xD8\xFF", fact.Text{ZH: "图片", EN: "a picture"}},
	{"GIF8", fact.Text{ZH: "图片", EN: "a picture"}},
	{"Rar!", fact.Text{ZH: "RAR 压缩包", EN: "a RAR archive"}},
	{"7z\xBC\xAF", fact.Text{ZH: "7z 压缩包", EN: "a 7z archive"}},
	{"\x1F\x8B", fact.Text{ZH: "gzip 压缩包", EN: "a gzip archive"}},
	{`{\rtf`, fact.Text{ZH: "RTF 文档", EN: "an RTF document"}},
}

// looksLike says what the content seems to be.
func looksLike(content []byte) fact.Text {
	for _, kind := range &kinds {
		if bytes.HasPrefix(content, []byte(kind.magic)) {
			return kind.looks
		}
	}
	if looks, ok := markup(content); ok {
		return looks
	}
	if isText(content) {
		return fact.Text{ZH: "文本文件（例如 CSV）", EN: "a text file (such as CSV)"}
	}
	return fact.Text{ZH: "未知格式的文件", EN: "a file of an unknown kind"}
}

// markup recognizes the web pages and XML that many systems export under the
// name of a workbook.
func markup(content []byte) (looks fact.Text, ok bool) {
	head := content[:min(len(content), 2048)]
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	head = bytes.ToLower(head)
	if !bytes.HasPrefix(head, []byte("<")) && !bytes.HasPrefix(head, []byte("mime-version:")) {
		return fact.Text{}, false
	}
	if bytes.Contains(head, []byte("schemas-microsoft-com:office:spreadsheet")) && bytes.HasPrefix(head, []byte("<?xml")) {
		return fact.Text{ZH: "XML 表格 2003", EN: "an XML spreadsheet of Excel 2003"}, true
	}
	for _, sign := range []string{"<html", "<!doctype html", "<table", "<head", "<meta", "<body", "<div", "<style", "mime-version:"} {
		if bytes.Contains(head, []byte(sign)) {
			return fact.Text{ZH: "网页（HTML）", EN: "a web page (HTML)"}, true
		}
	}
	if bytes.HasPrefix(head, []byte("<?xml")) {
		return fact.Text{ZH: "XML 文件", EN: "an XML file"}, true
	}
	return fact.Text{}, false
}

// isText reports whether the content has no bytes that a text never has.
func isText(content []byte) bool {
	for _, b := range content[:min(len(content), 4096)] {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' {
			return false
		}
	}
	return true
}
