package quality

import "github.com/govkpi/govkpi/internal/fact"

// entryParentKnown refuses entries whose parent is nowhere, was refused itself,
// or is not of a higher level.
type entryParentKnown struct{ known knownRegions }

func (s entryParentKnown) check(d *delivered, refuse func(int32, *fact.Text)) {
	for i := range d.entries {
		if e := &d.entries[i]; !d.refused[i] {
			if reason := s.fault(d, &e.Region); reason != nil {
				refuse(int32(i), reason)
			}
		}
	}
}

func (s entryParentKnown) fault(d *delivered, r *fact.Region) *fact.Text {
	if r.Level == fact.Province && r.Parent == "" {
		return nil
	}
	level, wasRefused := s.levelOf(d, r.Parent)
	switch {
	case wasRefused:
		return say(
			"%s 的上级 %s 在本次报送中被拒绝，因此也未采用：请先改正上级。",
			"The parent %[2]s of %[1]s was itself refused in this delivery, so it is not taken either: mend the parent first.",
			r.Code, r.Parent,
		)
	case level == 0:
		return say(
			"%s 的上级 %s 既不在地区名录中，也不在本次报送中：请补报上级，或填写正确的上级代码。",
			"The parent %[2]s of %[1]s is neither known nor in this delivery: deliver it too, or give the right parent.",
			r.Code, r.Parent,
		)
	case level >= r.Level:
		return say(
			"%s（%s）不能属于 %s（%s）：上级的级别应更高；请核对上级代码。",
			"%s, a %s, can't lie in %s, a %s: a parent is of a higher level; check its code.",
			r.Code, levelText(r.Level), r.Parent, levelText(level),
		)
	}
	return nil
}

// levelOf returns the level of a parent, or 0 where there is none. The
// configuration answers first, for it has the last word; then the delivery, for
// it is newer than what is known.
func (s entryParentKnown) levelOf(d *delivered, code string) (level fact.Level, wasRefused bool) {
	if r, ok := s.known.fixed(code); ok {
		return r.Level, false
	}
	entry, wasRefused := d.find(code)
	if entry != nil || wasRefused {
		if entry == nil {
			return 0, true
		}
		return entry.Level, false
	}
	if r, ok := byCode(s.known.regions, code); ok {
		return r.Level, false
	}
	return 0, false
}
