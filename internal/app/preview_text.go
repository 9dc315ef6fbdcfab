package app

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// WriteText writes the preview for a person: of each delivery at most so many
// figures and rejections.
func (p *Preview) WriteText(w io.Writer, most int) error {
	t := &previewText{w: w, preview: p, most: most}
	t.say("Dry run of %s: %d rows read, %d readings would be accepted, %d of them new or changed, %d rejected. Nothing was stored.",
		p.Run.Collector, p.Run.Rows, p.Run.Accepted, p.Run.Changed, p.Run.Rejected)
	if held := p.held(); held > 0 {
		t.say("%d readings would be held until somebody releases or rejects them.", held)
	}
	slices.SortStableFunc(p.Deliveries, func(a, b PreviewedDelivery) int { return strings.Compare(a.Target, b.Target) })
	for i := range p.Deliveries {
		t.delivery(&p.Deliveries[i])
	}
	for _, target := range p.Targets {
		if target.Error != "" {
			t.say("%s failed: %s", target.Target, target.Error)
		}
	}
	return t.err
}

func (p *Preview) held() int {
	n := 0
	for i := range p.Deliveries {
		n += len(p.Deliveries[i].Held)
	}
	return n
}

type previewText struct {
	w       io.Writer
	preview *Preview
	most    int
	err     error // the first of writing
}

func (t *previewText) say(format string, args ...any) {
	if t.err == nil {
		_, t.err = io.WriteString(t.w, t.preview.redact(fmt.Sprintf(format, args...))+"\n")
	}
}

func (t *previewText) delivery(d *PreviewedDelivery) {
	indent := ""
	if d.Target != "" {
		fate := "would be taken"
		if len(d.Facts)+len(d.Regions) == 0 && len(d.Rejections) > 0 {
			fate = "nothing of it would be taken"
		}
		name := d.Target
		if target, _, _ := strings.Cut(d.Target, "/"); t.preview.Names[target] != "" {
			name += " (" + t.preview.Names[target] + ")"
		}
		t.say("%s: %d rows, %s", name, d.Rows, fate)
		indent = "  "
	}
	for i, f := range d.Verdict.Facts {
		if i == t.most {
			t.say("%s… and %d more figures", indent, len(d.Verdict.Facts)-t.most)
			break
		}
		dimensions := ""
		if f.Dimensions != "" {
			dimensions = "{" + string(f.Dimensions) + "}"
		}
		t.say("%s%s%s  %s (%s)  %s = %s%s", indent, f.Indicator, dimensions, t.preview.Names[f.Region], f.Region, f.Period,
			fact.NumberValue(f.Value), at(f.Place))
	}
	for i, r := range d.Verdict.Regions {
		if i == t.most {
			t.say("%s… and %d more regions", indent, len(d.Verdict.Regions)-t.most)
			break
		}
		t.say("%s%s %s %s in %s%s", indent, r.Level, r.Code, r.Name, r.Parent, at(r.Place))
	}
	for i := range d.Held {
		if i == t.most {
			t.say("%s… and %d more held", indent, len(d.Held)-t.most)
			break
		}
		h := &d.Held[i]
		t.say("%sheld by %s: %s  %s (%s)  %s = %s%s", indent, h.Stage, h.Indicator, t.preview.Names[h.Region], h.Region, h.Period, fact.NumberValue(h.Value), at(h.Place))
		t.say("%s    %s\n%s    %s", indent, h.Reason.ZH, indent, h.Reason.EN)
	}
	for i := range d.Rejections {
		if i == t.most {
			t.say("%s… and %d more rejections", indent, len(d.Rejections)-t.most)
			break
		}
		t.rejection(indent, &d.Rejections[i])
	}
}

// at says where something stood; nothing where that is unknown.
func at(p fact.Place) string {
	if p == (fact.Place{}) {
		return ""
	}
	return "  (" + p.String() + ")"
}

func (t *previewText) rejection(indent string, r *fact.Rejection) {
	t.say("%srejected by %s: %s%s", indent, r.Stage, RejectedReading(r.Reading), at(r.Reading.Place))
	t.say("%s    %s\n%s    %s", indent, r.Reason.ZH, indent, r.Reason.EN)
}

// RejectedReading writes in one line what was read.
func RejectedReading(r fact.Reading) string {
	period := r.Period
	switch {
	case r.LastEnded:
		period = "last ended"
	case r.Date != "":
		period = r.Date
	}
	var words []string
	for _, word := range []string{r.Indicator, r.Region, period} {
		if word != "" {
			words = append(words, word)
		}
	}
	if !r.Value.IsAbsent() {
		words = append(words, "= "+r.Value.String())
	}
	return strings.Join(words, " ")
}
