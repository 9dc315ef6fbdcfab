package quality_test

import (
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

func TestClosedIntakeTakesNothing(t *testing.T) {
	intake := newGate(newRegister(), &ledger{}).Open(quality.Terms{})
	if _, err := intake.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := intake.Add(reading()); err == nil {
		t.Error("Add after Close took a reading")
	}
	if err := intake.AddRegion(fact.RegionEntry{Code: "360603101"}); err == nil {
		t.Error("AddRegion after Close took an entry")
	}
	if _, err := intake.Close(t.Context()); err == nil {
		t.Error("Close after Close returned a delivery")
	}
}

func TestIntakesOfOneGateAreSeparate(t *testing.T) {
	t.Parallel()
	gate := newGate(newRegister(), &ledger{})
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			intake := gate.Open(quality.Terms{})
			r := reading(func(r *fact.Reading) { r.Indicator, r.Period, r.Dimensions = "volunteers", "2025", "age=old,sex=male" })
			for range 2 {
				if err := intake.Add(r); err != nil {
					t.Fatal(err)
				}
			}
			verdict, err := intake.Close(t.Context())
			if err != nil || len(verdict.Facts) != 1 || len(verdict.Rejections) != 1 {
				t.Errorf("got %d facts, %d rejections, error %v; want 1, 1 and none", len(verdict.Facts), len(verdict.Rejections), err)
			}
		})
	}
}
