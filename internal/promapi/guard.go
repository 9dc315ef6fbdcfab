package promapi

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

const (
	// mostNesting is how many operators and opening brackets a query may have.
	// Each can put all that stands before it one level deeper, and what the parser
	// does grows with the square of the depth: 30,000 of them take it many seconds.
	mostNesting = 2000
	// mostGrowth is how long label_replace and label_join may make a label, in
	// bytes, if what they begin with is as long as usualLabel: the engine counts
	// samples, not labels, and each such function may multiply them.
	mostGrowth = 4096
	usualLabel = 32
)

// nesting counts the operators and opening brackets of a query, of which its
// depth is at most, without parsing it.
func nesting(text string) int {
	n, lexer, item := 0, parser.Lex(text), parser.Item{}
	for {
		switch lexer.NextItem(&item); {
		case item.Typ == parser.EOF, item.Typ == parser.ERROR: // after which nothing is parsed, either
			return n
		case item.Typ.IsOperator(), item.Typ == parser.LEFT_PAREN, item.Typ == parser.LEFT_BRACKET:
			n++
		}
	}
}

// guarded is what the engine does not count of expressions.
type guarded struct {
	labels int // matchers and label names
	growth int // of the longest label that they may make
}

type guardedNode struct {
	parser.Node
	grown int // what functions around it make of one byte
	added int // what they add to it
}

// walk looks at every node of an expression.
func (g *guarded) walk(expr parser.Expr) {
	for next := []guardedNode{{Node: expr, grown: 1}}; len(next) > 0; {
		n := next[len(next)-1]
		next = next[:len(next)-1]
		g.labels += namesIn(n.Node)
		if call, ok := n.Node.(*parser.Call); ok {
			n.grow(call)
			g.growth = max(g.growth, n.grown*usualLabel+n.added)
		}
		if g.growth > mostGrowth {
			return // nor can it overflow
		}
		for child := range parser.ChildrenIter(n.Node) {
			next = append(next, guardedNode{Node: child, grown: n.grown, added: n.added})
		}
	}
}

// namesIn counts the matchers and label names of one node.
func namesIn(node parser.Node) int {
	switch node := node.(type) {
	case *parser.VectorSelector:
		return len(node.LabelMatchers)
	case *parser.AggregateExpr:
		return len(node.Grouping)
	case *parser.BinaryExpr:
		if m := node.VectorMatching; m != nil {
			return len(m.MatchingLabels) + len(m.Include)
		}
	case *parser.Call:
		return len(node.Args)
	}
	return 0
}

// grow says how much longer a label may become by a function.
func (n *guardedNode) grow(call *parser.Call) {
	literal := func(i int) string {
		if i < len(call.Args) {
			if s, ok := unwrapped(call.Args[i]).(*parser.StringLiteral); ok {
				return s.Val
			}
		}
		return ""
	}
	switch call.Func.Name {
	case "label_replace": // (v, to, replacement, from, pattern): each $ may be the whole of a label
		replacement := literal(2)
		n.added += n.grown * len(replacement)
		n.grown *= max(1, strings.Count(replacement, "$"))
	case "label_join": // (v, to, separator, from…)
		sources := max(1, len(call.Args)-3)
		n.added += n.grown * len(literal(2)) * sources
		n.grown *= sources
	}
}

func unwrapped(expr parser.Expr) parser.Expr {
	for {
		inner, ok := expr.(*parser.ParenExpr)
		if !ok {
			return expr
		}
		expr = inner.Expr
	}
}
