package demo

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// sheet is a sheet of a workbook: what is typed where. Numbers are cells of
// numbers, texts of text; nil leaves a cell empty.
type sheet struct {
	name   string
	rows   [][]any
	merged []area
}

// area is cells that are merged into one, counted from 1.
type area struct{ fromColumn, fromRow, toColumn, toRow int }

// below is where the next row comes to stand.
func (s *sheet) below() int { return len(s.rows) + 1 }

func (s *sheet) add(cells ...any) { s.rows = append(s.rows, cells) }

// title adds a row of one cell over so many columns.
func (s *sheet) title(text string, columns int) {
	s.merge(1, s.below(), columns, s.below())
	s.add(text)
}

func (s *sheet) merge(fromColumn, fromRow, toColumn, toRow int) {
	s.merged = append(s.merged, area{fromColumn, fromRow, toColumn, toRow})
}

// xlsx writes the sheets as Excel would keep them. The same sheets give the same
// bytes.
func xlsx(sheets ...sheet) (content []byte, err error) {
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	for n, s := range sheets {
		if n == 0 {
			err = file.SetSheetName(file.GetSheetName(0), s.name)
		} else {
			_, err = file.NewSheet(s.name)
		}
		if err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.name, err)
		}
		if err := fillSheet(file, s); err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.name, err)
		}
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		return nil, fmt.Errorf("write the workbook: %w", err)
	}
	return b.Bytes(), nil
}

func fillSheet(file *excelize.File, s sheet) error {
	for i, row := range s.rows {
		from, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := file.SetSheetRow(s.name, from, &row); err != nil {
			return err
		}
	}
	for _, a := range s.merged {
		from, err := excelize.CoordinatesToCellName(a.fromColumn, a.fromRow)
		if err != nil {
			return err
		}
		to, err := excelize.CoordinatesToCellName(a.toColumn, a.toRow)
		if err != nil {
			return err
		}
		if err := file.MergeCell(s.name, from, to); err != nil {
			return err
		}
	}
	return nil
}

// gb18030 writes a sheet as CSV in the encoding that older programs use.
func gb18030(s sheet) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range s.rows {
		fields := make([]string, len(row))
		for i, cell := range row {
			if cell != nil {
				fields[i] = fmt.Sprint(cell)
			}
		}
		if err := w.Write(fields); err != nil {
			return nil, fmt.Errorf("write CSV: %w", err)
		}
	}
	w.Flush()
	encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	return encoded, w.Error()
}
