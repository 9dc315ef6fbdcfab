package exposition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

func lineDiff(want, got string) string {
	return cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n"))
}

func TestWholeExposition(t *testing.T) {
	site, _ := tinySite()
	e := expose(t, site)
	golden(t, "text.txt", text(t, e))
	golden(t, "openmetrics.txt", get(t, e, "Accept", acceptOpenMetrics).Body.String())
	golden(t, "protobuf.txt", render(t, decode(t, e, acceptProtobuf)))
}

func TestFormatsSayTheSame(t *testing.T) {
	for name, handler := range map[string]func() string{
		"every family": func() string {
			site, _ := tinySite()
			return sameInAll(t, site)
		},
		"nobody late": func() string {
			site, standing := tinySite()
			delete(standing.reports, "warm_stations")
			standing.report("grids", fact.Report{Region: "360102", Period: period("2025-12"), Due: due(), Reported: true})
			return sameInAll(t, site)
		},
		"everybody late": func() string {
			site, _ := lateSite(50)
			return sameInAll(t, site)
		},
		"a family of many pages": func() string {
			site, _ := gridSite(20_000)
			return sameInAll(t, site)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if difference := handler(); difference != "" {
				t.Error(difference)
			}
		})
	}
}

// sameInAll decodes all three formats and returns how they differ from text. The
// strict parser of OpenMetrics takes a millisecond a line, so it reads small
// sites only; for large ones the bytes of the two text formats are compared.
func sameInAll(t *testing.T, site exposition.Site) string {
	t.Helper()
	e := expose(t, site)
	classic := render(t, decode(t, e, acceptText))
	if difference := lineDiff(classic, render(t, decode(t, e, acceptProtobuf))); difference != "" {
		return "protobuf:\n" + difference
	}
	if len(classic) > 1<<20 {
		return lineDiff(onlyFigures(text(t, e)), onlyFigures(get(t, e, "Accept", acceptOpenMetrics).Body.String()))
	}
	if difference := lineDiff(classic, render(t, decode(t, e, acceptOpenMetrics))); difference != "" {
		return "OpenMetrics:\n" + difference
	}
	return ""
}

func onlyFigures(body string) string {
	var kept []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE "), "governance_") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// What parsers forgive and the formats forbid: families in pieces, a series
// twice, an end in the middle.
func TestStructure(t *testing.T) {
	site, _ := tinySite()
	e := expose(t, site)
	for name, accept := range map[string]string{"text": acceptText, "OpenMetrics": acceptOpenMetrics} {
		t.Run(name, func(t *testing.T) {
			body := get(t, e, "Accept", accept).Body.String()
			for _, fault := range structureFaults(body, name == "OpenMetrics") {
				t.Error(fault)
			}
		})
	}
}

func structureFaults(body string, openMetrics bool) []string {
	var faults []string
	if !strings.HasSuffix(body, "\n") {
		faults = append(faults, "the last line does not end")
	}
	lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	if openMetrics {
		if lines[len(lines)-1] != "# EOF" {
			faults = append(faults, "no # EOF at the end")
		}
		lines = lines[:len(lines)-1]
	}
	types, series, current := map[string]bool{}, map[string]bool{}, ""
	for i, line := range lines {
		at := fmt.Sprintf("line %d %q: ", i+1, line)
		word := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '{' })
		switch {
		case strings.HasPrefix(line, "# HELP "):
			current = word[2]
		case strings.HasPrefix(line, "# TYPE "):
			if word[2] != current {
				faults = append(faults, at+"TYPE without its HELP before")
			}
			if types[current] {
				faults = append(faults, at+"a second family of that name")
			}
			types[current] = true
		case strings.HasPrefix(line, "#") || line == "":
			faults = append(faults, at+"neither descriptor nor sample")
		default:
			if !strings.HasPrefix(word[0], current) {
				faults = append(faults, at+"not of the family "+current)
			}
			id := line[:strings.LastIndexByte(line, ' ')]
			if series[id] {
				faults = append(faults, at+"a second time")
			}
			series[id] = true
		}
	}
	return faults
}

func TestIndicatorWithoutFiguresHasNoFamily(t *testing.T) {
	site, standing := tinySite()
	e := expose(t, site)
	if strings.Contains(text(t, e), "governance_warm_stations") {
		t.Error("a family without samples is exposed")
	}
	standing.change("warm_stations", fact.Figure{Region: "360102", Period: period("2025-12"), Value: 3, Revision: 1})
	if !strings.Contains(text(t, e), "governance_warm_stations{") {
		t.Error("the family is missing once there is a figure")
	}
}

func TestNumbers(t *testing.T) {
	for written, value := range map[string]float64{
		"0":                     0,
		"-3":                    -3,
		"0.43":                  0.43,
		"1234567":               1234567,
		"9007199254740991":      1<<53 - 1,
		"9.007199254740992e+15": 1 << 53,
		"1e-09":                 1e-9,
	} {
		t.Run(written, func(t *testing.T) {
			site, standing := tinySite()
			standing.change("grids", fact.Figure{Region: "360102", Period: period("2025-12"), Value: value, Revision: 1})
			e := expose(t, site)
			want := `governance_grids{level="county",code="360102",city="南昌市",county="东湖区"} ` + written + "\n"
			if got := text(t, e); !strings.Contains(got, want) {
				t.Errorf("want the line %q in\n%s", want, got)
			}
			for _, f := range decode(t, e, acceptProtobuf) {
				if f.GetName() == "governance_grids" && f.GetMetric()[0].GetGauge().GetValue() != value {
					t.Errorf("protobuf has %v", f.GetMetric()[0].GetGauge().GetValue())
				}
			}
		})
	}
}
