package config

// Schedule is what all collectors share.
type Schedule struct {
	// Parallel is how many collectors may run at once.
	Parallel int
}

type scheduleBlock struct {
	Self     *node `yaml:",self"`
	Parallel int   `yaml:"parallel"`
}

func (l *loader) schedule(b *scheduleBlock) Schedule {
	if l.problems.has(b.Self, "parallel") && b.Parallel < 1 {
		l.problems.refuse(b.Self.child("parallel"), "must be at least 1, found %d", b.Parallel)
	}
	return Schedule{Parallel: b.Parallel}
}
