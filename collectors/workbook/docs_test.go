package workbook_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v4"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/workbook"
)

const documentation = "../../docs/collectors/workbook.md"

// examples returns the page's blocks of a language.
func examples(t *testing.T, language string, count int) []string {
	t.Helper()
	content, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, fence := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(content), -1) {
		blocks = append(blocks, fence[1])
	}
	if len(blocks) != count {
		t.Fatalf("the page has %d blocks of %s, want %d", len(blocks), language, count)
	}
	return blocks
}

// drawn is the sheet that a block shows: a row a line, cells between bars, < for
// a cell merged with the one to its left, ^ with the one above.
func drawn(block string) page {
	p := page{name: "12月"}
	var grid [][]string
	for line := range strings.Lines(block) {
		var texts []string
		var cells row
		for text := range strings.SplitSeq(strings.TrimSuffix(line, "\n"), "|") {
			text = strings.TrimSpace(text)
			texts = append(texts, text)
			number, err := strconv.Atoi(text)
			switch {
			case text == "" || text == "<" || text == "^":
				cells = append(cells, nil)
			case err == nil:
				cells = append(cells, number)
			default:
				cells = append(cells, text)
			}
		}
		grid, p.rows = append(grid, texts), append(p.rows, cells)
	}
	at := func(i, j int) string {
		if i < len(grid) && j < len(grid[i]) {
			return grid[i][j]
		}
		return ""
	}
	for i := range grid {
		for j, text := range grid[i] {
			right, down := j, i
			for at(i, right+1) == "<" {
				right++
			}
			for at(down+1, j) == "^" {
				down++
			}
			if text != "<" && text != "^" && (right > j || down > i) {
				from, _ := excelize.CoordinatesToCellName(j+1, i+1)
				to, _ := excelize.CoordinatesToCellName(right+1, down+1)
				p.merge = append(p.merge, from+":"+to)
			}
		}
	}
	return p
}

// The example of the page does what the page says.
func TestPageExample(t *testing.T) {
	var configuration struct {
		Sources    []map[string]yaml.Node
		Collectors []map[string]yaml.Node
	}
	if err := yaml.Unmarshal([]byte(examples(t, "yaml", 1)[0]), &configuration); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	own := func(node yaml.Node) collectors.Options {
		text, err := yaml.Marshal(&node)
		if err != nil {
			t.Fatal(err)
		}
		return collectorstest.NewBlock(t, strings.ReplaceAll(string(text), "${GOVKPI_REPORTS}", folder), nil)
	}
	kind := workbook.Kind()
	collector, err := kind.New(collectors.Blocks{
		Source: own(configuration.Sources[0][kind.Name]), Collector: own(configuration.Collectors[0][kind.Name]),
	})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"鹰潭市2025年12月.xlsx", "鹰潭市2025年12月补报.xlsx"}
	receipts := examples(t, "receipt", len(names))
	for i, sheet := range examples(t, "sheet", len(names)) {
		file := filepath.Join(folder, names[i])
		put(t, file, workbookOf(t, drawn(sheet)))
		sink := gated(t)
		if _, err := collect(t, collector, sink); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(receipts[i]), strings.TrimSpace(readReceipt(t, file))); diff != "" {
			t.Errorf("receipt of %s (-page +got):\n%s", names[i], diff)
		}
		if i == 0 {
			want := strings.Split(strings.TrimSpace(examples(t, "text", 1)[0]), "\n")
			if diff := cmp.Diff(want, sink.Lines()); diff != "" {
				t.Errorf("readings (-page +got):\n%s", diff)
			}
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// Every key that the kind knows is on its page.
func TestPageNamesEveryOption(t *testing.T) {
	content, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"folder", "receipts", "settle", "limits.file", "limits.unpacked", "limits.rows", "limits.columns",
		"files", "sheets", "aliases", "period_from", "indicator", "totals", "receipt_name",
		"columns.region", "columns.within", "columns.period", "columns.date", "columns.indicator", "columns.value",
		"columns.figures", "columns.dimensions",
		"register.code", "register.name", "register.parent", "register.level", "register.level_column",
	} {
		if !strings.Contains(string(content), "`"+key+"`") {
			t.Errorf("the page does not describe %s", key)
		}
	}
}
