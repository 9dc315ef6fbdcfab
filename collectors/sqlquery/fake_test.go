package sqlquery_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/sqlquery"
	"github.com/govkpi/govkpi/internal/fact"
)

// block is a block of configuration, as far as a kind sees of it.
type block struct {
	text    string
	node    yaml.Node
	secrets map[string]string
}

func newBlock(t testing.TB, text string, secrets map[string]string) *block {
	t.Helper()
	b := &block{text: text, secrets: secrets}
	if err := yaml.Unmarshal([]byte(text), &b.node); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *block) Decode(into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(b.text)))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}

// Errorf finds the key that the path names, or the nearest above it.
func (b *block) Errorf(path, format string, args ...any) error {
	at := &b.node
	if len(at.Content) > 0 {
		at = at.Content[0]
	}
	for key := range strings.SplitSeq(path, ".") {
		for i := 0; i+1 < len(at.Content); i += 2 {
			if at.Content[i].Value == key {
				at = at.Content[i+1]
				break
			}
		}
	}
	return fmt.Errorf("%d:%d: %w", at.Line, at.Column, fmt.Errorf(format, args...))
}

func (b *block) Secret(path string) (string, error) { return b.secrets[path], nil }

// newCollector makes a collector for the URL.
func newCollector(t testing.TB, url, timeout, options string) (collectors.Collector, error) {
	t.Helper()
	source := newBlock(t, "url: ${URL}\nstatement_timeout: "+timeout+"\n", map[string]string{"url": url})
	return sqlquery.Kind().New(source, newBlock(t, options, nil))
}

// now is the time of every run.
func now(t testing.TB) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 1, 10, 6, 0, 0, 0, zone)
}

// collect runs a collector and writes its readings one a line.
func collect(ctx context.Context, collector collectors.Collector, request collectors.Request) ([]string, collectors.Summary, error) {
	var lines []string
	summary, err := collector.Collect(ctx, request, func(r fact.Reading) error {
		lines = append(lines, line(r))
		return nil
	})
	return lines, summary, err
}

// line writes a reading in one line: indicator, region, what it lies within,
// period, value, dimensions, place. Values that came as text are quoted, a
// missing one is a dash.
func line(r fact.Reading) string {
	value := r.Value.String()
	if _, isNumber := r.Value.Number(); r.Value.IsAbsent() {
		value = "-"
	} else if !isNumber {
		value = `"` + value + `"`
	}
	period := r.Period
	if r.Date != "" {
		period += "day " + r.Date
	}
	if r.LastEnded {
		period += "last ended"
	}
	parts := []string{r.Indicator, strings.Join(append([]string{r.Region}, r.Within...), " < "), period, value}
	if r.Dimensions != "" {
		parts = append(parts, string(r.Dimensions))
	}
	return strings.Join(append(parts, r.Place.String()), " | ")
}
