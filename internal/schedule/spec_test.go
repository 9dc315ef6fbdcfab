package schedule_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests need zones with clock changes on any machine

	"github.com/govkpi/govkpi/internal/schedule"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func parse(t testing.TB, spec string, z *time.Location) schedule.Spec {
	t.Helper()
	s, err := schedule.Parse(spec, z)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestNext(t *testing.T) {
	const from = "2026-03-04T05:06:07.008+08:00" // a Wednesday
	tests := map[string]string{
		"15 6 * * *":          "2026-03-04T06:15:00+08:00",
		" 15  6 * * *\t":      "2026-03-04T06:15:00+08:00",
		"6 5 * * *":           "2026-03-05T05:06:00+08:00",
		"*/10 * * * *":        "2026-03-04T05:10:00+08:00",
		"0 8 5,20 * ?":        "2026-03-05T08:00:00+08:00",
		"0 8 * * mon-fri":     "2026-03-04T08:00:00+08:00",
		"0 8 1 */3 *":         "2026-04-01T08:00:00+08:00",
		"0 0 29 2 *":          "2028-02-29T00:00:00+08:00",
		"@hourly":             "2026-03-04T06:00:00+08:00",
		"@daily":              "2026-03-05T00:00:00+08:00",
		"@weekly":             "2026-03-08T00:00:00+08:00",
		"@monthly":            "2026-04-01T00:00:00+08:00",
		"@yearly":             "2027-01-01T00:00:00+08:00",
		"@every 90s":          "2026-03-04T05:07:37+08:00",
		"@every 1h30m":        "2026-03-04T06:36:07+08:00",
		"@every 10000h":       "2027-04-24T21:06:07+08:00",
		"59 23 31 12 *":       "2026-12-31T23:59:00+08:00",
		"0 0 29 feb mon":      "2027-02-01T00:00:00+08:00", // either of two days, as in every cron
		"0-59/30 0-23 * *  *": "2026-03-04T05:30:00+08:00",
	}
	for spec, want := range tests {
		t.Run(spec, func(t *testing.T) {
			s := parse(t, spec, zone(t, "Asia/Shanghai"))
			if got := s.Next(at(t, from)).Format(time.RFC3339); got != want {
				t.Errorf("after %s it fires at %s, want %s", from, got, want)
			}
			if s.String() != strings.TrimSpace(spec) {
				t.Errorf("reads %q", s)
			}
		})
	}
	if next := (schedule.Spec{}).Next(at(t, from)); !next.IsZero() {
		t.Errorf("the zero Spec fires at %s", next)
	}
	leap := parse(t, "0 0 29 2 *", time.UTC)
	if got := leap.Next(at(t, "2097-01-01T00:00:00Z")).Year(); got != 2104 {
		t.Errorf("the leap day after 2096 is in %d, want 2104", got)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]string{
		"":                          `schedule "": it is empty`,
		" \t":                       "it is empty",
		"TZ=UTC 0 6 * * *":          "it names a zone; all schedules are in the site's zone",
		"TZ=UTC":                    "it names a zone",
		"CRON_TZ=Asia/Tokyo @daily": "it names a zone",
		"0 0 6 * * *":               "it has 6 fields; expected five",
		"6 * * *":                   "it has 4 fields",
		"60 6 * * *":                "end of range (60) above maximum (59)",
		"0 6 * * 7":                 "above maximum (6)",
		"0 6 * * someday":           "someday",
		"0 6 1,,2 * *":              `"1,,2" has an empty place between commas`,
		", * * * *":                 "an empty place",
		"*-5 * * * *":               `"*-5": after * only a step`,
		"*/0 * * * *":               "step of range should be a positive number",
		"0 0 30 2 *":                `schedule "0 0 30 2 *" never fires`,
		"0 0 31 4,6,9,11 *":         "never fires",
		"@never":                    "@never",
		"@Daily":                    "@Daily",
		"@every":                    "such as 90s, 5m or 1h30m",
		"@every5m":                  "such as 90s",
		"@every day":                "such as 90s",
		"@every  5m":                "such as 90s",
		"@every 0s":                 "a second or longer",
		"@every 999ms":              "a second or longer",
		"@every -5m":                "a second or longer",
		"@every 1500ms":             "whole seconds",
		"@every 100000h":            "not within five years",
	}
	for spec, want := range tests {
		t.Run(spec, func(t *testing.T) {
			s, err := schedule.Parse(spec, time.UTC)
			if err == nil || !strings.Contains(err.Error(), want) || !s.IsZero() {
				t.Errorf("got %q, error %v, want %q in it", s, err, want)
			}
		})
	}
	if _, err := schedule.Parse("@daily", nil); err == nil {
		t.Error("a schedule without a zone was taken")
	}
}

// TestClockChanges goes through the days on which a zone's clock is changed.
func TestClockChanges(t *testing.T) {
	tests := map[string]struct {
		spec, zone, from string
		want             []string
	}{
		"a time that is left out comes at the change": {
			"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		},
		"several that are left out come as one": {
			"0,20,40 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"},
		},
		"a time that comes twice counts once": {
			"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		},
		"also asked for in between": {
			"30 2 * * *", "Europe/Berlin", "2026-10-25T02:10:00+01:00",
			[]string{"2026-10-26T02:30:00+01:00"},
		},
		"the time of the change itself, forwards": {
			"0 3 * * *", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T03:00:00+02:00"},
		},
		"the time of the change itself, backwards": {
			"0 3 * * *", "Europe/Berlin", "2026-10-25T00:00:00+02:00",
			[]string{"2026-10-25T03:00:00+01:00", "2026-10-26T03:00:00+01:00"},
		},
		"every half hour goes by the hours that pass, forwards": {
			"*/30 * * * *", "Europe/Berlin", "2026-03-29T01:10:00+01:00",
			[]string{"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"},
		},
		"every half hour goes by the hours that pass, backwards": {
			"*/30 * * * *", "Europe/Berlin", "2026-10-25T02:20:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"},
		},
		"hourly": {
			"@hourly", "America/New_York", "2026-11-01T00:30:00-04:00",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"},
		},
		"a midnight that is left out": {
			"@daily", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00",
			[]string{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
		},
		"an interval knows no clock": {
			"@every 12h", "Europe/Berlin", "2026-03-28T20:00:00+01:00",
			[]string{"2026-03-29T09:00:00+02:00"},
		},
		"long after the zone's table has ended": {
			"0 0 29 2 *", "Europe/Berlin", "2040-02-29T00:00:00+01:00",
			[]string{"2044-02-29T00:00:00+01:00", "2048-02-29T00:00:00+01:00"},
		},
		"a day before and a day after": {
			"0 6 28,30 3 *", "Europe/Berlin", "2026-03-28T06:00:00+01:00",
			[]string{"2026-03-30T06:00:00+02:00", "2027-03-28T06:00:00+02:00"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := parse(t, test.spec, zone(t, test.zone))
			from := at(t, test.from)
			for _, want := range test.want {
				next := s.Next(from)
				if got := next.Format(time.RFC3339); got != want {
					t.Fatalf("after %s it fires at %s, want %s", from, got, want)
				}
				from = next
			}
		})
	}
}

// FuzzParse reads anything: it is refused, or it fires later than asked, again
// and again, within its zone.
func FuzzParse(f *testing.F) {
	for _, spec := range []string{
		"15 6 * * *", "*/5 1-3 1,15 jan-mar mon", "@daily", "@every 90s", "@every 1.5s", "TZ=", "CRON_TZ=x", "0 0 30 2 *", "0 0 29 2 *",
		"0/99999999999 * * * *", ", , , , ,", "? ? ? ? ?", "@", "\x00", "@every 9999999h",
	} {
		f.Add(spec, int64(1774746000))
	}
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := schedule.Parse(text, berlin)
		if err != nil {
			if !s.IsZero() {
				t.Fatalf("%q: both a schedule and the error %v", text, err)
			}
			return
		}
		const century = 100 * 365 * 24 * 3600
		from := time.Unix((unix%century+century)%century, 0)
		for range 5 {
			next := s.Next(from)
			if !next.After(from) {
				t.Fatalf("%q: after %s it fires at %s", text, from, next)
			}
			from = next
		}
	})
}
