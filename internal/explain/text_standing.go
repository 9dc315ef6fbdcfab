package explain

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

func (p *printer) standing(s *Standing) {
	p.section("Standing")
	if s.Previous != nil {
		p.say("  period before %s = %s", s.Previous.Period, p.number(s.Previous.Value))
	}
	if s.YearAgo != nil {
		p.say("  a year before %s = %s", s.YearAgo.Period, p.number(s.YearAgo.Value))
	}
	if s.Unchanged != nil && *s.Unchanged > 0 {
		p.line(p.count(*s.Unchanged, "  the same for 1 further period", "  the same for %d further periods"))
	}
	if s.Target != nil {
		said := p.phrase("  target %s", p.number(*s.Target))
		if s.Attainment != nil {
			said += p.phrase(", %s attained", percent(*s.Attainment))
		}
		p.line(said)
	}
	for i := range s.Ranks {
		p.rank(&s.Ranks[i])
	}
	if s.Report != nil {
		p.report(s.Report)
	}
}

func (p *printer) rank(r *Rank) {
	among := map[string]string{
		fact.AmongAll.String(): p.phrase("all of the level"), fact.AmongCity.String(): p.phrase("those of the city"), fact.AmongClass.String(): p.phrase("those of the class"),
	}
	measure, quartile := number(r.Measure), ""
	switch r.By {
	case fact.RankByValue.String():
		measure = p.number(r.Measure)
	case fact.RankByAttainment.String():
		measure = percent(r.Measure)
	case fact.RankPerVillage.String():
		measure = p.phrase("%s a village", measure)
	case fact.RankPerTenThousandPeople.String():
		measure = p.phrase("%s per 10,000 people", measure)
	}
	if r.Quartile > 0 {
		quartile = p.phrase(", quartile %d", r.Quartile)
	}
	p.say("  rank %d of %d among %s%s  (by %s of %s)", r.Rank, r.Peers, among[r.Scope], quartile, measure, r.Period)
}

func (p *printer) report(r *Report) {
	reported := p.phrase("not reported")
	if r.Reported {
		reported = p.phrase("reported")
	}
	p.say("  now due is %s, before %s: %s", r.Period, moment(r.Due), reported)
	switch {
	case r.OverdueSeconds > 0:
		p.say("  overdue since %s with %s: %s", moment(*r.OwedDue), r.Owed, p.workingDays(r.OverdueWorkingDays))
	case r.Owed != "":
		p.say("  %s is still to come, before %s", r.Owed, moment(*r.OwedDue))
	}
	if r.Held > 0 {
		p.line(p.count(r.Held, "  1 held figure of the region waits for a decision", "  %d held figures of the region wait for a decision"))
	}
}

// rollup writes a roll-up in one line: its value, and how much of it is covered.
func (p *printer) rollup(r *Rollup) {
	said := "  " + r.Period + " " + p.phrase("no value")
	if r.Value != nil {
		said = "  " + r.Period + " = " + p.number(*r.Value)
	}
	said += p.phrase("  %d of %d reported", r.Reported, r.Expected)
	if r.Policy == fact.LikeForLike.String() {
		said += p.phrase(", %d of %d in the value: they reported the period before too", r.Compared, r.Expected)
	}
	said += p.phrase(", policy %s", p.phrase(r.Policy))
	if r.CarryPeriods > 0 {
		said += p.count(r.CarryPeriods, " for at most 1 period", " for at most %d periods")
	}
	if r.Carried > 0 {
		said += p.phrase(", %d carried", r.Carried)
	}
	if r.Previous != nil {
		said += p.phrase(", before %s", p.number(*r.Previous))
	}
	if r.Common {
		said += p.phrase("  (the common period)")
	}
	p.line(said)
}

func (p *printer) partOf(part *PartOf) {
	p.section("Part of %s, %s", p.named(part.Region), p.phrase(part.Level))
	p.rollup(&part.Rollup)
	switch part.Part {
	case In, Carried:
		said := p.phrase("  in it")
		if part.Part == Carried {
			said = p.phrase("  carried into it")
		}
		if part.Figure != nil {
			said += p.phrase(" with %s of %s", p.number(*part.Figure), part.FigurePeriod)
		}
		p.line(said + p.share(part.Share))
	case Absent:
		p.say("  missing from it: the region has not reported %s", part.Period)
	case AbsentHeld:
		p.say("  missing from it: the region's figure is held")
	case NotComparable:
		p.say("  left out of it: the region has no figure of the period before to compare with")
	case Uncounted:
		p.say("  not in it: no report is expected of the region")
	}
}

func (p *printer) share(share *float64) string {
	if share == nil {
		return ""
	}
	return p.phrase(", a share of %s", percent(*share))
}

func (p *printer) whole(w *Whole) {
	p.section("Roll-up of %s, %s", p.named(w.Region), p.phrase(w.Level))
	p.rollup(&w.Rollup)
	p.regional(p.phrase("missing"), &w.Missing)
	p.regional(p.phrase("carried"), &w.CarriedOver)
	p.regional(p.phrase("not comparable"), &w.NotComparable)
	if len(w.Largest) > 0 {
		p.say("  largest parts")
	}
	for _, c := range w.Largest {
		p.line("    " + p.named(c.Region) + "  " + c.Period + " = " + p.number(c.Value) + p.share(c.Share))
	}
}

func (p *printer) regional(what string, r *Regional) {
	if len(r.Regions) == 0 {
		return
	}
	names := make([]string, len(r.Regions))
	for i, region := range r.Regions {
		names[i] = p.named(region)
	}
	and, more := ", ", ""
	if p.language == Chinese {
		and = "、"
	}
	if r.More > 0 {
		more = p.phrase(" and %d more", r.More)
	}
	p.line("  " + p.phrase("%s: %s", what, strings.Join(names, and)) + more)
}

func (p *printer) reconciliation(r *Reconciliation) {
	p.section("Published for %s", p.named(r.Region))
	precision := map[string]string{fact.Exact.String(): "", fact.AtLeast.String(): p.phrase("at least "), fact.Nearest.String(): p.phrase("about ")}[r.Precision]
	said := p.phrase("  %s published %s%s", r.Period, precision, p.number(r.Published))
	if r.Total != nil {
		said += p.phrase(", our total %s", p.number(*r.Total))
	}
	if r.Gap != nil {
		said += p.phrase(", gap %s", p.gap(*r.Gap))
	}
	p.line(said)
	if r.Citation != "" {
		p.line("  " + r.Citation)
	}
	p.line("  " + p.text(r.Explanation))
	p.regional(p.phrase("missing"), &r.Missing)
}

func (p *printer) discrepancy(d *Discrepancy) {
	p.section("Another source: %s", p.indicator(&d.Other))
	said := p.phrase("within what is tolerated")
	if d.Gap != 0 {
		said = p.phrase("gap %s", p.gap(d.Gap))
	}
	p.say("  %s = %s, the other says %s: %s, tolerance %s", d.Period, p.number(d.Value), p.number(d.OtherSays), said, percent(d.Tolerance))
}

func (p *printer) rejected(r *Rejected) {
	if len(r.Rejections) == 0 && !r.AtLeast {
		return
	}
	p.section("Rejections")
	for i := range r.Rejections {
		p.rejection(&r.Rejections[i])
	}
	switch {
	case r.AtLeast && r.More > 0:
		p.say("  … and at least %d more", r.More)
	case r.AtLeast:
		p.say("  … and perhaps older ones: not all were read")
	case r.More > 0:
		p.say("  … and %d more", r.More)
	}
}

func (p *printer) rejection(r *Rejection) {
	said := p.phrase("  %s  %s, run %d", moment(r.Recorded), r.Collector, r.Run)
	if r.Target != "" {
		said += p.phrase(", ") + r.Target
	}
	if r.Place != nil {
		said += p.phrase("  at %s", p.where(r.Place))
	}
	p.line(said)
	period := r.Period
	if period == lastEnded {
		period = p.phrase("last ended")
	}
	read := strings.Join(strings.Fields(r.Indicator+" "+r.Region+" "+period), " ")
	if r.Value != "" {
		read += " = " + r.Value
	}
	p.say("      %s  refused by %s", read, r.Stage)
	p.line("      " + p.text(r.Reason))
}
