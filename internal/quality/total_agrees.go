package quality

import (
	"math"
	"strconv"

	"github.com/govkpi/govkpi/internal/fact"
)

// totalAgrees holds each of the source's own totals against the sum of the
// readings it is over. Where they differ nobody can say which is wrong, so none
// of them is taken. A total is no more than a measure: it never becomes a fact.
type totalAgrees struct {
	regions Regions
	names   names
}

func (s totalAgrees) check(d *delivery, refuse func(int32, *fact.Text), refuseTotal func(*total, *fact.Text)) {
	if len(d.totals) == 0 {
		return
	}
	all := newSums(s.regions, d)
	var reasons map[sumKey]*fact.Text // of sums that a total contradicts
	for _, t := range d.totals {
		key := keyOf(t)
		sum, lost := all.sums[key], all.lostOf(key)
		switch {
		case sum.readings+lost == 0:
			refuseTotal(t, s.nothingToSum(t))
		case sum.agrees(t):
		case lost > 0:
			refuseTotal(t, s.incomplete(t, sum, lost))
		default:
			reason := s.differs(t, sum)
			refuseTotal(t, reason)
			if reasons == nil {
				reasons = map[sumKey]*fact.Text{}
			}
			if reasons[key] == nil {
				reasons[key] = reason
			}
		}
	}
	if reasons == nil {
		return
	}
	for i := range d.facts {
		if d.out[i] {
			continue
		}
		for _, key := range all.over(&d.facts[i]) {
			if reason := reasons[key]; reason != nil {
				refuse(int32(i), reason)
				break // one refusal is enough
			}
		}
	}
}

// agrees reports whether the total is the sum. Sums of decimal fractions are
// exact only to so many digits; things can be counted.
func (s *sum) agrees(t *total) bool {
	tolerance := 1e-9 * s.size
	if t.indicator.Unit.Counts {
		tolerance = 0
	}
	return !math.IsInf(s.value, 0) && math.Abs(s.value-t.value) <= tolerance // not so for NaN
}

// subject says what a total is of: indicator, period, and over what.
func (s totalAgrees) subject(t *total) fact.Text {
	over := fact.Text{ZH: "本次报送的各地区", EN: "all regions of this delivery"}
	if t.region != nil {
		name := s.names.of(t.region.Code)
		over = fact.Text{ZH: name, EN: name}
	}
	of := t.indicator.ID
	if t.dimensions != "" {
		of += " {" + string(t.dimensions) + "}"
	}
	return fact.Text{
		ZH: over.ZH + " " + t.period.String() + " 的 " + of,
		EN: of + " for " + t.period.String() + " over " + over.EN,
	}
}

func (s totalAgrees) differs(t *total, sum *sum) *fact.Text {
	return say(
		"%s 合计为 %s（%s），而其下 %d 个数值之和为 %s，相差 %s；无法判断哪个有误，均未采用：请在来源中核对合计与各行。",
		"The total of %s is %s (%s), but the readings that it is over, %d in number, come to %s, a difference of %s. Nobody can say which is wrong, so none is taken: check the total and its rows at the source.",
		s.subject(t), rounded(t.value), located(t.reading.Place), sum.readings, rounded(sum.value), rounded(math.Abs(sum.value-t.value)),
	)
}

func (s totalAgrees) incomplete(t *total, sum *sum, lost int) *fact.Text {
	return say(
		"%s 合计为 %s（%s），无法核对：其下有 %d 个数值被拒绝，其余 %d 个之和为 %s。请先改正被拒绝的数值，下次采集时再核对合计。",
		"The total of %s is %s (%s) and can't be checked: readings that it may be over were refused (%d), and the others (%d) come to %s. Mend those first; the total is checked again at the next run.",
		s.subject(t), rounded(t.value), located(t.reading.Place), lost, sum.readings, rounded(sum.value),
	)
}

func (s totalAgrees) nothingToSum(t *total) *fact.Text {
	return say(
		"%s 合计为 %s（%s），但本次报送没有可供汇总的数值：请同时报送各地区的数值，或去掉合计。",
		"The total of %s is %s (%s), but nothing in the delivery can be its parts: deliver the figures of the regions too, or leave the total out.",
		s.subject(t), rounded(t.value), located(t.reading.Place),
	)
}

// rounded writes a figure without the digits that adding decimal fractions
// leaves behind.
func rounded(v float64) string {
	if v == math.Trunc(v) {
		return figure(v)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return figure(v)
	}
	return figure(short)
}
