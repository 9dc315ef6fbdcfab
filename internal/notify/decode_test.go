package notify_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/notify"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// yujiang is the alert that all three forms in testdata hold.
func yujiang() notify.Alert {
	return notify.Alert{
		Name: "ReportOverdue", ZH: "余江区老年助餐点逾期未报", EN: "Yujiang is late", Value: "12个", Target: "20个", Gap: "8个", Rank: "第 93/100",
		Labels: map[string]string{"severity": "warning", "level": "county", "code": "360603", "city": "鹰潭市", "county": "余江区", "indicator": "elder_meal_sites", "theme": "livelihood"},
		Due:    time.Date(2026, 1, 10, 16, 0, 0, 0, time.UTC), Since: time.Date(2026, 1, 11, 0, 30, 0, 0, time.UTC),
	}
}

func TestDecodeWebhook(t *testing.T) {
	got, truncated, err := notify.DecodeWebhook(file(t, "webhook.json"))
	if err != nil || truncated != 3 {
		t.Fatalf("truncated %d, %v", truncated, err)
	}
	resolved := notify.Alert{
		Name: "SourceDown", Labels: map[string]string{"severity": "critical", "source": "civil-affairs"},
		Since: time.Date(2026, 1, 14, 0, 0, 0, 0, time.UTC), Resolved: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff([]notify.Alert{yujiang(), resolved}, got); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

// The three forms say the same; of an API's answers what is suppressed or
// pending is left out.
func TestDecodeAny(t *testing.T) {
	until := yujiang()
	until.Resolved = time.Date(2026, 1, 15, 0, 34, 0, 0, time.UTC)
	for name, want := range map[string]notify.Alert{"alertmanager.json": until, "prometheus.json": yujiang()} {
		got, err := notify.DecodeAny(file(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]notify.Alert{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, err := notify.DecodeAny(file(t, "webhook.json")); err != nil || len(got) != 2 {
		t.Errorf("webhook: %d alerts, %v", len(got), err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const good = `{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A"},"startsAt":"2026-01-15T00:00:00Z"}]}`
	if _, _, err := notify.DecodeWebhook([]byte(good)); err != nil {
		t.Fatal(err)
	}
	replaced := func(old, text string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("there is no %s", old)
		}
		return strings.Replace(good, old, text, 1)
	}
	tests := map[string]struct{ body, want string }{
		"nothing":            {"", "can't be read as JSON"},
		"no mapping":         {"[]", "can't be read as JSON"},
		"another version":    {replaced(`"4"`, `"3"`), `version is "3", not 4`},
		"no version":         {`{"alerts":[]}`, "version is"},
		"no alerts":          {`{"version":"4"}`, "it has no alerts"},
		"null":               {"null", "version"},
		"two values":         {good + "{}", "something stands behind the JSON"},
		"not UTF-8":          {replaced("\"A\"", "\"\xff\""), "not UTF-8"},
		"status":             {replaced(`"firing"`, `"burning"`), "alert 1 of 1: its status is neither firing nor resolved"},
		"no status":          {replaced(`"status":"firing",`, ``), "its status is neither"},
		"no name":            {replaced(`"alertname"`, `"name"`), "no label alertname"},
		"no start":           {replaced(`,"startsAt":"2026-01-15T00:00:00Z"`, ``), "since when"},
		"zero start":         {replaced(`2026-01-15T00:00:00Z`, `0001-01-01T00:00:00Z`), "since when"},
		"bad time":           {replaced(`2026-01-15T00:00:00Z`, `yesterday`), "can't be read as JSON"},
		"resolved, no end":   {replaced(`"firing"`, `"resolved"`), "has no endsAt"},
		"label of no text":   {replaced(`"A"`, `7`), "can't be read as JSON"},
		"label without end":  {replaced(`"A"`, `"`+strings.Repeat("x", 5000)+`"`), "longer than 4096 bytes"},
		"labels without end": {replaced(`"alertname":"A"`, `"alertname":"A"`+manyLabels()), "more than 64 labels"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, err := notify.DecodeWebhook([]byte(test.body)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
	for body, want := range map[string]string{`{"status":"error","error":"no"}`: `it is an error: "no"`, `{}`: "expected a webhook", `[{"labels":{}}]`: "alert 1 of 1"} {
		if _, err := notify.DecodeAny([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", body, err, want)
		}
	}
}

func manyLabels() string {
	var b strings.Builder
	for i := range 70 {
		b.WriteString(`,"l` + strings.Repeat("l", i) + `":"x"`)
	}
	return b.String()
}

// Whatever comes in, it is refused or makes alerts that a digest can tell of.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"webhook.json", "alertmanager.json", "prometheus.json"} {
		f.Add(file(f, name))
	}
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, content []byte) {
		webhook, _, err := notify.DecodeWebhook(content)
		if err != nil && webhook != nil {
			t.Error("a refused webhook came with alerts")
		}
		either, err := notify.DecodeAny(content)
		if err != nil && either != nil {
			t.Error("refused alerts came all the same")
		}
		for _, a := range append(webhook, either...) {
			if a.Name == "" || a.Since.IsZero() || a.Labels["alertname"] != "" {
				t.Errorf("an incomplete alert: %+v", a)
			}
		}
	})
}
