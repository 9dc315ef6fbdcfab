package explain

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

func (p *printer) revision(r *Revision) {
	own := slices.IndexFunc(r.Decisions, func(d Decision) bool { return d.Run == r.Run })
	deed := Decision{Action: r.Collector, Recorded: r.Recorded, By: r.By, Reason: r.Reason, Run: r.Run}
	said := p.phrase("  revision %d = %s  recorded %s", r.Revision, p.number(r.Value), moment(r.Recorded))
	people := r.Origin == fact.Decided.String() || r.Origin == fact.Imported.String()
	if !people {
		from := r.Collector
		if r.Target != "" {
			from += p.phrase(", ") + r.Target
		}
		said += p.phrase("  by %s, run %d of %s", p.phrase(r.Origin), r.Run, from)
	}
	p.line(said)
	p.place(r.Place)
	switch {
	case r.By == "" || own >= 0: // the decision says it too
	case people:
		p.decision(&deed, &deed)
	default:
		p.say("      asked for by %s: %s", r.By, r.Reason)
	}
	if r.QueryDigest != "" {
		p.say("      query %s", r.QueryDigest)
	}
	if r.InputDigest != "" {
		p.say("      input %s", r.InputDigest)
	}
	for i := range r.Decisions {
		p.decision(&r.Decisions[i], &deed)
	}
}

// decision writes what somebody decided, with the time where it is not that of
// the revision that it stands with.
func (p *printer) decision(d, with *Decision) {
	did := map[string]string{
		string(fact.Confirm): p.phrase("confirmed by"), string(fact.Release): p.phrase("released by"), string(fact.Reject): p.phrase("rejected by"),
		string(fact.Correct): p.phrase("corrected by"), fact.Imported.String(): p.phrase("imported by"),
	}[d.Action]
	when, overruled := "", ""
	if with == nil || !d.Recorded.Equal(with.Recorded) {
		when = p.phrase(" at %s", moment(d.Recorded))
	}
	if d.Overruled != nil && d.Action == string(fact.Correct) {
		overruled = p.phrase(", in the place of %s", p.number(*d.Overruled))
	}
	p.say("      %s %s%s%s: %s (run %d)", did, d.By, when, overruled, d.Reason, d.Run)
}

func (p *printer) held(h *Held) {
	said := p.phrase("  held %d = %s  recorded %s  by stage %s, run %d", h.ID, p.number(h.Value), moment(h.Recorded), h.Stage, h.Run)
	switch {
	case h.Waits:
		said += p.phrase(": waits for a decision")
	case h.Decision == nil:
		said += p.phrase(": %s %s", p.phrase(h.Closing), moment(*h.Closed))
	}
	p.line(said)
	p.place(h.Place)
	p.line("      " + p.text(h.Why))
	if h.Decision != nil {
		p.decision(h.Decision, nil)
	}
}

func (p *printer) place(place *Place) {
	if place != nil {
		p.say("      at %s", p.where(place))
	}
}

func (p *printer) where(place *Place) string {
	var words []string
	if sheet, ok := strings.CutPrefix(place.Part, "sheet "); ok {
		words = append(words, p.phrase("sheet %s", sheet))
	} else if place.Part != "" {
		words = append(words, place.Part)
	}
	if place.Row > 0 {
		words = append(words, p.phrase("row %d", place.Row))
	}
	if place.Field != "" {
		words = append(words, p.phrase("column %s", place.Field))
	}
	return strings.Join(words, p.phrase(", "))
}
