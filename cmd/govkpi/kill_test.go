package main_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

const (
	kills   = 100
	regions = 200 // facts in each delivery
)

// The source answers every pull with one number for all regions, another one
// each time: a delivery that was torn shows as regions of different numbers, or
// as fewer of them.
const killConfiguration = `
site: {name: {zh: 试, en: Test}, zone: Asia/Shanghai, region: "360000"}
ledger: {path: data, keep_rejections: 1d}
schedule: {parallel: 4}
regions: {divisions: [regions.csv]}
units: [{id: grids, title: {zh: 个, en: grids}, counts: true}]
themes: [{id: test, title: {zh: 试, en: Test}}]
indicators:
  - {id: grids, title: {zh: 网格, en: Grids}, definition: {zh: 网格数, en: Number of grids}, theme: test, unit: grids, kind: stock, direction: more, levels: [county], cadence: month, grace_working_days: 10, expires_after_periods: 12}
  - {id: sites, title: {zh: 餐点, en: Sites}, definition: {zh: 助餐点数, en: Number of meal sites}, theme: test, unit: grids, kind: stock, direction: more, levels: [county], cadence: month, grace_working_days: 10, expires_after_periods: 12}
sources:
  - {name: source, title: {zh: 源, en: Source}, kind: sqlquery, sqlquery: {url: "sqlite:%s", statement_timeout: 30s}}
collectors:
`

const killCollector = `
  - name: %[1]s
    source: source
    schedule: "0 6 * * *"
    deadline: 1m
    retry: {attempts: 1, backoff: 1s, window: 1m}
    sqlquery:
      query: WITH number AS MATERIALIZED (SELECT abs(random()) %% 1000000 AS n) SELECT code, n FROM region, number
      row_limit: 1000
      period: last_ended
      indicator: %[1]s
      columns: {region: code, value: n}
`

// TestKill ends the real program with SIGKILL at random moments while it is
// collecting without a pause, and then counts facts: whatever a run reported as
// done is there, whole, and nothing is there in part.
func TestKill(t *testing.T) {
	folder := t.TempDir()
	configuration := writeKillSite(t, folder)
	program := buildProgram(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	done := map[int64]int{} // facts changed, by each run that reported success
	for kill := range kills {
		after := time.Duration(random.IntN(300)) * time.Millisecond
		maps.Copy(done, collectUntilKilled(t, program, configuration, after))
		// Nothing is ever deleted, so what was torn is still found later.
		if kill%20 == 19 {
			checkDeliveries(t, filepath.Join(folder, "data", "ledger.db"), done)
		}
	}
	if len(done) < kills {
		t.Errorf("only %d runs ended in %d lives: the test hardly tested anything", len(done), kills)
	}
	t.Logf("%d kills, %d runs reported as done, %d facts", kills, len(done), len(done)*regions)
}

func writeKillSite(t *testing.T, folder string) (configuration string) {
	t.Helper()
	database := filepath.Join(folder, "source.db")
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE region (code TEXT)"); err != nil {
		t.Fatal(err)
	}
	register := "code,name,level,parent\n360000,江西省,province,\n"
	for i := range regions {
		city := fmt.Sprintf("36%02d00", i/90+1)
		if i%90 == 0 {
			register += fmt.Sprintf("%s,城%d市,city,360000\n", city, i/90)
		}
		code := fmt.Sprintf("36%02d%02d", i/90+1, i%90+1)
		register += fmt.Sprintf("%s,第%d县,county,%s\n", code, i, city)
		if _, err := db.ExecContext(t.Context(), "INSERT INTO region VALUES (?)", code); err != nil {
			t.Fatal(err)
		}
	}
	configuration = filepath.Join(folder, "govkpi.yaml")
	text := fmt.Sprintf(killConfiguration, database) + fmt.Sprintf(killCollector, "grids") + fmt.Sprintf(killCollector, "sites")
	for name, content := range map[string]string{configuration: text, filepath.Join(folder, "regions.csv"): register} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return configuration
}

func buildProgram(t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "govkpi")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build govkpi: %v\n%s", err, out)
	}
	return program
}

// freeAddress is a loopback address that nothing listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// collectUntilKilled starts the program, keeps it collecting, kills it after the
// time and returns what its runs reported in the log before.
func collectUntilKilled(t *testing.T, program, configuration string, after time.Duration) map[int64]int {
	t.Helper()
	address := freeAddress(t)
	cmd := exec.CommandContext(t.Context(), program, "serve", "--config", configuration, "--listen", address, "--log-format", "json")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reported := make(chan map[int64]int)
	go func() { reported <- endedRuns(log) }()
	waitFor(t, "http://"+address+"/-/healthy")

	ctx, stop := context.WithCancel(t.Context())
	client := &http.Client{}
	defer client.CloseIdleConnections()
	var asking sync.WaitGroup
	for _, name := range []string{"grids", "sites"} {
		asking.Go(func() {
			for ctx.Err() == nil {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/-/collect/"+name, nil)
				if err != nil {
					return
				}
				response, err := client.Do(request)
				if err != nil {
					return // it has been killed
				}
				response.Body.Close()
			}
		})
	}
	<-time.After(after) // the random moment itself, not a wait for something
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	stop()
	asking.Wait()
	runs := <-reported
	_ = cmd.Wait() // it was killed, and says so
	return runs
}

// waitFor polls until the address answers 200.
func waitFor(t testing.TB, url string) {
	t.Helper()
	const patience = 2 * time.Minute // how fast a busy machine starts a demo is not what is tested
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := &http.Client{}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatalf("%s did not answer 200 within %s", url, patience)
}

// endedRuns reads the program's log: how many facts each successful run changed.
func endedRuns(log io.Reader) map[int64]int {
	runs := map[int64]int{}
	for lines := bufio.NewScanner(log); lines.Scan(); {
		var line struct {
			Message string `json:"msg"`
			Run     int64  `json:"run"`
			Outcome string `json:"outcome"`
			Changed int    `json:"changed"`
		}
		// The last line may be cut short by the kill.
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Message == "run ended" && line.Outcome == string(fact.Succeeded) {
			runs[line.Run] = line.Changed
		}
	}
	return runs
}

// checkDeliveries counts the facts of every run in the ledger.
func checkDeliveries(t *testing.T, file string, done map[int64]int) {
	t.Helper()
	store, err := sqlite.OpenReadOnly(t.Context(), sqlite.Options{File: file, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	counts := map[int64]int{}
	values := map[int64]float64{}
	err = store.Facts(t.Context(), ledger.FactQuery{AllRevisions: true}, func(f fact.Fact) error {
		counts[f.Run]++
		if v, seen := values[f.Run]; seen && v != f.Value {
			t.Errorf("run %d holds %v and %v: two deliveries in one", f.Run, v, f.Value)
		}
		values[f.Run] = f.Value
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for run, n := range counts {
		if n != regions {
			t.Errorf("run %d left %d facts of %d: half a delivery", run, n, regions)
		}
	}
	for run, changed := range done {
		if counts[run] != changed {
			t.Errorf("run %d reported %d facts as done; %d are there", run, changed, counts[run])
		}
	}
}
