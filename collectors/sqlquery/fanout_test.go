package sqlquery_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

func yujiang() collectors.Target {
	return collectors.Target{Code: "360603", Name: "余江区", Level: fact.County, ParentCode: "360600", ParentName: "鹰潭市"}
}

func guixi() collectors.Target {
	return collectors.Target{Code: "360681", Name: "贵溪市", Level: fact.County, ParentCode: "360600", ParentName: "鹰潭市"}
}

// pullFor runs a collector for one target.
func pullFor(t *testing.T, collector collectors.Collector, target collectors.Target) ([]string, collectors.Summary) {
	t.Helper()
	lines, summary, err := collect(t.Context(), collector, collectors.Request{Now: now(t), Target: target})
	if err != nil {
		t.Fatal(err)
	}
	return lines, summary
}

const counties = `DROP TABLE IF EXISTS figures;
	CREATE TABLE figures (code INTEGER, name VARCHAR(40), city_code VARCHAR(12), city VARCHAR(40), month VARCHAR(10), amount INTEGER);
	INSERT INTO figures VALUES (360603, '余江区', '360600', '鹰潭市', '2025-11', 1), (360603, '余江区', '360600', '鹰潭市', '2025-12', 2),
		(360681, '贵溪市', '360600', '鹰潭市', '2025-12', 3), (360102, '东湖区', '360100', '南昌市', '2025-12', 4),
		(NULL, '合计', '360600', '鹰潭市', '2025-12', 5)`

func TestFanOut(t *testing.T) {
	tests := map[string]struct {
		options string
		target  collectors.Target
		want    []string
	}{
		"by code, without a column of the region": {
			options: `
query: SELECT month, amount FROM figures WHERE code = :region_code AND month >= substr(:since, 1, 7) AND :region_code <> ':region_code'
lookback: 40d
row_limit: 10
indicator: grids
columns: {period: month, value: amount}`,
			target: yujiang(),
			want:   []string{"grids | 360603 | 2025-12 | 2 | row 1, column amount"},
		},
		"by all that a target has": {
			options: `
query: |
  SELECT amount FROM figures
  WHERE city = :region_parent_name AND city_code = :region_parent_code AND name = :region_name AND code = :region_code
row_limit: 10
indicator: grids
period: last_ended
columns: {value: amount}`,
			target: guixi(),
			want:   []string{"grids | 360681 | last ended | 3 | row 1, column amount"},
		},
		"of a city, with the regions below it": {
			options: `
query: SELECT name, month, amount FROM figures WHERE city_code = :region_code ORDER BY amount DESC
row_limit: 10
indicator: grids
columns: {region: name, period: month, value: amount}
totals: [总计, 合计]`,
			target: collectors.Target{Code: "360600", Name: "鹰潭市", Level: fact.City, ParentCode: "36", ParentName: "江西省"},
			want: []string{
				"grids |  | 2025-12 | total 5 | row 1, column amount",
				"grids | 贵溪市 | 2025-12 | 3 | row 2, column amount",
				"grids | 余江区 | 2025-12 | 2 | row 3, column amount",
				"grids | 余江区 | 2025-11 | 1 | row 4, column amount",
			},
		},
		"a name is no SQL": {
			options: `
query: SELECT month, amount FROM figures WHERE name = :region_name
row_limit: 10
indicator: grids
columns: {period: month, value: amount}`,
			target: collectors.Target{Code: "360603", Name: "' OR '1' = '1"},
		},
	}
	for _, db := range databases(t) {
		t.Run(db.name, func(t *testing.T) {
			if err := db.exec(t.Context(), counties); err != nil {
				t.Fatal(err)
			}
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					collector, err := newFanOut(t, db.url, test.options)
					if err != nil {
						t.Fatal(err)
					}
					got, _ := pullFor(t, collector, test.target)
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("readings (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

// A database of each region's own, whose name is as hard to write in a URL as
// can be.
func TestFanOutOverDatabases(t *testing.T) {
	awkward := collectors.Target{Code: "360603", Name: "a@b:c?d#e%f g&h=i+j'余江区"}
	tests := map[string]struct {
		on     func(testing.TB) *database
		create string
		query  string
	}{
		"PostgreSQL": {onPostgreSQL, `CREATE DATABASE "a@b:c?d#e%f g&h=i+j'余江区"`, "SELECT current_database() AS name, 7 AS amount"},
		"MariaDB":    {onMariaDB, "CREATE DATABASE `a@b:c?d#e%f g&h=i+j'余江区`", "SELECT DATABASE() AS name, 7 AS amount"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			db := test.on(t)
			if err := db.exec(t.Context(), test.create); err != nil {
				t.Fatal(err)
			}
			server, _ := filepath.Split(db.url)
			collector, err := newFanOut(t, server+"{region.name}", `
query: `+test.query+`
row_limit: 1
period: last_ended
indicator: grids
columns: {region: name, value: amount}`)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := pullFor(t, collector, awkward)
			if diff := cmp.Diff([]string{"grids | " + awkward.Name + " | last ended | 7 | row 1, column amount"}, got); diff != "" {
				t.Errorf("readings (-want +got):\n%s", diff)
			}
			if err := collector.Ping(t.Context(), awkward); err != nil {
				t.Errorf("ping: %v", err)
			}
			if err := collector.Ping(t.Context(), guixi()); err == nil || !strings.Contains(err.Error(), "贵溪市") {
				t.Errorf("ping of a database that is not there: error %v", err)
			}
		})
	}
}

// countyFiles makes an SQLite file for the target, and returns the URL for all.
func countyFiles(t *testing.T, targets ...collectors.Target) string {
	t.Helper()
	dir := t.TempDir()
	for _, target := range targets {
		if err := os.MkdirAll(filepath.Join(dir, target.ParentName), 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, target.ParentName, target.Code+" "+target.Name+".db")
		err := execStandard(t.Context(), "sqlite", file,
			"CREATE TABLE figures (month TEXT, amount INTEGER); INSERT INTO figures VALUES ('2025-12', "+target.Code+")")
		if err != nil {
			t.Fatal(err)
		}
	}
	return "sqlite://" + filepath.ToSlash(dir) + "/{region.parent.name}/{region.code}%20{region.name}.db"
}

const ofCounty = `
query: SELECT month, amount FROM figures
row_limit: 10
indicator: grids
columns: {period: month, value: amount}`

func TestFanOutOverFiles(t *testing.T) {
	odd := collectors.Target{Code: "1", Name: "100% #1&a=b", ParentName: ".a:b@c"}
	collector, err := newFanOut(t, countyFiles(t, yujiang(), guixi(), odd), ofCounty)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []collectors.Target{yujiang(), guixi(), odd} {
		got, _ := pullFor(t, collector, target)
		if diff := cmp.Diff([]string{"grids | " + target.Code + " | 2025-12 | " + target.Code + " | row 1, column amount"}, got); diff != "" {
			t.Errorf("%s: readings (-want +got):\n%s", target, diff)
		}
		if err := collector.Ping(t.Context(), target); err != nil {
			t.Errorf("%s: ping: %v", target, err)
		}
	}
	absent := collectors.Target{Code: "360102", Name: "东湖区", ParentName: "南昌市"}
	_, _, err = collect(t.Context(), collector, collectors.Request{Now: now(t), Target: absent})
	if want := "南昌市/360102 东湖区.db: unable to open database file"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q in it", err, want)
	}
}

// What can't be a part of a URL leads nowhere.
func TestFanOutRefusesTargets(t *testing.T) {
	collector, err := newFanOut(t, countyFiles(t, yujiang()), ofCounty)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		target collectors.Target
		want   string
	}{
		"none":              {collectors.Target{}, "no region was given"},
		"folder above":      {collectors.Target{Code: "1", Name: "a", ParentName: ".."}, `the url of the source: {region.parent.name} of a (1) can't be a part of the URL: it is ".."`},
		"several folders":   {collectors.Target{Code: "1", Name: "../a", ParentName: "b"}, `{region.name} of ../a (1) can't be a part of the URL: it is "../a"`},
		"backslash":         {collectors.Target{Code: "1", Name: `a\b`, ParentName: "b"}, `it is "a\\b"`},
		"control character": {collectors.Target{Code: "1\x00", Name: "a", ParentName: "b"}, `it is "1\x00"`},
		"nothing above":     {collectors.Target{Code: "36", Name: "江西省"}, "{region.parent.name} of 江西省 (36) can't be a part of the URL: it is empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			summary, err := collector.Collect(t.Context(), collectors.Request{Now: now(t), Target: test.target}, &collectorstest.Sink{})
			for doing, err := range map[string]error{"collect": err, "ping": collector.Ping(t.Context(), test.target)} {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: error %v, want %q in it", doing, err, test.want)
				}
			}
			if summary != (collectors.Summary{}) {
				t.Errorf("summary %+v of nothing", summary)
			}
		})
	}
}

// A target whose values spoil the URL is an error of that target, and the
// password stays out of it.
func TestFanOutShowsNoPassword(t *testing.T) {
	const secret = "hunter2"
	for name, url := range map[string]string{
		"host":     "postgres://u:" + secret + "@{region.name}:1/db",
		"password": "mysql://u:" + secret + "{region.code}@127.0.0.1:1/{region.name}",
		"port":     "mysql://u:" + secret + "@127.0.0.1:{region.code}/db",
	} {
		t.Run(name, func(t *testing.T) {
			collector, err := newFanOut(t, url, ofCounty)
			if err != nil {
				t.Fatal(err)
			}
			for _, region := range []string{"a b", "a@b", "127.0.0.1", "%zz", "["} {
				err := collector.Ping(t.Context(), collectors.Target{Code: region, Name: region})
				if err == nil {
					t.Errorf("%s: no error", region)
				}
				for ; err != nil; err = errors.Unwrap(err) {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("%s: error %q shows the password", region, err)
					}
				}
			}
		})
	}
}

// The digest of the question is another for another target, as far as the
// target is a part of the question.
func TestFanOutDigests(t *testing.T) {
	db := onSQLite(t)
	if err := db.exec(t.Context(), counties); err != nil {
		t.Fatal(err)
	}
	byCode, err := newFanOut(t, db.url, "query: SELECT month, amount FROM figures WHERE :region_code <> ''"+strings.TrimPrefix(ofCounty, "\nquery: SELECT month, amount FROM figures"))
	if err != nil {
		t.Fatal(err)
	}
	byFile, err := newFanOut(t, countyFiles(t, yujiang(), guixi()), ofCounty)
	if err != nil {
		t.Fatal(err)
	}
	for name, collector := range map[string]collectors.Collector{"query": byCode, "url": byFile} {
		t.Run(name, func(t *testing.T) {
			_, first := pullFor(t, collector, yujiang())
			if _, again := pullFor(t, collector, yujiang()); again != first {
				t.Errorf("the same again gave %+v, want %+v", again, first)
			}
			_, other := pullFor(t, collector, guixi())
			if other.QueryDigest == first.QueryDigest {
				t.Error("another target has the same digest")
			}
			if same := other.InputDigest == first.InputDigest; same != (name == "query") {
				t.Errorf("whether both were answered the same: %t", same)
			}
		})
	}
	renamed := yujiang()
	renamed.Name = "余江县"
	_, before := pullFor(t, byCode, yujiang())
	if _, after := pullFor(t, byCode, renamed); after != before {
		t.Error("a name that the query does not use changes its digest")
	}
}
