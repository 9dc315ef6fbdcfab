package standing

import "github.com/govkpi/govkpi/internal/fact"

// unchanged counts for how many further periods up to that of the i-th point the
// figure has been the same, each of them with a figure. It is missing where the
// period before has none that it can be compared with.
func (l *line) unchanged(i int, kind fact.Kind, p policy) fact.Optional {
	n, value := 0, l.points[i].figure(kind)
	for ; i > 0; i-- {
		if before, compares := p.before(l.points[i].period); !compares || l.points[i-1].period != before {
			break
		}
		switch before := l.points[i-1].figure(kind); {
		case before == value:
			n++
			continue
		case before.OK || n > 0:
			return fact.Some(float64(n))
		}
		return fact.Optional{}
	}
	if n == 0 {
		return fact.Optional{}
	}
	return fact.Some(float64(n))
}
