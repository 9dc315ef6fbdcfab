package exposition

import "github.com/govkpi/govkpi/internal/fact"

// standing writes how the regions stand. All of it is asked for at once, so that
// a report and a roll-up hardly ever come from two moments; where they do, the
// version has changed and the next scrape puts it right.
func (e *encoder) standing(i *fact.Indicator) {
	figures := e.site.Figures
	reports, rankings, rollups, discrepancies := figures.Reports(i), figures.Rankings(i), figures.Rollups(i), figures.Discrepancies(i)
	e.reports(i, reports)
	e.rankings(i, rankings)
	e.rollups(i, rollups)
	e.discrepancies(i, discrepancies)
}

// appendStanding appends the region's labels; ok is false where the region is
// none of those that stand out.
func (e *encoder) appendStanding(to []byte, i *fact.Indicator, code string) (labels []byte, ok bool) {
	region, ok := e.site.Regions.ByCode(code)
	if !ok {
		e.leaveOut("standing of %s in region %s, which is not in the register", i.ID, code)
		return to, false
	}
	if !i.StandsOut(region.Level) {
		return to, false
	}
	return e.labels.appendRegion(to, region), true
}

func (e *encoder) reports(i *fact.Indicator, all []fact.Report) {
	labels := e.labels.appendLabel(e.scratch[:0], labelIndicator, i.ID)
	prefix := len(labels)
	var ok bool
	for n := range all {
		r := &all[n]
		if labels, ok = e.appendStanding(labels[:prefix], i, r.Region); !ok {
			continue
		}
		if !r.Period.IsZero() { // else none is due yet
			e.report(labels, r)
		}
		if r.Held > 0 {
			e.sections[familyHeld].add(labels, float64(r.Held))
		}
	}
	e.scratch = labels
}

func (e *encoder) report(labels []byte, r *fact.Report) {
	e.sections[familyReported].add(labels, oneIf(r.Reported))
	e.sections[familyDue].add(labels, float64(r.Due.Unix()))
	late := &e.sections[familyOverdue]
	if !e.moves(r) {
		late.add(labels, 0)
		return
	}
	late.begin()
	e.overdue.add(late.name, labels, r.OwedDue)
}

// moves reports whether the region will be overdue before what is being encoded
// is encoded anew: all others stay at 0 for as long.
func (e *encoder) moves(r *fact.Report) bool {
	return !r.Owed.IsZero() && (e.until.IsZero() || r.OwedDue.Before(e.until))
}

func (e *encoder) rankings(i *fact.Indicator, all []fact.Ranking) {
	labels := e.labels.appendLabel(e.scratch[:0], labelIndicator, i.ID)
	prefix := len(labels)
	var ok bool
	for n := range all {
		r := &all[n]
		if labels, ok = e.appendStanding(labels[:prefix], i, r.Region); !ok {
			continue
		}
		labels = e.labels.appendLabel(labels, labelAmong, r.Scope.String())
		e.sections[familyRank].add(labels, float64(r.Rank))
		e.sections[familyPeers].add(labels, float64(r.Peers))
	}
	e.scratch = labels
}

func (e *encoder) rollups(i *fact.Indicator, all []fact.Rollup) {
	labels := e.scratch
	var ok bool
	for n := range all {
		r := &all[n]
		labels = e.labels.appendLabel(labels[:0], labelIndicator, i.ID)
		labels = e.labels.appendLabel(labels, labelPolicy, r.Policy.String())
		if labels, ok = e.appendStanding(labels, i, r.Region); ok {
			e.rollup(labels, r)
		}
	}
	e.scratch = labels
}

func (e *encoder) rollup(labels []byte, r *fact.Rollup) {
	e.addOptional(familyRollup, labels, r.Value)
	e.addOptional(familyRollupPrevious, labels, r.Previous)
	if !r.Period.IsZero() {
		e.sections[familyRollupPeriodEnd].add(labels, e.end.of(r.Period))
	}
	if r.Expected > 0 {
		e.sections[familyCoverage].add(labels, float64(covered(r))/float64(r.Expected))
	}
	e.sections[familyReporting].add(labels, float64(r.Reported))
	e.sections[familyExpected].add(labels, float64(r.Expected))
	switch r.Policy {
	case fact.CarryForward:
		e.sections[familyCarried].add(labels, float64(r.Carried))
	case fact.LikeForLike:
		e.sections[familyCompared].add(labels, float64(r.Compared))
	}
}

// covered counts the expected regions whose figure of the common period is in the
// roll-up. A carried one is of another period.
func covered(r *fact.Rollup) int {
	if r.Policy == fact.LikeForLike {
		return r.Compared
	}
	return r.Reported
}

func (e *encoder) discrepancies(i *fact.Indicator, all []fact.Discrepancy) {
	labels := e.scratch
	var ok bool
	for n := range all {
		d := &all[n]
		labels = e.labels.appendLabel(labels[:0], labelIndicator, i.ID)
		labels = e.labels.appendLabel(labels, labelOther, d.Other)
		if labels, ok = e.appendStanding(labels, i, d.Region); ok {
			e.sections[familyDiscrepancy].add(labels, d.Gap)
		}
	}
	e.scratch = labels
}
