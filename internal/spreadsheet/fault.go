package spreadsheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// FaultKind says what is wrong with a file.
type FaultKind uint8

// The kinds of faults.
const (
	Locked      FaultKind = iota + 1 // someone has it open, or we may not read it
	HalfWritten                      // empty, cut off, damaged, or changed while it was read
	Encrypted                        // needs a password
	LegacyXLS                        // a workbook of Excel 97 to 2003
	NotWorkbook                      // anything else
	TooLarge                         // beyond the Limits
	BadEncoding                      // a CSV file that is neither UTF-8, UTF-16 nor GB18030
	BadCSV                           // a CSV file whose fields can't be told apart
)

var faultNames = [...]string{
	Locked: "locked", HalfWritten: "half-written", Encrypted: "encrypted", LegacyXLS: "legacy-xls",
	NotWorkbook: "not-workbook", TooLarge: "too-large", BadEncoding: "bad-encoding", BadCSV: "bad-csv",
}

// String returns the kind's name for logs and tests.
func (k FaultKind) String() string {
	if k < Locked || k > BadCSV {
		return fmt.Sprintf("fault(%d)", uint8(k))
	}
	return faultNames[k]
}

// Fault is why a file can't be read, where those who sent it can mend it.
type Fault struct {
	Kind   FaultKind
	Reason fact.Text // one sentence each, for the person who sent the file
}

// Error returns the reason in English.
func (f *Fault) Error() string { return f.Reason.EN }

func fault(kind FaultKind, zh, en string) *Fault {
	return &Fault{Kind: kind, Reason: fact.Text{ZH: zh, EN: en}}
}

// damaged is the fault of a file whose directory is there, but not all else.
func damaged(zh, en string) *Fault {
	return fault(HalfWritten,
		fmt.Sprintf("文件已损坏或没有保存完整（%s），请在 Excel 或 WPS 中打开检查，另存为 .xlsx 后重新提交。", zh),
		fmt.Sprintf("The file is damaged or was not saved completely (%s); open it in Excel or WPS, check it, save it as .xlsx and send it again.", en))
}

// broken is the fault of a part that can't be unpacked or is no XML.
func broken(part string, err error) *Fault {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return damaged(fmt.Sprintf("%s 的 XML 第 %d 行有误", part, syntax.Line), fmt.Sprintf("%s, line %d of its XML: %s", part, syntax.Line, syntax.Msg))
	}
	return damaged(part+" 无法读取", fmt.Sprintf("%s can't be read: %v", part, err))
}

func cutOff() *Fault {
	return fault(HalfWritten,
		"文件不完整，可能还在保存或复制中断，请等保存完成后重新复制整个文件。",
		"The file is incomplete, perhaps still being saved or copied; wait until it is saved and copy the whole file again.")
}

func empty() *Fault {
	return fault(HalfWritten,
		"文件是空的，没有任何内容，请重新保存并提交。",
		"The file is empty; save it again and send it again.")
}

func changed() *Fault {
	return fault(HalfWritten,
		"读取时文件还在变化，请等保存完成；下次会自动重新读取。",
		"The file changed while it was read; wait until it is saved, the next run reads it again.")
}

func locked(lock string) *Fault {
	return fault(Locked,
		fmt.Sprintf("文件正被打开编辑（旁边有 %s），请保存并关闭；如果没有人打开它，请删除 %s。", lock, lock),
		fmt.Sprintf("Someone has the file open (%s lies beside it); save and close it, or delete %s if nobody has it open.", lock, lock))
}

func unreadable() *Fault {
	return fault(Locked,
		"文件被其他程序占用或没有读取权限，请关闭打开它的程序，并允许本程序读取。",
		"Another program holds the file, or it may not be read; close the program that has it open and let this program read it.")
}

func encrypted() *Fault {
	return fault(Encrypted,
		"文件设有密码，请在 Excel 或 WPS 中取消打开密码，另存为 .xlsx 后重新提交。",
		"The file needs a password; remove it in Excel or WPS, save the file as .xlsx and send it again.")
}

func legacy() *Fault {
	return fault(LegacyXLS,
		"这是旧版 Excel 97-2003 的 .xls 文件，请在 Excel 或 WPS 中打开，另存为“Excel 工作簿（*.xlsx）”后重新提交。",
		"This is an .xls file of Excel 97-2003; open it in Excel or WPS, save it as an Excel workbook (*.xlsx) and send it again.")
}

func notWorkbook(looks fact.Text) *Fault {
	return fault(NotWorkbook,
		fmt.Sprintf("这不是 Excel 工作簿，看起来是%s，请在 Excel 或 WPS 中把表格另存为 .xlsx 后重新提交。", spaced(looks.ZH)),
		fmt.Sprintf("This is no Excel workbook, it looks like %s; save the table as .xlsx in Excel or WPS and send it again.", looks.EN))
}

func notCSV(looks fact.Text) *Fault {
	return fault(NotWorkbook,
		fmt.Sprintf("这不是 CSV 文件，看起来是%s，请在 Excel 或 WPS 中把表格另存为 .xlsx 或 CSV UTF-8 后重新提交。", spaced(looks.ZH)),
		fmt.Sprintf("This is no CSV file, it looks like %s; save the table as .xlsx or CSV UTF-8 in Excel or WPS and send it again.", looks.EN))
}

func largeFile(limit int64) *Fault {
	return fault(TooLarge,
		fmt.Sprintf("文件超过 %s，请删除图片和无关的工作表后重新提交。", size(limit)),
		fmt.Sprintf("The file is larger than %s; remove pictures and sheets that are not needed and send it again.", size(limit)))
}

func largeUnpacked(limit int64) *Fault {
	return fault(TooLarge,
		fmt.Sprintf("文件解开后超过 %s，请把需要的表格复制到新的工作簿，另存为 .xlsx 后重新提交。", size(limit)),
		fmt.Sprintf("The file unpacks to more than %s; copy the table to a new workbook, save it as .xlsx and send it again.", size(limit)))
}

func bomb() *Fault {
	return fault(TooLarge,
		"文件解开后比原来大得不正常，请把需要的表格复制到新的工作簿，另存为 .xlsx 后重新提交。",
		"The file unpacks to far more than a table would; copy the table to a new workbook, save it as .xlsx and send it again.")
}

func tooManyRows(sheet string, limit int) *Fault {
	zh, en := named(sheet)
	return fault(TooLarge,
		fmt.Sprintf("%s超过 %d 行，请删除不需要的行或分成几个文件后重新提交。", zh, limit),
		fmt.Sprintf("%s has more than %d rows; delete those that are not needed, or split the file, and send it again.", en, limit))
}

func tooManyColumns(sheet string, row, limit int) *Fault {
	zh, en := named(sheet)
	return fault(TooLarge,
		fmt.Sprintf("%s第 %d 行超过 %d 列，请删除表格右侧不需要的内容后重新提交。", zh, row, limit),
		fmt.Sprintf("%s has more than %d columns in row %d; delete what is not needed right of the table and send it again.", en, limit, row))
}

func badEncoding(zh, en string) *Fault {
	return fault(BadEncoding,
		fmt.Sprintf("无法识别文件的文字编码（%s），请在 Excel 或 WPS 中另存为“CSV UTF-8”或 .xlsx 后重新提交。", zh),
		fmt.Sprintf("The file's character encoding can't be told (%s); save it as CSV UTF-8 or .xlsx in Excel or WPS and send it again.", en))
}

func openQuote(row int) *Fault {
	return fault(BadCSV,
		fmt.Sprintf("第 %d 行有一个引号没有结束，后面的内容无法分列，请补上引号，或另存为 .xlsx 后重新提交。", row),
		fmt.Sprintf("A quotation mark in row %d never closes, so the fields after it can't be told apart; close it, or save the file as .xlsx, and send it again.", row))
}

func strayQuote(row int) *Fault {
	return fault(BadCSV,
		fmt.Sprintf("第 %d 行的引号后面还有文字，无法分列，请改正引号，或另存为 .xlsx 后重新提交。", row),
		fmt.Sprintf("Text follows a closing quotation mark in row %d, so the fields can't be told apart; mend it, or save the file as .xlsx, and send it again.", row))
}

// spaced sets Latin letters off from the Chinese before them.
func spaced(zh string) string {
	if zh[0] < utf8.RuneSelf {
		return " " + zh
	}
	return zh
}

// named is what a sentence calls a sheet.
func named(sheet string) (zh, en string) {
	if sheet == "" {
		return "文件", "The file"
	}
	return fmt.Sprintf("工作表“%s”", sheet), fmt.Sprintf("Sheet %q", sheet)
}

// size writes a number of bytes as people read it.
func size(bytes int64) string {
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= unit.bytes {
			return fmt.Sprintf("%.4g %s", float64(bytes)/float64(unit.bytes), unit.name)
		}
	}
	return fmt.Sprintf("%d B", bytes)
}
