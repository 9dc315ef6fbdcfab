package sqlquery

import (
	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// registrar makes entries of a register of regions of rows. It serves one run.
type registrar struct {
	code        int
	name        int // unused is absent
	parent      int
	levelColumn int
	level       string // where there is no column of it

	emit func(fact.RegionEntry) error

	rows   int32
	texts  collectors.Arena
	levels collectors.Memo[string]
	above  collectors.Memo[string]
}

// bindRegister finds the register's columns among those of an answer.
func bindRegister(l *collectors.RegisterLayout, names []string, emit func(fact.RegionEntry) error) (*registrar, error) {
	f := finder{names: names}
	r := &registrar{
		code: f.find(l.Code), name: f.find(l.Name), parent: f.find(l.Parent), levelColumn: f.find(l.LevelColumn),
		level: l.Level, emit: emit,
	}
	return r, f.err()
}

// row emits the entry of one row. Codes stored as integers come in digits.
func (r *registrar) row(cells []cell) error {
	r.rows++
	entry := fact.RegionEntry{
		Code: r.texts.Keep(cells[r.code].bytes), Level: r.level,
		Parent: wordAt(&r.above, cells, r.parent), Place: fact.Place{Row: r.rows},
	}
	if r.name != absent {
		entry.Name = r.texts.Keep(cells[r.name].bytes)
	}
	if r.levelColumn != absent {
		entry.Level = wordAt(&r.levels, cells, r.levelColumn)
	}
	return r.emit(entry)
}
