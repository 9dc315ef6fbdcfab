package config

import "time"

// Ledger is where the figures are kept.
type Ledger struct {
	// Path is the ledger's folder. LoadFile takes a relative one from the root
	// file's folder; Load leaves it as it was written.
	Path string
	// KeepRejections is how long refused readings are kept.
	KeepRejections time.Duration
}

type ledgerBlock struct {
	Self           *node         `yaml:",self"`
	Path           string        `yaml:"path"`
	KeepRejections time.Duration `yaml:"keep_rejections"`
}

func (l *loader) ledger(b *ledgerBlock) Ledger {
	l.positive(b.Self, "keep_rejections", b.KeepRejections)
	return Ledger{Path: b.Path, KeepRejections: b.KeepRejections}
}
