package interchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// Fault is why a file of figures can't be read, where whoever sent it can mend
// it.
type Fault struct {
	Reason fact.Text // one sentence each, with the line where there is one
}

// Error returns the reason in English.
func (f *Fault) Error() string { return f.Reason.EN }

// Explain returns the reason in both languages.
func (f *Fault) Explain() fact.Text { return f.Reason }

func fault(zh, en string) *Fault { return &Fault{Reason: fact.Text{ZH: zh, EN: en}} }

// headersZH names the columns in both languages.
func headersZH() string {
	return strings.Join(chineseColumns(), ",") + "（或 " + strings.Join(figureColumns(), ",") + "）"
}

func emptyFile() *Fault {
	return fault(
		"文件是空的：第一行应为表头 "+headersZH()+"。",
		"The file is empty; its first line names the columns: "+strings.Join(figureColumns(), ",")+".")
}

func noFigures() *Fault {
	return fault("文件只有表头，没有数据。", "The file has a header and no figures.")
}

func workbook() *Fault {
	return fault(
		"这是 Excel 工作簿，不是 CSV 文件：请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”。",
		"This is a workbook, not a CSV file; save it as CSV UTF-8 (comma delimited) in Excel or WPS.")
}

func notUTF8(line int) *Fault {
	return fault(
		fmt.Sprintf("第 %d 行不是 UTF-8 编码：请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”。", line),
		fmt.Sprintf("Line %d is not in UTF-8; save the file as CSV UTF-8 (comma delimited) in Excel or WPS.", line))
}

func notText(line int) *Fault {
	return fault(
		fmt.Sprintf("第 %d 行含有文本中不会出现的字节：文件可能已损坏，请重新导出。", line),
		fmt.Sprintf("Line %d holds bytes that no text has; the file may be damaged, export it again.", line))
}

func notCommas() *Fault {
	return fault(
		"各列之间要用英文逗号分隔，文件用的是分号或制表符：请另存为“CSV UTF-8（逗号分隔）”。",
		"Columns are separated by commas, and the file has semicolons or tabs; save it as CSV UTF-8 (comma delimited).")
}

func columnTwice(name string) *Fault {
	return fault(fmt.Sprintf("表头中的列“%s”出现了两次。", shorten(name)), fmt.Sprintf("The header names column %q twice.", shorten(name)))
}

func columnMissing(name string) *Fault {
	return fault(
		fmt.Sprintf("表头缺少列“%s”：第一行应有 %s。", name, headersZH()),
		fmt.Sprintf("The header has no column %q; it must name %s.", name, strings.Join(figureColumns(), ",")))
}

func columnUnknown(name string, dimensions []string) *Fault {
	known := figureColumns()
	known = append(known, dimensions...)
	zh, en := "", ""
	if slices.Contains(revisionColumns(), name) {
		zh, en = "（含全部修订的导出文件不能再导入）", " (an export with all revisions can't be imported again)"
	}
	return fault(
		fmt.Sprintf("表头中的列“%s”不认识：可用的列有 %s%s。", shorten(name), strings.Join(known, "、"), zh),
		fmt.Sprintf("The header names a column %q, which is unknown; there are %s%s.", shorten(name), strings.Join(known, ", "), en))
}

func tooLarge(limit int64) *Fault {
	return fault(
		fmt.Sprintf("文件超过 %d 字节的上限：请按年份或指标拆成几个文件。", limit),
		fmt.Sprintf("The file is larger than %d bytes; split it by year or by indicator.", limit))
}

func tooManyRows(limit int) *Fault {
	return fault(
		fmt.Sprintf("文件超过 %d 行的上限：请按年份或指标拆成几个文件。", limit),
		fmt.Sprintf("The file has more than %d rows; split it by year or by indicator.", limit))
}

// malformed says what breaks the rules of CSV.
func malformed(e *csv.ParseError) *Fault {
	if errors.Is(e, csv.ErrFieldCount) {
		return fault(
			fmt.Sprintf("第 %d 行的列数与表头不同：值中若有逗号，请用英文双引号括起来。", e.StartLine),
			fmt.Sprintf("Line %d has not as many columns as the header; a value with a comma stands in double quotes.", e.StartLine))
	}
	return fault(
		fmt.Sprintf("第 %d 行的双引号不成对或位置不对：值中的双引号要写两次，整个值再用双引号括起来。", e.StartLine),
		fmt.Sprintf("Line %d has a double quote where none can stand, or one that is never closed; write it twice, and the whole value in double quotes.", e.StartLine))
}

// shorten cuts what somebody wrote, so that a sentence stays one.
func shorten(s string) string {
	const most = 40
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
