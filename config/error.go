package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Error is one refusal of a configuration. Line and Column count from 1, in
// characters; they are 0 where a file as a whole is refused.
type Error struct {
	File         string
	Line, Column int
	// Reason is one sentence for the person who wrote the file. It holds no
	// secret.
	Reason string
}

// Error returns the refusal as file:line:column: reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// file is one file of the tree that is being read.
type file struct {
	name    string
	order   int // in which the files were read
	content []byte
	// limit is how many of its refusals are listed; 0 is all. It keeps a register
	// with one wrong column from making a million.
	limit int
}

// position is a place in a file. A line of 0 is the file as a whole.
type position struct {
	file         *file
	line, column int
}

// problems collects what is refused.
type problems struct {
	list []problem
	// counts are the refusals of each file, listed or not.
	counts map[*file]int
	// refused are the values that something is wrong with.
	refused map[*node]bool
}

type problem struct {
	at     position
	reason string
}

// at refuses what stands at a position.
func (p *problems) at(at position, format string, args ...any) {
	if p.counts == nil {
		p.counts = map[*file]int{}
	}
	full := p.full(at.file)
	p.counts[at.file]++
	if !full {
		p.list = append(p.list, problem{at, fmt.Sprintf(format, args...)})
	}
}

// full reports whether further refusals of a file are only counted.
func (p *problems) full(f *file) bool { return f.limit > 0 && p.counts[f] >= f.limit }

// mark notes that something is wrong with a value, so that nothing else is said
// about it.
func (p *problems) mark(n *node) {
	if p.refused == nil {
		p.refused = map[*node]bool{}
	}
	p.refused[n] = true
}

// has reports whether a value stands under the key that nothing is wrong with so
// far: one that could not be decoded is zero, and must not be refused for that.
func (p *problems) has(in *node, key string) bool {
	n := in.child(key)
	return n != nil && !p.refused[n]
}

// sound reports whether nothing is wrong so far with a value and all within it.
func (p *problems) sound(n *node) bool {
	return !p.refused[n] && !slices.ContainsFunc(n.children, func(c *node) bool { return !p.sound(c) })
}

// refuse refuses a value, at its own position.
func (p *problems) refuse(n *node, format string, args ...any) {
	p.mark(n)
	p.at(n.at, n.label()+format, args...)
}

// refuseKey refuses a value at the position of its key.
func (p *problems) refuseKey(n *node, format string, args ...any) {
	p.mark(n)
	p.at(n.key, n.label()+format, args...)
}

// err joins what was refused, in file order; nil is nothing.
func (p *problems) err(secrets *Secrets) error {
	for f, n := range p.counts {
		if f.limit > 0 && n > f.limit {
			reason := fmt.Sprintf("%d more like these; mend those above first", n-f.limit)
			p.list = append(p.list, problem{position{file: f, line: math.MaxInt}, reason})
		}
	}
	slices.SortStableFunc(p.list, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.at.file.order, b.at.file.order), cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.column, b.at.column))
	})
	refusals := make([]error, 0, len(p.list))
	for _, one := range p.list {
		e := &Error{File: one.at.file.name, Line: one.at.line, Column: one.at.column, Reason: secrets.Redact(one.reason)}
		if e.Line == math.MaxInt {
			e.Line = 0
		}
		refusals = append(refusals, e)
	}
	return errors.Join(refusals...)
}
