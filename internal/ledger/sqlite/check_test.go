package sqlite_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// writeSample fills a ledger with some of everything and closes it.
func writeSample(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, file, fixedNow)
	mustDeliver(t, s, figures("2025-11", 300, 1000))
	mustDeliver(t, s, figures("2025-12", 300, 1000))
	mustDeliver(t, s, figures("2025-12", 300, 2000))
	run, err := s.Begin(t.Context(), fact.Run{Collector: "elder-care", Start: fixedNow()})
	if err != nil {
		t.Fatal(err)
	}
	rejection := fact.Rejection{Stage: "bounds", Reading: fact.Reading{Within: []string{"a"}, Value: fact.TextValue("x")}}
	if _, err := s.Commit(t.Context(), fact.Delivery{Run: run, Rejections: []fact.Rejection{rejection}}); err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context(), fact.Run{ID: run, End: fixedNow(), Outcome: fact.Failed}); err != nil {
		t.Fatal(err)
	}
	deliverRegister(t, s, "甲") // deliveries 5 and 6
	deliverRegister(t, s, "乙")
	deliverJudged(t, s, "2024-12") // deliveries 7 to 14
	if _, err := s.Accept(t.Context(), ledger.Configuration{Digest: "d", Accepted: fixedNow(),
		Files: []ledger.ConfigurationFile{{Name: "root.yaml", Content: []byte("site: x")}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// deliverRegister commits 40 regions by a run with two targets, and for the
// second of them a fact as well.
func deliverRegister(t *testing.T, s ledger.Store, name string) {
	t.Helper()
	run, err := s.Begin(t.Context(), fact.Run{Collector: "register", Start: fixedNow()})
	if err != nil {
		t.Fatal(err)
	}
	d := fact.Delivery{Run: run, Target: "360603", Regions: register(40, name)}
	if name == "乙" {
		d.Facts = figures("2024", 1, 5)
	}
	if _, err := s.Commit(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context(), fact.Run{ID: run, End: fixedNow(), Outcome: fact.Partial},
		fact.TargetRun{Target: "360602", Outcome: fact.Failed, Error: "no answer"},
		fact.TargetRun{Target: "360603", Start: fixedNow(), End: fixedNow(), Outcome: fact.Succeeded}); err != nil {
		t.Fatal(err)
	}
}

// deliverJudged brings figures of a period, holds others of the same, and
// decides on them, in eight deliveries. One figure waits in the end.
func deliverJudged(t *testing.T, s ledger.Store, period string) {
	t.Helper()
	list := figures(period, 6, 0)
	key := func(i int) fact.Key { return list[i].Key() }
	hold := func(i int, value float64) fact.HeldFact {
		return fact.HeldFact{Key: key(i), Value: value, Stage: "step-plausible", Reason: fact.Text{ZH: "多了十倍", EN: "ten times as much"}, Place: list[i].Place}
	}
	right := func(i int, value float64) fact.Fact {
		f := list[i]
		f.Value = value
		return f
	}
	mustDeliver(t, s, figures(period, 6, 2000))
	held := judge(t, s, fact.Delivery{Held: []fact.HeldFact{hold(0, 420), hold(1, 430), hold(2, 440), hold(4, 450)}})
	judge(t, s, fact.Delivery{Held: []fact.HeldFact{hold(0, 421)}})
	judge(t, s, fact.Delivery{Decisions: []fact.Decision{
		{Action: fact.Reject, Held: held[1].ID}, {Action: fact.Release, Held: held[2].ID}, {Key: key(3), Action: fact.Confirm}}})
	judge(t, s, fact.Delivery{Facts: []fact.Fact{right(3, 7), right(4, 8)}, Decisions: []fact.Decision{
		{Key: key(3), Action: fact.Correct}, {Key: key(4), Action: fact.Correct}}})
	judge(t, s, fact.Delivery{Decisions: []fact.Decision{{Key: key(3), Action: fact.Confirm}}})
	judge(t, s, fact.Delivery{Facts: []fact.Fact{right(0, 2000)}}) // closes, and adds nothing
	judge(t, s, fact.Delivery{Held: []fact.HeldFact{hold(5, 460)}})
}

// judge commits a delivery in a run of a person, and returns what of held
// figures Commit did.
func judge(t *testing.T, s ledger.Store, d fact.Delivery) []fact.HeldFact {
	t.Helper()
	run, err := s.Begin(t.Context(), fact.Run{Collector: "confirm", Start: fixedNow(), Origin: fact.Decided, By: "张三", Reason: "已核对"})
	if err != nil {
		t.Fatal(err)
	}
	d.Run = run
	committed, err := s.Commit(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context(), fact.Run{ID: run, End: fixedNow(), Outcome: fact.Succeeded}); err != nil {
		t.Fatal(err)
	}
	return committed.Held
}

// register is n villages of one name.
func register(n int, name string) []fact.RegionFact {
	regions := make([]fact.RegionFact, n)
	for i := range regions {
		regions[i] = fact.RegionFact{
			Region: fact.Region{Code: strconv.Itoa(360603001000 + i), Name: name, Parent: "360603001", Level: fact.Village},
			Place:  fact.Place{Field: "code", Row: int32(i + 1)},
		}
	}
	return regions
}

func check(t *testing.T, file string) []string {
	t.Helper()
	s, err := sqlite.OpenReadOnly(t.Context(), options(file))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	found, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestCheck breaks a sound ledger in every way that a check is there to find,
// with the triggers out of the way.
func TestCheck(t *testing.T) {
	written := writeSample(t)
	noTriggers := dropTriggers(t, written)
	sample, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		statement string
		finding   string // the empty finding is a sound ledger
	}{
		"nothing": {"SELECT 1", ""},
		"a value": {"UPDATE fact SET value = 1e6 WHERE delivery = 2 AND region = 360100007", "300 facts of delivery 2 are not those that were recorded"},
		"a row number": {"UPDATE fact SET row = row + 1 WHERE delivery = 2 AND region = 360100007",
			"facts of delivery 2 are not those that were recorded"},
		"two values exchanged": {`UPDATE fact SET value = 360200299 - region + 1000 WHERE delivery = 1 AND region IN (360100000, 360100299)`,
			"facts of delivery 1 are not those that were recorded"},
		"a fact less":      {"DELETE FROM fact WHERE delivery = 1 AND region = 360100007", "delivery 1 brought 300 facts and 299 are there"},
		"a fact more":      {"INSERT INTO fact SELECT 1, period, 99, 0, 1, 5, 1, 0, 0 FROM fact LIMIT 1", "delivery 1 brought 300 facts and 301 are there"},
		"a fact replaced":  {"INSERT OR REPLACE INTO fact SELECT indicator, period, region, 0, 1, 5, delivery, place, row FROM fact WHERE delivery = 1 LIMIT 1", "delivery 1 are not those"},
		"a revision gap":   {"DELETE FROM fact WHERE revision = 1 AND delivery = 2 AND region = 360100007", "grids of region 360100007 for 2025-12 begins with revision 2"},
		"a revision ahead": {"UPDATE fact SET revision = 4 WHERE revision = 2 AND region = 360100007", "grids of region 360100007 for 2025-12 has no revision 2, although it has revision 4"},
		"a revision that repeats": {"UPDATE fact SET value = 1007 WHERE revision = 2 AND region = 360100007",
			"revision 2 of grids of region 360100007 for 2025-12 has the value of the one before"},
		"a revision that came first": {"UPDATE fact SET delivery = 1 WHERE revision = 2 AND region = 360100007",
			"revision 2 of grids of region 360100007 for 2025-12 came with delivery 1, before the revision it corrects"},
		"an unknown delivery":  {"UPDATE fact SET delivery = 77 WHERE revision = 2 AND region = 360100007", "belongs to delivery 77, which is missing"},
		"an unknown place":     {"UPDATE fact SET place = 77 WHERE revision = 2 AND region = 360100007", "place (77) that the ledger doesn't know"},
		"an unknown indicator": {"DELETE FROM indicator", "indicator 0 of region 360100000 for 2025-11 refers to an indicator"},
		"an unknown dimension": {"DELETE FROM dimensions", "that the ledger doesn't know"},
		"no period":            {"UPDATE fact SET period = 8 WHERE delivery = 1 AND region = 360100007", "grids of region 360100007 for period 8 refers to"},
		"no region":            {"UPDATE fact SET region = 7 WHERE delivery = 1 AND region = 360100007", "grids of region 7 for 2025-11 has no valid region code"},
		"an infinite value":    {"UPDATE fact SET value = 9e999 WHERE delivery = 1 AND region = 360100007", "has the value +Inf"},
		"a renamed period":     {"UPDATE period SET name = '2025-10' WHERE name = '2025-11'", "is kept as 2025-10 from 2025-11-01, which it isn't"},
		"a missing run":        {"DELETE FROM run WHERE id = 2", "runs 2 to 2 are missing"},
		"a missing delivery":   {"DELETE FROM delivery WHERE id = 2", "deliveries 2 to 2 are missing"},
		"a delivery of no run": {"UPDATE delivery SET run = 99 WHERE id = 2", "row 2 of table delivery refers to a row of table run that is missing"},
		"time running back":    {"UPDATE delivery SET recorded = recorded - 1500 WHERE id = 2", "delivery 2 was recorded 1.5s before the one before it"},
		"a region's name":      {"UPDATE region SET name = '丙' WHERE delivery = 5 AND code = 360603001007", "the 40 regions of delivery 5 are not those that were recorded"},
		"a region's row":       {"UPDATE region SET row = 99 WHERE delivery = 5 AND code = 360603001007", "the 40 regions of delivery 5 are not those"},
		"a fact beside them":   {"UPDATE fact SET value = 6 WHERE delivery = 6", "the 1 facts and 40 regions of delivery 6 are not those"},
		"a region above":       {"UPDATE region SET parent = NULL WHERE delivery = 6 AND code = 360603001007", "1 facts and 40 regions of delivery 6 are not those"},
		"a letter moved":       {"UPDATE region SET level = 'villag', name = 'e' || name WHERE delivery = 5 AND code = 360603001007", `unknown level "villag"`},
		"a region less":        {"DELETE FROM region WHERE delivery = 6 AND code = 360603001007", "delivery 6 brought 40 regions and 39 are there"},
		"a region more":        {"INSERT INTO region VALUES (99, 1, 'village', '', NULL, 5, 0, 0)", "delivery 5 brought 40 regions and 41 are there"},
		"a region's first":     {"DELETE FROM region WHERE delivery = 5 AND code = 360603001007", "region 360603001007 begins with revision 2"},
		"a region's gap":       {"UPDATE region SET revision = 3 WHERE delivery = 6 AND code = 360603001007", "region 360603001007 has no revision 2, although it has revision 3"},
		"a region that stays":  {"UPDATE region SET name = '甲' WHERE delivery = 6 AND code = 360603001007", "revision 2 of region 360603001007 says what the one before says"},
		"a region that came first": {"UPDATE region SET delivery = 5 WHERE delivery = 6 AND code = 360603001007",
			"revision 2 of region 360603001007 came with delivery 5, before the revision it corrects"},
		"a region of no delivery":  {"UPDATE region SET delivery = 77 WHERE code = 360603001007", "region 360603001007 belongs to delivery 77, which is missing"},
		"a region of no place":     {"UPDATE region SET place = 77 WHERE code = 360603001007", "region 360603001007 refers to a place (77) that the ledger doesn't know"},
		"a region without code":    {"UPDATE region SET code = 7 WHERE delivery = 5 AND code = 360603001007", "region 7, below 360603001, has no valid code"},
		"a region below no code":   {"UPDATE region SET parent = 6 WHERE delivery = 5 AND code = 360603001007", "region 360603001007, below 6, has no valid code"},
		"regions counted as facts": {"UPDATE delivery SET regions = 0 WHERE id = 5", "delivery 5 brought 40 facts and 0 are there"},
		"a target less":            {"DELETE FROM target_run WHERE run = 5 AND position = 2", "run 5 ended with 2 targets and 1 are there"},
		"a target more":            {"INSERT INTO target_run SELECT 1, position, target, started, ended, outcome, attempts, rows, accepted, changed, rejected, error FROM target_run WHERE run = 5", "run 1 ended with 0 targets and 2 are there"},
		"a target out of turn":     {"UPDATE target_run SET position = 7 WHERE run = 5 AND position = 2", "the 2 targets of run 5 are not numbered from 1 on"},
		"a target of another":      {"UPDATE target SET collector = 'grids' WHERE name = '360602'", "run 5 has 1 targets of another collector"},
		"a target of no name":      {"DELETE FROM target WHERE name = '360602'", "of table target_run refers to a row of table target that is missing"},

		"a held value":            {"UPDATE held SET value = 461 WHERE id = 6", "the 1 held figures of delivery 14 are not those"},
		"a held figure's reason":  {"UPDATE held SET reason_en = 'why not' WHERE id = 4", "the 4 held figures of delivery 8 are not those"},
		"a letter of the reason":  {"UPDATE held SET reason_zh = reason_zh || 't', reason_en = substr(reason_en, 2) WHERE id = 4", "the 4 held figures of delivery 8"},
		"a held figure less":      {"DELETE FROM held WHERE id = 6", "delivery 14 brought 1 held figures and 0 are there"},
		"a held figure missing":   {"DELETE FROM held WHERE id = 2", "held figures 2 to 2 are missing"},
		"a held figure more":      {"INSERT INTO held SELECT 7, delivery, indicator, period, 99, dimensions, value, place, row, stage, '', '', NULL, NULL FROM held WHERE id = 6", "delivery 14 brought 1 held figures and 2 are there"},
		"held for no region":      {"UPDATE held SET region = 7 WHERE id = 6", "held figure 6, grids of region 7 for 2024-12, has no valid region code"},
		"held without end":        {"UPDATE held SET value = 9e999 WHERE id = 6", "held figure 6, grids of region 360100005 for 2024-12, has the value +Inf"},
		"held at no place":        {"UPDATE held SET place = 77 WHERE id = 6", "row 6 of table held refers to a row of table place that is missing"},
		"held by no delivery":     {"UPDATE held SET delivery = 77 WHERE id = 6", "held figure 6, grids of region 360100005 for 2024-12, belongs to delivery 77, which is missing"},
		"closed before held":      {"UPDATE held SET closed_by = 6 WHERE id = 1", "was superseded by delivery 6, before it was held"},
		"closed by another":       {"UPDATE held SET closed_by = 14 WHERE id = 5", "the closings of delivery 13 are not those that were recorded"},
		"closed in another way":   {"UPDATE held SET closing = 'rejected' WHERE id = 1", "held figure 1, grids of region 360100000 for 2024-12, was rejected by delivery 9, which has no such decision"},
		"a closing forgotten":     {"UPDATE held SET closing = NULL, closed_by = NULL WHERE id = 2", "decision 1 (reject grids of region 360100001 for 2024-12) didn't close the held figure that it names"},
		"waiting behind a fact":   {"UPDATE held SET closing = NULL, closed_by = NULL WHERE id = 4", "waited on when a later delivery brought a fact of it"},
		"two that wait":           {"DROP INDEX held_waiting; UPDATE held SET closing = NULL, closed_by = NULL WHERE id = 1", "the 1 held figures of delivery 9 are not those"},
		"a decision less":         {"DELETE FROM decision WHERE id = 6", "delivery 12 brought 1 decisions and 0 are there"},
		"a decision missing":      {"DELETE FROM decision WHERE id = 5", "decisions 5 to 5 are missing"},
		"who decided":             {"UPDATE run SET by = '李四' WHERE id = (SELECT run FROM delivery WHERE id = 12)", "the 1 decisions of delivery 12 are not those"},
		"why it was decided":      {"UPDATE run SET reason = '' WHERE id = (SELECT run FROM delivery WHERE id = 11)", "the 2 facts and 2 decisions of delivery 11 are not those"},
		"decided by no delivery":  {"UPDATE decision SET delivery = 77 WHERE id = 6", "decision 6 belongs to delivery 77, which is missing"},
		"decided on no revision":  {"UPDATE decision SET revision = 9 WHERE id = 6", "decision 6 (confirm grids of region 360100003 for 2024-12) speaks of a revision that is missing"},
		"decided too early":       {"UPDATE decision SET delivery = 10 WHERE id = 6", "was taken before the revision that it speaks of"},
		"corrected by another":    {"UPDATE decision SET revision = 1 WHERE id = 4", "decision 4 (correct grids of region 360100003 for 2024-12) corrected nothing"},
		"overruled otherwise":     {"UPDATE decision SET overruled = 1 WHERE id = 4", "overruled another value than the ledger has"},
		"overruled by a release":  {"UPDATE decision SET overruled = 1 WHERE id = 2", "decision 2 (release grids of region 360100002 for 2024-12) overruled another value"},
		"released another figure": {"UPDATE decision SET held = 1 WHERE id = 2", "speaks of a held figure that is another's or missing"},
		"released another value":  {"UPDATE held SET value = 441 WHERE id = 3", "made another value of the held one"},
		"another action":          {"UPDATE decision SET action = 'correct' WHERE id = 6", "corrected nothing"},

		"a changed file": {"UPDATE content SET gzip = CAST(substr(gzip, 1, 12) AS BLOB)", "content 1 of a configuration can't be unpacked"},
		"another file":   {"UPDATE content SET digest = 'x'", "content 1 of a configuration is not what was recorded"},
		"a wrong type":   {"PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT, ', '') WHERE name = 'fact'; PRAGMA writable_schema = RESET; UPDATE fact SET value = 'seven' WHERE region = 360100007", "string where the ledger keeps numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "ledger.db")
			if err := os.WriteFile(file, sample, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := shell(t, file, noTriggers+"PRAGMA foreign_keys = OFF; "+c.statement); err != nil {
				t.Fatal(err)
			}
			found := check(t, file)
			if c.finding == "" {
				if len(found) > 0 {
					t.Errorf("a check of a sound ledger found %q", found)
				}
				return
			}
			if !strings.Contains(strings.Join(found, "\n"), c.finding) {
				t.Errorf("a check found %q; want %q", found, c.finding)
			}
		})
	}
}

func dropTriggers(t *testing.T, file string) string {
	t.Helper()
	return query(t, file, "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema WHERE type = 'trigger'")
}

func TestCheckIsBrief(t *testing.T) {
	file := writeSample(t)
	if err := shell(t, file, dropTriggers(t, file)+"UPDATE fact SET revision = revision + 7"); err != nil {
		t.Fatal(err)
	}
	found := check(t, file)
	if len(found) != 101 || !strings.HasPrefix(found[100], "and ") {
		t.Errorf("a check said %d sentences, the last %q; want 100 and how many more there are", len(found), found[len(found)-1])
	}
}

// TestCheckFlippedBytes flips one bit of a fact on each page of facts.
func TestCheckFlippedBytes(t *testing.T) {
	file := writeSample(t)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Fields(query(t, file, "SELECT pageno FROM dbstat WHERE name = 'fact' AND pagetype = 'leaf'"))
	if len(pages) < 3 {
		t.Fatalf("only %d pages of facts: the test has lost its object", len(pages))
	}
	for _, number := range pages {
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		page := content[(n-1)*4096 : n*4096]
		// After its header of 8 bytes a page lists where its facts begin. A
		// fact has its own length, ten bytes of types, then its columns.
		first := binary.BigEndian.Uint16(page[8:])
		at := (n-1)*4096 + int(first) + 1 + 10 + 8
		content[at] ^= 0x04
		damaged := filepath.Join(t.TempDir(), "ledger.db")
		if err := os.WriteFile(damaged, content, 0o600); err != nil {
			t.Fatal(err)
		}
		content[at] ^= 0x04
		if len(check(t, damaged)) == 0 {
			t.Errorf("a bit was flipped on page %d and a check found nothing", n)
		}
	}
}

func TestQueriesOfDamagedLedger(t *testing.T) {
	file := writeSample(t)
	if err := shell(t, file, dropTriggers(t, file)+"PRAGMA foreign_keys = OFF; DELETE FROM delivery WHERE id = 1; UPDATE rejection SET within = '['"); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.OpenReadOnly(t.Context(), options(file))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	regions := func() error { return s.Regions(t.Context(), time.Time{}, func(fact.RegionFact) error { return nil }) }
	if err := regions(); err != nil {
		t.Errorf("Regions, of other deliveries: %v", err)
	}
	if err := shell(t, file, "UPDATE region SET level = 'hamlet' WHERE code = 360603001007"); err != nil {
		t.Fatal(err)
	}
	mustFail(t, regions(), file, "region 360603001007", "hamlet", "govkpi ledger check")
	err = s.Facts(t.Context(), ledger.FactQuery{}, func(fact.Fact) error { return nil })
	mustFail(t, err, file, "delivery 1, which is missing", "govkpi ledger check")
	_, err = s.Rejections(t.Context(), ledger.RejectionQuery{})
	mustFail(t, err, file, "names above a rejected reading", "govkpi ledger check")
}

func TestCheckCountsNothingTwice(t *testing.T) {
	s, _ := newStore(t)
	mustDeliver(t, s, figures("2025", 10, 0))
	for range 2 {
		if found, err := s.Check(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("Check: %q, %v", found, err)
		}
	}
	if _, err := deliver(t.Context(), s, figures("2025", 10, math.Pi)); err != nil {
		t.Error(err)
	}
	if found, err := s.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("Check after a correction: %q, %v", found, err)
	}
}
