package jiangxi_test

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"path"
	"testing"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/fact"
)

// shipped loads one of the two roots; every source is anywhere.
func shipped(t *testing.T, root string) *config.Config {
	t.Helper()
	c, err := config.Load(jiangxi.Files, root, config.Options{Env: func(string) (string, bool) { return "https://source.invalid", true }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWorkingDays(t *testing.T) {
	c := shipped(t, "govkpi.yaml")
	for year, want := range map[int]int{2024: 251, 2025: 248, 2026: 248} {
		got := 0
		for day := time.Date(year, 1, 1, 0, 0, 0, 0, c.Site.Zone); day.Year() == year; day = day.AddDate(0, 0, 1) {
			if c.Calendar.Working(day) {
				got++
			}
		}
		if got != want || !c.Calendar.Known(year) {
			t.Errorf("%d has %d working days (known: %t), want %d", year, got, c.Calendar.Known(year), want)
		}
	}
}

// Each make-up day is a Saturday or Sunday, and each file is of the year that its
// name says, in order.
func TestCalendarFiles(t *testing.T) {
	names, err := fs.Glob(jiangxi.Files, "calendar/*.csv")
	if err != nil || len(names) != 3 {
		t.Fatal("not one file for each of three years", names, err)
	}
	workdays := 0
	for _, name := range names {
		previous := time.Time{}
		for _, row := range rows(t, name) {
			day, err := time.Parse(time.DateOnly, row[0])
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprintf("%d.csv", day.Year()) != path.Base(name) || !day.After(previous) {
				t.Errorf("%s: %s is of another year, or out of order", name, row[0])
			}
			weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
			if row[1] == "workday" {
				workdays++
				if !weekend {
					t.Errorf("%s: %s is a %s, and no make-up day", name, row[0], day.Weekday())
				}
			}
			previous = day
		}
	}
	if workdays != 19 {
		t.Errorf("%d make-up days in three years, want 19", workdays)
	}
}

func rows(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := jiangxi.Files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

// The figures of a December are due after the New Year's holiday and the Sunday
// that is worked on for it.
func TestDueAfterNewYear(t *testing.T) {
	c := shipped(t, "demo.yaml")
	december, err := fact.ParsePeriod("2025-12")
	if err != nil {
		t.Fatal(err)
	}
	due, weekendsOnly := c.Calendar.Due(december, 5)
	if want := time.Date(2026, 1, 9, 0, 0, 0, 0, c.Site.Zone); !due.Equal(want) || weekendsOnly {
		t.Errorf("due %v, by weekends only %t; want %v", due, weekendsOnly, want)
	}
}
