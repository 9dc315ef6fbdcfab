package ledgertest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/ledger"
)

func configurationTests() tests {
	return tests{
		"a configuration keeps its files":                    configurationRoundTrip,
		"the configuration in force at a time":               inForce,
		"a configuration that names an earlier time follows": earlierConfiguration,
		"an empty ledger has no configuration": func(t *testing.T, h *harness) {
			if _, err := h.ConfigurationAt(t.Context(), h.clock.Now()); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("ConfigurationAt: %v; want ErrNotFound", err)
			}
			list, err := h.Configurations(t.Context())
			if err != nil || len(list) > 0 {
				t.Errorf("Configurations: %v, %v; want none", list, err)
			}
		},
	}
}

func (h *harness) accept(t *testing.T, c ledger.Configuration) bool {
	t.Helper()
	changed, err := h.Accept(t.Context(), c)
	if err != nil {
		t.Fatalf("Accept: %v", err)
	}
	return changed
}

func (h *harness) configurationAt(t *testing.T, at time.Time) ledger.Configuration {
	t.Helper()
	c, err := h.ConfigurationAt(t.Context(), at)
	if err != nil {
		t.Fatalf("ConfigurationAt(%v): %v", at, err)
	}
	return c
}

func configurationRoundTrip(t *testing.T, h *harness) {
	c := ledger.Configuration{
		Digest: strings.Repeat("ab", 32), Accepted: h.clock.Now(),
		Files: []ledger.ConfigurationFile{ // the order is the loader's: the root file first
			{Name: "jiangxi.yaml", Content: []byte("site: 江西省\n")},
			{Name: "catalogue/a.yaml", Content: []byte(strings.Repeat("indicator\n", 10_000))},
			{Name: "empty.yaml", Content: []byte{}},
			{Name: "copy.yaml", Content: []byte("site: 江西省\n")},
			{Name: "binary", Content: []byte{0, 255, 1, 254}},
		},
	}
	if !h.accept(t, c) {
		t.Error("the first configuration changed nothing")
	}
	h.reopen()
	same(t, "the configuration", h.configurationAt(t, h.clock.Now()), c)
	list, err := h.Configurations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.Files = nil
	same(t, "the list, which has no files", list, []ledger.Configuration{c})
}

// inForce accepts A, A again, B, and A once more.
func inForce(t *testing.T, h *harness) {
	begun := h.clock.Now()
	files := func(s string) []ledger.ConfigurationFile {
		return []ledger.ConfigurationFile{{Name: "root.yaml", Content: []byte(s)}}
	}
	for i, step := range []struct {
		digest  string
		changed bool
	}{{"a", true}, {"a", false}, {"b", true}, {"a", true}, {"a", false}} {
		at := begun.Add(time.Duration(i) * time.Hour)
		if changed := h.accept(t, ledger.Configuration{Digest: step.digest, Accepted: at, Files: files(step.digest)}); changed != step.changed {
			t.Errorf("step %d (%s): changed is %t", i, step.digest, changed)
		}
	}
	if _, err := h.ConfigurationAt(t.Context(), begun.Add(-time.Millisecond)); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("before the first: %v; want ErrNotFound", err)
	}
	for after, want := range map[time.Duration]string{
		0: "a", time.Hour: "a", 2*time.Hour - time.Millisecond: "a", 2 * time.Hour: "b", 3*time.Hour - 1: "b", 3 * time.Hour: "a", 99 * time.Hour: "a",
	} {
		c := h.configurationAt(t, begun.Add(after))
		if c.Digest != want || string(c.Files[0].Content) != want {
			t.Errorf("after %v the configuration %s with the files %s is in force; want %s", after, c.Digest, c.Files, want)
		}
	}
	list, err := h.Configurations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the list", list, []ledger.Configuration{
		{Digest: "a", Accepted: begun.Add(3 * time.Hour)}, {Digest: "b", Accepted: begun.Add(2 * time.Hour)}, {Digest: "a", Accepted: begun}})
}

func earlierConfiguration(t *testing.T, h *harness) {
	h.accept(t, ledger.Configuration{Digest: "a", Accepted: h.clock.Now()})
	h.accept(t, ledger.Configuration{Digest: "b", Accepted: h.clock.Now().Add(-time.Hour)})
	same(t, "in force", h.configurationAt(t, h.clock.Now()), ledger.Configuration{Digest: "b", Accepted: h.clock.Now()})
	if _, err := h.ConfigurationAt(t.Context(), h.clock.Now().Add(-time.Minute)); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("before the first: %v; want ErrNotFound", err)
	}
}
