package config_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// gridRegister is a tree whose townships each have a thousand grids.
func gridRegister(t testing.TB, grids int) fstest.MapFS {
	t.Helper()
	var b strings.Builder
	b.WriteString("code,name,level,parent\n")
	for i := range (grids + 999) / 1000 {
		fmt.Fprintf(&b, "%d,镇%d,township,360102\n", 360102000+i, i)
	}
	for i := range grids {
		fmt.Fprintf(&b, "%d%06d,第%d网格,grid,%d\n", 360102000+i/1000, i, i, 360102000+i/1000)
	}
	return with(tree(t), "regions/townships.csv", b.String())
}

func TestRegisterOfGrids(t *testing.T) {
	const grids = 20_000
	c := load(t, gridRegister(t, grids))
	if want := 5 + grids/1000 + grids; len(c.Regions) != want {
		t.Fatalf("%d regions, want %d", len(c.Regions), want)
	}
	last := c.Regions[len(c.Regions)-1]
	if last.Code != "360102019019999" || last.Name != "第19999网格" || last.Parent != "360102019" {
		t.Errorf("last region %v", last)
	}
}

// Every row of a long register refused must not take forever, nor a page each.
func TestRegisterWithNothingRight(t *testing.T) {
	files := gridRegister(t, 50_000)
	bad := strings.ReplaceAll(string(files["regions/townships.csv"].Data), "township,360102", "township,360103")
	got := refusal(t, with(files, "regions/townships.csv", strings.ReplaceAll(bad, ",grid,", ",grid,9")))
	lines := strings.Split(got, "\n")
	if len(lines) != 21 {
		t.Fatalf("%d refusals, want 20 and how many more there are:\n%s", len(lines), got)
	}
	if want := "regions/townships.csv: 50030 more like these; mend those above first"; lines[20] != want {
		t.Errorf("last line %q, want %q", lines[20], want)
	}
	if want := "regions/townships.csv:2:23: parent: there is no region with the code 360103"; lines[0] != want {
		t.Errorf("first line %q, want %q", lines[0], want)
	}
}

func BenchmarkRegister(b *testing.B) {
	const grids = 176_000
	files := gridRegister(b, grids)
	b.SetBytes(int64(len(files["regions/townships.csv"].Data)))
	b.ReportAllocs()
	for b.Loop() {
		load(b, files)
	}
}
