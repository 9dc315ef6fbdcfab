// Package spreadsheet reads workbooks (.xlsx, .xlsm) and .csv files that people
// send in, and hands on the cells of their sheets as text, row by row.
//
// A file that can't be read as it is becomes a Fault whose reason tells the
// sender what to do. Nothing is guessed and nothing is lost on the way: a part
// of a workbook that is cut off, fails its checksum or is not well-formed is a
// Fault, never the end of a sheet. That is why the XML is read here:
// github.com/xuri/excelize takes the first broken byte of a sheet for its end,
// and a text that is missing for an empty cell. It writes the workbooks of the
// tests, and what is read of them is compared with what it reads.
//
// No formula is evaluated and no macro is run: what a cell showed when the file
// was saved is what it holds.
package spreadsheet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
)

// Limits bounds what a file may hold, and so the memory that reading it takes:
// a few times FileBytes and UnpackedBytes together. All are required.
type Limits struct {
	FileBytes     int64 // of the file as it lies in the folder
	UnpackedBytes int64 // of all parts of a workbook, or of a CSV file as UTF-8
	Rows          int   // that hold anything, of one sheet
	Columns       int   // the last that may hold anything
}

func (l Limits) validate() error {
	if l.FileBytes <= 0 || l.UnpackedBytes <= 0 || l.Rows <= 0 || l.Columns <= 0 {
		return fmt.Errorf("limits of a file must all be over zero: %+v", l)
	}
	return nil
}

// Sheet is one worksheet of a workbook.
type Sheet struct {
	Name   string // "" for the sheet of a CSV file
	Hidden bool   // by its author, or "very hidden" by a program
}

// Row is one row that holds at least one cell that is not empty.
type Row struct {
	Number int    // counted from 1, as Excel shows it
	Cells  []Cell // from column A on; valid until each returns; trailing empty cells are cut
}

// Cell is one cell.
type Cell struct {
	// Text is what the file holds: a number without its format (46022, 0.85),
	// text as it was typed, TRUE or FALSE, or an error such as #REF!. It is empty
	// where the cell is, or where its formula gave an empty text.
	Text string
	// Format says what the number format makes of a number.
	Format Format
	// Failed says that Text is an error such as #REF!, or NotCalculated.
	Failed bool
	// Marked says that a part of the text, but not of a number, is struck out,
	// raised or lowered: 1234² would read as 12342.
	Marked bool
}

// NotCalculated is the text of a cell whose formula was never calculated: a
// program wrote the file, and no Excel has opened and saved it since.
const NotCalculated = "#NOT CALCULATED!"

// Range is a rectangle of merged cells, counted from 1, both ends included. It
// may be as large as a whole sheet.
type Range struct{ FromRow, FromColumn, ToRow, ToColumn int }

// Workbook is a file that was read. It holds the file in memory, and nothing
// open. One goroutine may use it at a time.
type Workbook struct {
	digest   string
	contents contents
}

// contents is what Workbook asks of a kind of file.
type contents interface {
	date1904() bool
	sheets() []Sheet
	rows(ctx context.Context, sheet string, each func(Row) error) error
	merged(sheet string) ([]Range, error)
}

// Open reads the file at once, so that its digest and its cells are of the same
// bytes. A name ending in .csv, .tsv or .txt is read as CSV; of any other file
// the content decides.
//
// The error is a *Fault for all that the sender can mend; any other means that
// reading failed here. Rows and Merged may find further faults.
func Open(ctx context.Context, file string, limits Limits) (*Workbook, error) {
	if err := limits.validate(); err != nil {
		return nil, err
	}
	content, err := read(ctx, file, limits.FileBytes)
	if err != nil {
		return nil, err
	}
	return parse(file, content, limits)
}

// parse reads content that lay in a file of that name.
func parse(name string, content []byte, limits Limits) (w *Workbook, err error) {
	if len(content) == 0 {
		return nil, empty()
	}
	sum := sha256.Sum256(content)
	w = &Workbook{digest: hex.EncodeToString(sum[:])}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		w.contents, err = openCSV(content, limits)
	default:
		w.contents, err = openXLSX(content, limits)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Digest returns the SHA-256 of the file's bytes in hexadecimal digits.
func (w *Workbook) Digest() string { return w.digest }

// Date1904 reports whether the workbook counts days from 1904, as those of old
// Macintoshes do. SerialDate needs to know.
func (w *Workbook) Date1904() bool { return w.contents.date1904() }

// Sheets returns the worksheets in their order, without chart sheets. A CSV
// file has one, named "".
func (w *Workbook) Sheets() []Sheet { return w.contents.sheets() }

// Rows calls each with the rows of the sheet that hold anything, from the top.
// An error of each ends it and is returned as it is. A *Fault says that the
// sheet is damaged or beyond the limits; rows may have been handed on before.
func (w *Workbook) Rows(ctx context.Context, sheet string, each func(Row) error) error {
	return w.contents.rows(ctx, sheet, each)
}

// Merged returns the merged cells of the sheet in the order of the file. A CSV
// file has none.
func (w *Workbook) Merged(sheet string) ([]Range, error) { return w.contents.merged(sheet) }

// Close lets go of the file's content; the workbook can't be used afterwards.
func (w *Workbook) Close() error {
	w.contents = closed{}
	return nil
}

// closed stands for the contents of a workbook that was closed.
type closed struct{}

func (closed) date1904() bool  { return false }
func (closed) sheets() []Sheet { return nil }

func (closed) rows(context.Context, string, func(Row) error) error {
	return fmt.Errorf("read rows: the workbook is closed")
}

func (closed) merged(string) ([]Range, error) {
	return nil, fmt.Errorf("read merged cells: the workbook is closed")
}

// noSheet is the error for a sheet that is not among Sheets.
func noSheet(name string) error { return fmt.Errorf("the file has no sheet %q", name) }
