package demo_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/internal/fact"
)

// What each published figure is in the database, asked in SQL that knows nothing
// of collectors. Wrong rows are not left out by hand: none may count.
var publishedQueries = map[string]string{
	"coordination_mechanisms 2025":       `SELECT sum(amount) FROM governance_register WHERE item = '协调机制' AND period = '2025-H2'`,
	"policy_documents 2025":              `SELECT sum(amount) FROM governance_register WHERE item = '政策文件' AND period = '2025'`,
	"secretary_led_projects 2025":        `SELECT sum(amount) FROM governance_register WHERE item = '书记领航项目' AND period = '2025-Q4'`,
	"rectified_party_organizations 2025": `SELECT sum(rectified_since_january) FROM rectification_progress WHERE month = '2025-12'`,
	"reserve_village_secretaries 2025":   `SELECT sum(in_reserve) FROM village_secretaries WHERE quarter = '2025-Q4'`,
	"promoted_village_secretaries 2025":  `SELECT sum(promoted) FROM village_secretaries WHERE quarter = '2025-Q4'`,
	"assessment_items 2023":              `SELECT sum(items) FROM assessment_register WHERE year = '2023'`,
	"assessment_items 2025":              `SELECT sum(items) FROM assessment_register WHERE year = '2025'`,
	"village_work_items_cleared 2025":    `SELECT sum(amount) FROM burden_items WHERE item = '村级工作事务' AND period LIKE '2025-Q%'`,
	"certificate_items_regulated 2025":   `SELECT sum(amount) FROM burden_items WHERE item = '不应出具证明' AND period = '2025-H2'`,
	"form_reduction_ratio 2025":          `SELECT 1.0 * sum(forms_cut) / sum(forms_before) FROM shared_forms WHERE quarter = '2025-Q4'`,
	"township_duty_lists_ratio 2025":     `SELECT 1.0 * sum(lists_issued) / sum(townships) FROM duty_lists WHERE quarter = '2025-Q4'`,
	"paired_units 2025":                  `SELECT sum(units_paired) FROM community_pairing WHERE month = '2025-12'`,
	"members_reporting_in 2025":          `SELECT sum(members_reported) FROM community_pairing WHERE month = '2025-12'`,
}

// publishedAnswers is what each published figure is in the API, asked without a
// collector.
var publishedAnswers = map[string]func(*testing.T, *site) float64{
	"grids 2025":                func(t *testing.T, s *site) float64 { return s.gridsOf2025(t, "grids") },
	"full_time_grid_staff 2025": func(t *testing.T, s *site) float64 { return s.gridsOf2025(t, "full_time_staff") },
	"deliberation_platforms 2025": func(t *testing.T, s *site) (sum float64) {
		for _, row := range s.ask(t, "/v1/deliberation-platforms?from=2025-12&limit=1000").Rows {
			sum += of2025(row, row.Platforms)
		}
		return sum
	},
	"volunteer_teams 2025": func(t *testing.T, s *site) (sum float64) {
		for city := range s.register.Under("360000", fact.City) {
			for _, item := range s.ask(t, "/v1/volunteer-teams?from=2025-12&size=1000&city="+city.Code).Items {
				sum += of2025(item, item.Teams)
			}
		}
		return sum
	},
	"warm_stations 2025": func(t *testing.T, s *site) (sum float64) {
		for county := range s.register.Under("360000", fact.County) {
			for _, stations := range s.ask(t, "/v1/stations?from=2025-12&county="+county.Code).Stations {
				if stations.Kind == "暖新驿站" {
					sum += of2025(stations, stations.Open)
				}
			}
		}
		return sum
	},
}

// of2025 is a count of the end of 2025; of another month it is 0.
func of2025(a answered, count any) float64 {
	if number, ok := count.(float64); ok && a.Month == "2025-12" {
		return number
	}
	return 0
}

// publishedBooks is what each published figure is in the workbooks, read without
// a collector.
var publishedBooks = map[string]func(*testing.T, *site) float64{
	"elder_meal_sites 2025":  func(t *testing.T, s *site) float64 { return s.elderCareOf2025(t, 2) },
	"elder_child_homes 2025": func(t *testing.T, s *site) float64 { return s.elderCareOf2025(t, 3) },
	"legal_guides 2025": func(t *testing.T, s *site) (sum float64) {
		for _, row := range cells(t, filepath.Join(s.folder, "local-reports", "湖口县", "法律明白人台账.xlsx"), "台账") {
			if row[0] == "2025年下半年" {
				sum += 10_000 * parsed(t, row[2])
			}
		}
		return sum
	},
}

func (s *site) gridsOf2025(t *testing.T, of string) (sum float64) {
	t.Helper()
	for _, row := range s.ask(t, "/v1/grids?from=2025-12&size=1000").Data.Rows {
		if number, ok := row.Counts[of].(float64); ok && row.CountedOn == "2025-12-31" && row.Where.County != "合计" {
			sum += number
		}
	}
	return sum
}

func (s *site) elderCareOf2025(t *testing.T, column int) (sum float64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.folder, "civil-affairs", "*", "*2025年下半年*.xlsx"))
	if err != nil || len(files) != 11 {
		t.Fatalf("%d workbooks of the end of 2025, %v; want one for each of 11 cities", len(files), err)
	}
	for _, file := range files {
		for _, row := range cells(t, file, "2025年12月") {
			if len(row) == 4 && row[0] != "" && row[0] != "序号" && row[1] != "" {
				sum += parsed(t, row[column])
			}
		}
	}
	return sum
}

func cells(t *testing.T, file, sheet string) [][]string {
	t.Helper()
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// parsed reads a number whose digits may be of full width.
func parsed(t *testing.T, written string) float64 {
	t.Helper()
	number, err := strconv.ParseFloat(strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, written), 64)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func TestYear2025AddsUpToThePublishedFigures(t *testing.T) {
	for _, now := range []string{"2026-01-05", "2026-11-22"} {
		t.Run("seen on "+now, func(t *testing.T) {
			s := newSite(t, now)
			db := s.open(t)
			check := func(when string) {
				want, got := map[string]float64{}, map[string]float64{}
				for _, indicator := range s.config.Indicators {
					for _, published := range indicator.Published {
						key := indicator.ID + " " + published.Period.String()
						want[key] = published.Value
						if query, ok := publishedQueries[key]; ok {
							got[key] = number(t, db, query)
						}
						for _, others := range []map[string]func(*testing.T, *site) float64{publishedAnswers, publishedBooks} {
							if sum, ok := others[key]; ok {
								got[key] = sum(t, s)
							}
						}
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, published figures and sample totals (-published +sample):\n%s", when, diff)
				}
			}
			check("as filled")
			if err := s.systems.Correct(t.Context()); err != nil {
				t.Fatal(err)
			}
			check("as corrected")
		})
	}
}

// The catalogue's copy of the published figures is all that there is; this
// counts them, so that losing one shows.
func TestEveryPublishedFigureIsInTheCatalogue(t *testing.T) {
	n := 0
	for _, indicator := range loadShipped(t).Indicators {
		n += len(indicator.Published)
	}
	if asked := len(publishedQueries) + len(publishedAnswers) + len(publishedBooks); n != asked || n != 22 {
		t.Errorf("the catalogue has %d published figures and %d are asked for; want 22 of both", n, asked)
	}
}
