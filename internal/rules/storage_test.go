package rules_test

import (
	"encoding/pem"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
)

// open opens a Prometheus TSDB, as the program's own is.
func open(t testing.TB, folder string) *tsdb.DB {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.RetentionDuration = (10 * 365 * 24 * time.Hour).Milliseconds()
	db, err := tsdb.Open(folder, nil, nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// series is a family's name and its labels in pairs.
type series []string

func (s series) labels() labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, s[0]}, s[1:]...)...)
}

// put writes one sample of each series.
func put(t testing.TB, db *tsdb.DB, at time.Time, samples map[string]float64, of map[string]series) {
	t.Helper()
	app := db.Appender(t.Context())
	for name, v := range samples {
		if _, err := app.Append(0, of[name].labels(), at.UnixMilli(), v); err != nil {
			t.Fatal(err)
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
}

// pemOf writes a certificate as files hold it.
func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
