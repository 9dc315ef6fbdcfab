package quality

import (
	"context"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// deliveredOnce lets one reading of each indicator, region, dimensions and
// period through. Of equal ones the first stands; of differing ones none,
// because nobody can say which is right.
type deliveredOnce struct{ names names }

func (s deliveredOnce) check(_ context.Context, d *delivery, refuse func(int32, *fact.Text)) error {
	for group := range d.groups(d.order, sameKey) {
		if len(group) == 1 {
			continue
		}
		var several []int32
		for i := range d.live(group) {
			several = append(several, i)
		}
		if len(several) < 2 {
			continue
		}
		first := &d.facts[several[0]]
		if slices.ContainsFunc(several, func(i int32) bool { return d.facts[i].Value != first.Value }) {
			reason := s.differ(d, several)
			for _, i := range several {
				refuse(i, reason)
			}
			continue
		}
		for _, i := range several[1:] {
			refuse(i, say(
				"%s %s 的 %s 重复报送了同一数值 %s，已采用先出现的一条（%s）：请在来源中去掉重复行。",
				"%[3]s of %[1]s is delivered again for %[2]s with the same value %[4]s; the first stands (%[5]s): remove the repeated row at the source.",
				s.names.of(first.Region), first.Period.String(), first.Indicator, figure(first.Value), located(first.Place),
			))
		}
	}
	return nil
}

// How many readings a reason lists.
const mostListed = 5

func (s deliveredOnce) differ(d *delivery, several []int32) *fact.Text {
	var items []fact.Text
	for _, i := range several[:min(len(several), mostListed)] {
		f := &d.facts[i]
		place := located(f.Place)
		items = append(items, fact.Text{ZH: figure(f.Value) + "（" + place.ZH + "）", EN: figure(f.Value) + " (" + place.EN + ")"})
	}
	f := &d.facts[several[0]]
	return say(
		"%s %s 的 %s 在同一次报送中有 %d 个，且数值不一：%s；无法判断哪个正确，均未采用：请在来源中只保留正确的一条。",
		"%[3]s of %[1]s for %[2]s is delivered %[4]d times with different values: %[5]s. Nobody can say which is right, so none is taken: keep only the right one at the source.",
		s.names.of(f.Region), f.Period.String(), f.Indicator, len(several),
		enumerated(items, len(several) > mostListed),
	)
}
