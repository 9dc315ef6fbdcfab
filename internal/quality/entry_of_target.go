package quality

import "github.com/govkpi/govkpi/internal/fact"

// entryOfTarget refuses what a register that is asked for one region says about
// another, also where it says that the other lies in the one asked.
type entryOfTarget struct {
	target target
	names  names
}

func (s entryOfTarget) check(d *delivered, refuse func(int32, *fact.Text)) {
	if s.target.code == "" {
		return
	}
	var outside []int32 // found first: what is refused no longer leads those below it
	for i := range d.entries {
		if !d.refused[i] && (!s.holds(d, d.entries[i].Code) || s.target.takes(d.entries[i].Code)) {
			outside = append(outside, int32(i))
		}
	}
	for _, i := range outside {
		code := d.entries[i].Code
		if s.target.takes(code) {
			refuse(i, say(
				"本次采集只针对 %s，而 %s 在地区名录中不属于该地区，不能由该地区的来源改划：请更正来源；确已改划的，请在配置的 regions 中修改，或由上级的名录报送。",
				"This register was pulled for %s; %s is known to lie elsewhere, and a region's own source can't take it from there: correct the source or, where it was moved, say so in regions of the configuration or in the register of the level above.",
				s.names.of(s.target.code), s.names.of(code),
			))
			continue
		}
		refuse(i, say(
			"本次采集只针对 %s，%s 不在其中：请核对来源的地址、查询条件或文件是否属于该地区。",
			"This register was pulled for %s; %s does not lie in it: check that the address, query or folder of the source is this region's own.",
			s.names.of(s.target.code), code,
		))
	}
}

// holds follows the parents as the delivery has them and, from where it has none,
// as they are known.
func (s entryOfTarget) holds(d *delivered, code string) bool {
	for range fact.Grid {
		entry, _ := d.find(code)
		if entry == nil || code == s.target.code {
			break
		}
		code = entry.Parent
	}
	return code != "" && s.target.holds(code)
}
