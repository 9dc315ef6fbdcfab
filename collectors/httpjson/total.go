package httpjson

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// isTotal reports whether what stands where other rows have a region says that
// the row is the source's own total. totals are as bareLabel has them.
func isTotal(totals []string, region string) bool {
	return slices.Contains(totals, region) || slices.Contains(totals, bareLabel(region))
}

// bareLabel takes the blanks out of a label, which are there to align it, and
// the colon off its end.
func bareLabel(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(s, ":：")
}

// totalPlan is where a page has the source's own sums, beside its rows.
type totalPlan struct {
	period, date int // among the envelope's fields, or absent
	lastEnded    bool
	figures      []figure // whose index is among the envelope's fields
}

// totalBlock is the key total.
type totalBlock struct {
	Period  string            `yaml:"period,omitempty"`
	Date    string            `yaml:"date,omitempty"`
	Figures map[string]string `yaml:"figures,omitempty"`
}

func (v *envelope) readTotal(f *collectors.Faults, block *totalBlock, layout *collectors.Layout, rules collectors.LayoutRules) {
	if block == nil {
		return
	}
	if layout.Register != nil {
		f.Add("total", "total is given beside register: a register has nothing to add up")
		return
	}
	v.total = totalPlan{lastEnded: layout.LastEnded}
	v.total.period = v.read(f, "total.period", block.Period)
	v.total.date = v.read(f, "total.date", block.Date)
	switch {
	case layout.LastEnded && (block.Period != "" || block.Date != ""):
		f.Add("total.period", "total has a period of its own beside period: last_ended: leave it out")
	case !layout.LastEnded && (block.Period == "") == (block.Date == ""):
		f.Add("total.period", "total needs one of total.period and total.date: say where the page names the period of its totals")
	}
	if len(block.Figures) == 0 {
		f.Add("total.figures", "total.figures is missing: name where the totals are, and the indicator of each")
	}
	for _, written := range slices.Sorted(maps.Keys(block.Figures)) {
		key := "total.figures." + written
		indicator := block.Figures[written]
		if indicator == "" {
			f.Add(key, "total.figures: %q has no indicator", written)
		} else {
			rules.CheckIndicator(f, key, indicator)
		}
		v.total.figures = append(v.total.figures, figure{v.read(f, key, written), indicator})
	}
}

// totals collects the totals of a pull's pages. Pages may repeat them, or give
// them on one page only.
type totals struct {
	zone    *time.Location
	written []totalsOfPage // of the first page that has any
}

// totalsOfPage is what a page said, in the plan's order; nil is nothing.
type totalsOfPage struct {
	part     string
	key      []byte
	readings []fact.Reading
}

// take reads the totals of a page. Two pages that say different things make no
// total: the source changed while it was read, or adds up each page.
func (t *totals) take(p *page, part string) error {
	plan := &p.total
	if len(plan.figures) == 0 {
		return nil
	}
	var texts collectors.Arena
	found := totalsOfPage{part: part}
	reading := fact.Reading{Total: true, LastEnded: plan.lastEnded, Place: fact.Place{Part: part}}
	if v := p.field(plan.period); plan.period != absent && !plan.lastEnded {
		if err := v.word(); err != nil {
			return fmt.Errorf("total.period: %w", err)
		}
		reading.Period = string(v.text)
	}
	if v := p.field(plan.date); plan.date != absent && !plan.lastEnded {
		if err := v.word(); err != nil {
			return fmt.Errorf("total.date: %w", err)
		}
		reading.Date = collectors.CivilDate(string(v.text), t.zone)
	}
	for _, figure := range plan.figures {
		v := p.values[figure.index]
		if v.absent() {
			continue
		}
		var err error
		if reading.Value, err = v.figure(&texts); err != nil {
			return fmt.Errorf("total.figures, %s: %w", p.fields[figure.index].written, err)
		}
		reading.Indicator, reading.Place.Field = figure.indicator, p.fields[figure.index].written
		found.readings = append(found.readings, reading)
		found.key = appendText(appendText(appendText(found.key, []byte(reading.Indicator)), []byte(reading.Period+reading.Date)), v.text)
	}
	if len(found.readings) == 0 {
		return nil
	}
	if len(t.written) > 0 && !bytes.Equal(t.written[0].key, found.key) {
		return fmt.Errorf("total.figures: %s gives other totals than %s: the source changed while it was read, or adds up each page; leave total out then", part, t.written[0].part)
	}
	if len(t.written) == 0 {
		t.written = append(t.written, found)
	}
	return nil
}

// readings returns the totals of the pull.
func (t *totals) readings(p *envelope) ([]fact.Reading, error) {
	if len(t.written) > 0 {
		return t.written[0].readings, nil
	}
	if len(p.total.figures) > 0 {
		return nil, fmt.Errorf("no page has a total where total.figures says, such as %s: correct it, or leave total out", p.fields[p.total.figures[0].index].written)
	}
	return nil, nil
}
