package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// workbook is a form that a place has filled in.
type workbook struct {
	form     form
	dir      string // within the systems' folder
	name     string
	place    *fact.Region
	counties []int // where they stand among those that report
	periods  []int // where they stand among the indicator's
}

func (w workbook) path() string { return w.dir + "/" + w.name }

// workbooks lists all that have been sent by the sample's time.
func (s *Sample) workbooks() []workbook {
	var all []workbook
	for _, f := range forms() {
		figures := s.figures[f.indicators[0]]
		for _, place := range f.cities(s) {
			counties := s.places(f.indicators[0], place.Code)
			for _, periods := range spans(figures.periods, f.span) {
				all = append(all, workbook{
					form: f, dir: f.folder + "/" + place.Name, name: f.file(place, figures.periods[periods[0]]),
					place: place, counties: counties, periods: periods,
				})
			}
		}
	}
	return all
}

// spans groups periods by the longer ones that they lie in.
func spans(periods []fact.Period, span fact.Cadence) [][]int {
	var groups [][]int
	for i, p := range periods {
		begins := len(groups) == 0
		if span != 0 && i > 0 {
			begins = fact.PeriodAt(p.Start(time.UTC), span) != fact.PeriodAt(periods[i-1].Start(time.UTC), span)
		}
		if begins {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], i)
	}
	return groups
}

// workbookOf returns the workbook of a form that a place has filled in with a month, and
// where the month stands in it.
func (s *Sample) workbookOf(name, place, month string) (w workbook, i int, found bool) {
	for _, w := range s.workbooks() {
		if w.form.name != name || w.place.Code != place {
			continue
		}
		for _, i := range w.periods {
			if s.figures[w.form.indicators[0]].periods[i].String() == month {
				return w, i, true
			}
		}
	}
	return workbook{}, 0, false
}

// sent is when the workbook came: some days after the last of its periods, but
// before now.
func (s *Sample) sent(w workbook) time.Time {
	last := s.figures[w.form.indicators[0]].periods[w.periods[len(w.periods)-1]]
	came := last.End(s.now.Location()).AddDate(0, 0, 5).Add(10 * time.Hour)
	if came.After(s.now) {
		return s.now.Add(-time.Hour)
	}
	return came
}

// writeWorkbooks writes all of them, right and wrong ones, into the folder.
func (s *Sample) writeWorkbooks(ctx context.Context, folder string) error {
	for _, f := range forms() {
		for _, place := range f.cities(s) {
			if err := os.MkdirAll(filepath.Join(folder, f.folder, place.Name), 0o750); err != nil {
				return fmt.Errorf("create the folders of the sample workbooks: %w", err)
			}
		}
	}
	for _, w := range s.workbooks() {
		if err := s.writeWorkbook(ctx, folder, w, false); err != nil {
			return err
		}
	}
	for _, w := range s.wrongWorkbooks() {
		content, err := w.content()
		if err == nil {
			err = writeFile(ctx, filepath.Join(folder, filepath.FromSlash(w.Where)), content, s.now.Add(-time.Hour))
		}
		if err != nil {
			return fmt.Errorf("sample workbook %s: %w", w.Where, err)
		}
	}
	return nil
}

// correctWorkbooks writes those again in which something is corrected.
func (s *Sample) correctWorkbooks(ctx context.Context, folder string) error {
	for _, w := range s.workbooks() {
		if !slices.ContainsFunc(s.story.Corrections, func(c Correction) bool { return s.holds(w, c) }) {
			continue
		}
		if err := s.writeWorkbook(ctx, folder, w, true); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sample) holds(w workbook, c Correction) bool {
	figures := s.figures[c.Indicator]
	return slices.Contains(w.form.indicators, c.Indicator) &&
		slices.ContainsFunc(w.counties, func(k int) bool { return figures.regions[k].Code == c.Region }) &&
		slices.ContainsFunc(w.periods, func(i int) bool { return figures.periods[i] == c.Period })
}

func (s *Sample) writeWorkbook(ctx context.Context, folder string, w workbook, corrected bool) error {
	content, err := w.form.content(s, w, corrected)
	came := s.sent(w)
	if corrected {
		came = s.now.Add(-time.Minute)
	}
	if err == nil {
		err = writeFile(ctx, filepath.Join(folder, filepath.FromSlash(w.path())), content, came)
	}
	if err != nil {
		return fmt.Errorf("sample workbook %s: %w", w.path(), err)
	}
	return nil
}

// writeFile puts a file in the place of another, or of none, in one step, with
// the time at which it came.
func writeFile(ctx context.Context, name string, content []byte, came time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	unfinished := filepath.Join(filepath.Dir(name), "."+filepath.Base(name))
	if err := os.WriteFile(unfinished, content, 0o600); err != nil {
		return err
	}
	if err := os.Chtimes(unfinished, came, came); err != nil {
		return err
	}
	return os.Rename(unfinished, name)
}
