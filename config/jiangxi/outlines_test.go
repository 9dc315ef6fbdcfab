package jiangxi_test

import (
	"encoding/json"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

// A county without an outline would be missing from every map.
func TestEveryCountyHasAnOutline(t *testing.T) {
	c := shipped(t, "govkpi.yaml")
	if c.Outlines == nil {
		t.Fatal("there are no outlines")
	}
	var collection struct {
		Features []struct {
			ID string `json:"id"`
		} `json:"features"`
	}
	if err := json.Unmarshal(c.Outlines.Content, &collection); err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for _, f := range collection.Features {
		drawn[f.ID] = true
	}
	counties := 0
	for _, r := range c.Regions {
		if r.Level != fact.County {
			continue
		}
		counties++
		if !drawn[r.Code] {
			t.Errorf("%s %s has no outline", r.Code, r.Name)
		}
	}
	if counties != len(drawn) {
		t.Errorf("%d outlines for %d counties", len(drawn), counties)
	}
	if o := c.Outlines; o.Name != "counties.geojson" || o.West < 113 || o.East > 119 || o.South < 24 || o.North > 31 || o.West >= o.East || o.South >= o.North {
		t.Errorf("%s lies within %v to %v east, %v to %v north", o.Name, o.West, o.East, o.South, o.North)
	}
}

// What was made up says so; the production site has nothing that was.
func TestMilestones(t *testing.T) {
	if all := shipped(t, "govkpi.yaml").Milestones; len(all) == 0 || all[0].Synthetic {
		t.Errorf("the production site has the milestones %v", all)
	}
	synthetic := 0
	for _, m := range shipped(t, "demo.yaml").Milestones {
		if m.Synthetic {
			synthetic++
		}
	}
	if synthetic == 0 {
		t.Error("the demo has no milestones of its own")
	}
}
