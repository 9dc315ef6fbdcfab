package quality

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// entryOnce lets one entry of each code through. Of equal ones the first stands;
// of differing ones none, because nobody can say which is right.
type entryOnce struct{}

func (s entryOnce) check(d *delivered, refuse func(int32, *fact.Text)) {
	for start := 0; start < len(d.byCode); {
		end := start + 1
		for end < len(d.byCode) && d.entries[d.byCode[end]].Code == d.entries[d.byCode[start]].Code {
			end++
		}
		if end-start > 1 {
			s.judge(d, d.byCode[start:end], refuse)
		}
		start = end
	}
}

func (s entryOnce) judge(d *delivered, same []int32, refuse func(int32, *fact.Text)) {
	several := slices.DeleteFunc(slices.Clone(same), func(i int32) bool { return d.refused[i] })
	if len(several) < 2 {
		return
	}
	first := &d.entries[several[0]]
	if slices.ContainsFunc(several, func(i int32) bool { return d.entries[i].Region != first.Region }) {
		reason := s.differ(d, several)
		for _, i := range several {
			refuse(i, reason)
		}
		return
	}
	for _, i := range several[1:] {
		refuse(i, say(
			"代码 %s 重复出现且内容相同，已采用先出现的一条（%s）：请在来源中去掉重复行。",
			"Code %s is delivered again with the same contents; the first stands (%s): remove the repeated row at the source.",
			first.Code, located(first.Place),
		))
	}
}

func (entryOnce) differ(d *delivered, several []int32) *fact.Text {
	var items []fact.Text
	for _, i := range several[:min(len(several), mostListed)] {
		e := &d.entries[i]
		what, place := describe(&e.Region), located(e.Place)
		items = append(items, fact.Text{ZH: what.ZH + "，" + place.ZH, EN: what.EN + ", " + place.EN})
	}
	return say(
		"代码 %s 出现了 %d 次，且内容不一：%s；无法判断哪个正确，均未采用：请在来源中只保留正确的一条。",
		"Code %s is delivered %d times with different contents: %s. Nobody can say which is right, so none is taken: keep only the right one at the source.",
		d.entries[several[0]].Code, len(several), enumerated(items, len(several) > mostListed),
	)
}
