package region_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
)

// Often asked for in the tests.
var (
	county   = []fact.Level{fact.County}
	city     = []fact.Level{fact.City}
	township = []fact.Level{fact.Township}
)

// rows reads a file of the shipped regions, each row by its header.
func rows(t testing.TB, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "config", "jiangxi", "regions", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var all []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		all = append(all, row)
	}
	return all
}

// shippedRegions reads the shipped province, cities, counties and townships.
func shippedRegions(t testing.TB) []fact.Region {
	t.Helper()
	var regions []fact.Region
	add := func(row map[string]string, level, parent string) {
		l, err := fact.ParseLevel(level)
		if err != nil {
			t.Fatal(err)
		}
		villages, err := strconv.ParseInt(row["villages"], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		regions = append(regions, fact.Region{Code: row["code"], Name: row["name"], Level: l, Parent: parent, Villages: int32(villages)})
	}
	for _, row := range rows(t, "divisions.csv") {
		add(row, row["level"], row["parent"])
	}
	for _, row := range rows(t, "townships.csv") {
		add(row, "township", row["county"])
	}
	return regions
}

func shippedChanges(t testing.TB) []fact.RegionChange {
	t.Helper()
	var changes []fact.RegionChange
	for _, row := range rows(t, "history.csv") {
		effective, err := fact.ParsePeriod(row["effective"])
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, fact.RegionChange{
			OldCode: row["old_code"], OldName: row["old_name"], Code: row["code"], Name: row["name"],
			Effective: effective, Kind: fact.ChangeKind(row["kind"]),
		})
	}
	return changes
}

func shippedAliases(t testing.TB) []fact.RegionAlias {
	t.Helper()
	var aliases []fact.RegionAlias
	for _, row := range rows(t, "aliases.csv") {
		aliases = append(aliases, fact.RegionAlias{Name: row["name"], Code: row["code"]})
	}
	return aliases
}

// shipped is the register of the shipped configuration. Registers never change,
// so the tests share one.
func shipped(t testing.TB) *region.Register {
	t.Helper()
	return sharedRegister(t)
}

var sharedRegister = func() func(testing.TB) *region.Register {
	var (
		once     sync.Once
		register *region.Register
	)
	return func(t testing.TB) *region.Register {
		t.Helper()
		once.Do(func() { register = mustNew(t, shippedRegions(t), shippedChanges(t), shippedAliases(t)) })
		return register
	}
}()

func mustNew(t testing.TB, regions []fact.Region, changes []fact.RegionChange, aliases []fact.RegionAlias) *region.Register {
	t.Helper()
	r, err := region.New(regions, changes, aliases)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
