package standing

import "github.com/govkpi/govkpi/internal/fact"

// reports says how every expected region stands with the period now due: the
// newest that has ended, once periods are expected at all.
func (v *view) reports() []fact.Report {
	if !v.expects(v.last) {
		return nil
	}
	due := v.due(v.last)
	reports := make([]fact.Report, 0, len(v.roster.regions))
	for i := range v.members {
		m := &v.members[i]
		if !m.expected {
			continue
		}
		r := fact.Report{
			Region: m.region.Code, Period: v.last, Due: due.at, Reported: m.hasSpoken(v.last),
			WeekendsOnly: due.weekendsOnly, Held: m.waiting,
		}
		if owed := v.owed(m); !owed.IsZero() {
			since := v.due(owed)
			r.Owed, r.OwedDue = owed, since.at
			r.WeekendsOnly = r.WeekendsOnly || since.weekendsOnly
		}
		reports = append(reports, r)
	}
	return reports
}

// owed returns the oldest period that is missing since the newest that the
// region spoke of, or since the first expected one; zero where none is.
func (v *view) owed(m *member) fact.Period {
	owed := v.first
	if n := len(m.spoke); n > 0 {
		if next := m.spoke[n-1].Next(); next.Compare(owed) > 0 {
			owed = next
		}
	}
	if !v.expects(owed) {
		return fact.Period{}
	}
	return owed
}
