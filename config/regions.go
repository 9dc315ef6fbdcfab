package config

import (
	"github.com/govkpi/govkpi/internal/fact"
)

// mostRefusals is how many refusals of one CSV file are listed.
const mostRefusals = 20

type regionsBlock struct {
	Self      *node    `yaml:",self"`
	Divisions []string `yaml:"divisions"`
	History   []string `yaml:"history,optional"`
	Aliases   []string `yaml:"aliases,optional"`
}

func (l *loader) regions(b *regionsBlock) {
	for f := range l.tables(b.Self.child("divisions"), &l.register.broken) {
		l.readDivisions(f)
	}
	l.finishRegister()
	for f := range l.tables(b.Self.child("history"), &l.register.broken) {
		l.readHistory(f)
	}
	for f := range l.tables(b.Self.child("aliases"), &l.register.broken) {
		l.readAliases(f)
	}
}

// tables opens the CSV files that a list names. It notes in broken that one of
// them could not be.
func (l *loader) tables(n *node, broken *bool) func(yield func(*file) bool) {
	return func(yield func(*file) bool) {
		for _, entry := range l.texts(n) {
			name, ok := l.inTree(entry)
			if !ok {
				*broken = true
				continue
			}
			if _, again := l.read[name]; again {
				l.problems.refuse(entry, "%s is read already", entry.quote())
				continue
			}
			f := l.open(name, longestCSV, entry.at, entry.label())
			if f == nil {
				*broken = true
				continue
			}
			f.limit = mostRefusals
			if !yield(f) {
				return
			}
		}
	}
}

// regionCode refuses the code of a region that is not in the register.
func (l *loader) regionCode(n *node) {
	if n == nil || n.kind != text || l.problems.refused[n] {
		return
	}
	code, ok := parseCode(n.value)
	switch {
	case !ok:
		l.problems.refuse(n, "%s is no region code: %s", n.quote(), codeForm)
	case l.register.broken || l.incomplete:
	case l.register.index.find(code) < 0:
		l.problems.refuse(n, "there is no region with the code %s in the registers of regions.divisions", n.quote())
	}
}

// codeForm says what a code looks like.
const codeForm = "expected 2 to 18 digits, the first not 0"

// parseCode returns a code as a number. Since no code begins with 0, the number
// stands for the code.
func parseCode(s string) (uint64, bool) {
	if len(s) < 2 || len(s) > 18 || s[0] == '0' {
		return 0, false
	}
	var code uint64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		code = code*10 + uint64(s[i]-'0')
	}
	return code, true
}

// readHistory reads a register of past divisions.
func (l *loader) readHistory(f *file) {
	t := l.openTable(f, []string{"old_code", "old_name", "code", "name", "effective", "kind"}, nil)
	if t == nil {
		return
	}
	first := map[fact.RegionChange]int{}
	for t.next() {
		c := fact.RegionChange{
			OldCode: t.code("old_code"), OldName: t.name("old_name"),
			Code: t.knownCode("code"), Name: t.name("name"),
			Effective: cell(t, "effective", parseMonth), Kind: cell(t, "kind", parseChangeKind),
		}
		if t.bad {
			continue
		}
		if line, again := first[c]; again {
			t.refuse("old_code", "the same change stands in line %d", line)
			continue
		}
		first[c] = t.line()
		l.config.Changes = append(l.config.Changes, c)
	}
}

// readAliases reads a register of further names. Several regions may share one:
// the level, or a region above, decides between them.
func (l *loader) readAliases(f *file) {
	t := l.openTable(f, []string{"name", "code"}, nil)
	if t == nil {
		return
	}
	first := map[fact.RegionAlias]int{}
	for t.next() {
		a := fact.RegionAlias{Name: t.name("name"), Code: t.knownCode("code")}
		if t.bad {
			continue
		}
		if line, again := first[a]; again {
			t.refuse("name", "the same alias stands in line %d", line)
			continue
		}
		first[a] = t.line()
		l.config.Aliases = append(l.config.Aliases, a)
	}
}
