package region_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
)

// sizes are the grids of a province today and of ten of them.
var sizes = map[string]int{"176k": 176_000, "1760k": 1_760_000}

// withGrids adds so many grids to the shipped regions, ten to a village, each
// village's numbered from 1: their names are the same all over the province.
func withGrids(b *testing.B, grids int) []fact.Region {
	b.Helper()
	regions := shippedRegions(b)
	var towns []string
	for _, r := range regions {
		if r.Level == fact.Township {
			towns = append(towns, r.Code)
		}
	}
	const perVillage = 10
	villages := grids / perVillage
	for i := range villages {
		town := towns[i%len(towns)]
		village := fmt.Sprintf("%s%03d", town, i/len(towns)+1)
		regions = append(regions, fact.Region{Code: village, Name: fmt.Sprintf("%s%d村", town, i), Level: fact.Village, Parent: town})
		for g := range perVillage {
			regions = append(regions, fact.Region{
				Code: fmt.Sprintf("%s%03d", village, g+1), Name: fmt.Sprintf("第%d网格", g+1), Level: fact.Grid, Parent: village,
			})
		}
	}
	return regions
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkNew reports what a register needs beside the characters of codes and
// names.
func BenchmarkNew(b *testing.B) {
	for name, grids := range sizes {
		b.Run(name, func(b *testing.B) {
			regions := withGrids(b, grids)
			characters := 0
			for _, r := range regions {
				characters += len(r.Code) + len(r.Name)
			}
			before := heap()
			var r *region.Register
			for b.Loop() {
				r = mustNew(b, regions, nil, nil)
			}
			b.ReportMetric(float64(int64(heap())-int64(before)-int64(characters))/float64(len(regions)), "bytes/region")
			runtime.KeepAlive(r)
			runtime.KeepAlive(regions)
		})
	}
}

// row is how a delivery may write a grid.
type row struct{ code, name, village, town string }

// BenchmarkResolve looks up every grid, in the order of codes, as deliveries
// commonly come, and in random order, where each one is a walk through memory.
func BenchmarkResolve(b *testing.B) {
	ways := []struct {
		name    string
		resolve func(r *region.Register, g *row) (*fact.Region, error)
	}{
		{"code", func(r *region.Register, g *row) (*fact.Region, error) { return r.Resolve(g.code, gridLevel(), nil) }},
		{"code-within-town", func(r *region.Register, g *row) (*fact.Region, error) {
			return r.Resolve(g.code, gridLevel(), []string{g.town})
		}},
		{"name-within-village", func(r *region.Register, g *row) (*fact.Region, error) {
			return r.Resolve(g.name, gridLevel(), []string{g.village})
		}},
	}
	for size, grids := range sizes {
		r := mustNew(b, withGrids(b, grids), nil, nil)
		rows := gridRows(r)
		for _, order := range []string{"in-order", "shuffled"} {
			for _, way := range ways {
				b.Run(size+"/"+way.name+"/"+order, func(b *testing.B) {
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						g := &rows[i%len(rows)]
						if got, err := way.resolve(r, g); err != nil || got.Code != g.code {
							b.Fatalf("%v: %v, %v", g, got, err)
						}
					}
				})
			}
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		}
	}
}

func gridRows(r *region.Register) []row {
	var rows []row
	for grid := range r.Under("360000", fact.Grid) {
		village, _ := r.ByCode(grid.Parent)
		rows = append(rows, row{grid.Code, grid.Name, village.Name, village.Parent})
	}
	return rows
}

func gridLevel() []fact.Level { return []fact.Level{fact.Grid} }

// BenchmarkRefuse is a delivery full of names that nobody knows.
func BenchmarkRefuse(b *testing.B) {
	r := shipped(b)
	for name, written := range map[string]string{"unknown": "天堂里镇", "typing-error": "余将区", "ambiguous": "锦江镇"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Resolve(written, township, nil); err == nil {
					b.Fatal("resolved")
				}
			}
		})
	}
}
