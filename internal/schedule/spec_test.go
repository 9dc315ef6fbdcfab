package schedule_test

import (
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/schedule"
)

func TestParse(t *testing.T) {
	from := time.Date(2025, 12, 31, 23, 0, 0, 0, shanghai)
	for spec, want := range map[string]string{
		"15 6 * * *":      "2026-01-01T06:15:00+08:00",
		" 0 0 29 2 * ":    "2028-02-29T00:00:00+08:00",
		"0 8 5-10 * *":    "2026-01-05T08:00:00+08:00",
		"0 8 * * MON-FRI": "2026-01-01T08:00:00+08:00",
		"@daily":          "2026-01-01T00:00:00+08:00",
		"@yearly":         "2026-01-01T00:00:00+08:00",
		"@every 90s":      "2025-12-31T23:01:30+08:00",
	} {
		parsed, err := schedule.Parse(spec, shanghai)
		if err != nil {
			t.Errorf("%q: %v", spec, err)
			continue
		}
		if got := parsed.Next(from.UTC()).Format(time.RFC3339); got != want {
			t.Errorf("%q fires at %s, want %s", spec, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for spec, want := range map[string]string{
		"":                      "the schedule is empty: expected five fields such as 15 6 * * *, or a descriptor such as @daily",
		"CRON_TZ=UTC 0 6 * * *": `schedule "CRON_TZ=UTC 0 6 * * *": a zone of its own is not taken: every schedule is in the site's zone, Asia/Shanghai`,
		"TZ=UTC":                `schedule "TZ=UTC": a zone of its own is not taken: every schedule is in the site's zone, Asia/Shanghai`,
		"0 0 30 2 *":            `schedule "0 0 30 2 *" never fires: is there such a day?`,
		"@every 500ms":          `schedule "@every 500ms": an interval is whole seconds, and at least one`,
		"@every 1500ms":         `schedule "@every 1500ms": an interval is whole seconds, and at least one`,
		"@every -5m":            `schedule "@every -5m": an interval is whole seconds, and at least one`,
		"@every day":            `schedule "@every day": "day" is no interval: expected one such as 90s, 5m or 6h`,
		"0 0 6 * * *":           `schedule "0 0 6 * * *": expected exactly 5 fields, found 6: [0 0 6 * * *]`,
		"61 * * * *":            `schedule "61 * * * *": end of range (61) above maximum (59): 61`,
		"@fortnightly":          `schedule "@fortnightly": unrecognized descriptor: @fortnightly`,
	} {
		if _, err := schedule.Parse(spec, shanghai); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", spec, err, want)
		}
	}
}

// In a zone with daylight saving a time that a day skips does not fire on that
// day, and one that a day has twice fires twice: collecting once more does no
// harm, leaving a run out might.
func TestDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := schedule.Parse("30 2 * * *", berlin)
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		"2026-03-28T12:00:00+01:00": "2026-03-30T02:30:00+02:00", // 29 March goes from 2:00 to 3:00
		"2026-10-24T12:00:00+02:00": "2026-10-25T02:30:00+02:00",
		"2026-10-25T02:30:00+02:00": "2026-10-25T02:30:00+01:00",
	} {
		at, err := time.Parse(time.RFC3339, from)
		if err != nil {
			t.Fatal(err)
		}
		if got := spec.Next(at).Format(time.RFC3339); got != want {
			t.Errorf("after %s it fires at %s, want %s", from, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"15 6 * * *", "@every 5m", "0 0 30 2 *", "*/0 * * * *", "TZ=", "@every 9999999999999h", "1-0 * * * *", "* * * * 7/"} {
		f.Add(seed)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai)
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := schedule.Parse(text, shanghai)
		if err != nil {
			return
		}
		if next := spec.Next(from); !next.After(from) || next.Sub(from) < time.Second && from.Nanosecond() == 0 {
			t.Errorf("%q fires at %s after %s", text, next, from)
		}
	})
}
