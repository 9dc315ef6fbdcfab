package workbook

import "testing"

func TestPatterns(t *testing.T) {
	tests := map[string]struct {
		glob      string
		yes, none []string
	}{
		"one folder":    {"*.xlsx", []string{"a.xlsx", "余江区.xlsx", "A.XLSX"}, []string{"a.csv", "b/a.xlsx"}},
		"all folders":   {"**/*.xlsx", []string{"a.xlsx", "b/a.xlsx", "b/c/a.xlsx"}, []string{"a.xls", "b/a.xlsx/c"}},
		"a folder":      {"2025/*.csv", []string{"2025/a.csv"}, []string{"2024/a.csv", "2025/1/a.csv", "a.csv"}},
		"folders below": {"2025/**", []string{"2025/a.csv", "2025/1/a.csv", "2025"}, []string{"2024/a.csv"}},
		"in between":    {"**/网格/**/*月.*", []string{"网格/12月.csv", "a/网格/b/c/1月.xlsx"}, []string{"网格.csv", "网格/12.csv"}},
		"characters":    {"?月[0-9].csv", []string{"二月5.csv"}, []string{"十二月5.csv", "二月x.csv"}},
		"composed":      {"caf\u00e9.csv", []string{"cafe\u0301.csv"}, []string{"cafe.csv"}},
		"quoted":        {quoteGlob("[a]*?.csv"), []string{"[a]*?.csv"}, []string{"abc.csv", "axx.csv"}},
		"case":          {"Grid*.CSV", []string{"grids.csv", "GRIDS.csv"}, []string{"rids.csv"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := parsePattern(test.glob)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range test.yes {
				if !p.match(path) {
					t.Errorf("%s does not match %s", test.glob, path)
				}
			}
			for _, path := range test.none {
				if p.match(path) {
					t.Errorf("%s matches %s", test.glob, path)
				}
			}
		})
	}
}
