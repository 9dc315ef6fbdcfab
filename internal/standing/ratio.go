package standing

// quotients makes the members of a ratio of those of its parts: it says of a
// period what both of them do.
func quotients(r *roster, numerators, denominators []member) []member {
	var members []member
	for i := range numerators {
		n := &numerators[i]
		d, ok := memberOf(denominators, n.region.Code)
		if !ok || !r.indicator.HasLevel(n.region.Level) {
			continue
		}
		members = append(members, divide(n, d, r.expects(n.region)))
	}
	return members
}

func divide(n, d *member, expected bool) member {
	m := member{region: n.region, expected: expected}
	for i := range n.lines {
		for j := range d.lines {
			if n.lines[i].dimensions == d.lines[j].dimensions {
				m.lines = append(m.lines, line{dimensions: n.lines[i].dimensions, points: pairs(n.lines[i].points, d.lines[j].points)})
			}
		}
	}
	for _, p := range n.spoke {
		if d.hasSpoken(p) {
			m.spoke = append(m.spoke, p)
		}
	}
	return m
}

// pairs returns the points of the periods that both series have.
func pairs(n, d []point) []point {
	var both []point
	for len(n) > 0 && len(d) > 0 {
		switch c := n[0].period.Compare(d[0].period); {
		case c < 0:
			n = n[1:]
		case c > 0:
			d = d[1:]
		default:
			both = append(both, point{
				period: n[0].period, amount: amount{value: n[0].value, over: d[0].value},
				revision: max(n[0].revision, d[0].revision), state: n[0].state.Weaker(d[0].state),
			})
			n, d = n[1:], d[1:]
		}
	}
	return both
}
