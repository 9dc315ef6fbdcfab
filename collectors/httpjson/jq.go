package httpjson

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"

	"github.com/govkpi/govkpi/collectors"
)

// expression is a jq expression. Plain paths such as .a.b are walked on the
// text of the answer; anything else is run by jq on what the text decodes to.
// It is immutable and safe for concurrent use.
type expression struct {
	written string
	// path are the keys of a plain path; code is nil then.
	path []string
	code *gojq.Code
	// each is set where a plain path ends in [], lenient where in []?.
	each, lenient bool
}

// parseExpression compiles an expression. It can read neither the environment
// nor files, nor further input.
func parseExpression(written string) (*expression, error) {
	query, err := gojq.Parse(written)
	if err != nil {
		var at *gojq.ParseError
		if errors.As(err, &at) && at.Offset <= len(written) {
			return nil, fmt.Errorf("jq can't read %q: %w at %q", written, err, written[:at.Offset])
		}
		return nil, fmt.Errorf("jq can't read %q: %w", written, err)
	}
	e := &expression{written: written}
	if e.plain(query) {
		return e, nil
	}
	e.path, e.each, e.lenient = nil, false, false
	// Without options there is no environment, no input and no file to read.
	if e.code, err = gojq.Compile(query); err != nil {
		return nil, fmt.Errorf("jq can't run %q: %w%s", written, err, missingDot(written, err))
	}
	return e, nil
}

// missingDot is advice for a path without the dot that it begins with: jq takes
// its first key for a function.
func missingDot(written string, err error) string {
	path := regexp.MustCompile(`^[A-Za-z_]\w*(\.\w+|\[\]\??)*$`)
	if !strings.HasPrefix(err.Error(), "function not defined") || !path.MatchString(written) {
		return ""
	}
	return "; a path begins with a dot, such as ." + written
}

// plain fills in the path, if the query is one.
func (e *expression) plain(q *gojq.Query) bool {
	if q.Term == nil || q.Meta != nil || len(q.Imports) > 0 || len(q.FuncDefs) > 0 {
		return false
	}
	switch q.Term.Type {
	case gojq.TermTypeIdentity:
	case gojq.TermTypeIndex:
		if !e.addKey(q.Term.Index) {
			return false
		}
	default:
		return false
	}
	for _, suffix := range q.Term.SuffixList {
		switch {
		case e.lenient:
			return false
		case e.each:
			if !suffix.Optional || suffix.Iter || suffix.Index != nil {
				return false
			}
			e.lenient = true
		case suffix.Iter:
			e.each = true
		case suffix.Index == nil || !e.addKey(suffix.Index):
			return false
		}
	}
	return true
}

func (e *expression) addKey(index *gojq.Index) bool {
	switch {
	case index.Name != "":
		e.path = append(e.path, index.Name)
	case index.Str != nil && len(index.Str.Queries) == 0:
		e.path = append(e.path, index.Str.Str)
	case isText(index.Start) && index.End == nil && !index.IsSlice:
		e.path = append(e.path, index.Start.Term.Str.Str)
	default:
		return false
	}
	return true
}

// isText reports whether a query is a text in quotes and nothing else.
func isText(q *gojq.Query) bool {
	return q != nil && q.Term != nil && q.Op == 0 && len(q.FuncDefs) == 0 &&
		q.Term.Type == gojq.TermTypeString && len(q.Term.SuffixList) == 0 && len(q.Term.Str.Queries) == 0
}

// isPlain reports whether the expression is a path to one value.
func (e *expression) isPlain() bool { return e.code == nil && !e.each }

// pathText writes a plain path.
func (e *expression) pathText() string {
	var b strings.Builder
	for _, name := range e.path {
		b.WriteString(jqKey(name))
	}
	return cmp.Or(b.String(), ".")
}

// run calls each with every output of jq. The input must be as decode makes it.
func (e *expression) run(ctx context.Context, input any, each func(any) error) error {
	outputs := e.code.RunWithContext(ctx, input)
	for {
		output, more := outputs.Next()
		if !more {
			return nil
		}
		if err, failed := output.(error); failed {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var halt *gojq.HaltError
			if errors.As(err, &halt) && halt.Value() == nil {
				return nil
			}
			return fmt.Errorf("jq: %w", err)
		}
		if err := each(output); err != nil {
			return err
		}
	}
}

// absence is what walk returns where there is no such key.
type absence struct{}

func (e *expression) walk(input any) (any, error) {
	at, path := input, ""
	for i, name := range e.path {
		if at == nil && i > 0 {
			return absence{}, nil
		}
		members, ok := at.(map[string]any)
		if !ok {
			return nil, notObject(path, valueOf(at).kind)
		}
		if at, ok = members[name]; !ok {
			return absence{}, nil
		}
		path += jqKey(name)
	}
	return at, nil
}

var errSeveral = errors.New("jq gives more than one value; expected one: wrap it in first(…), or pick one")

// one returns the only output, or a missing value where there is none.
func (e *expression) one(ctx context.Context, input any) (any, error) {
	if e.code == nil {
		return e.walk(input)
	}
	var output any = absence{}
	n := 0
	err := e.run(ctx, input, func(v any) error {
		if n++; n > 1 {
			return errSeveral
		}
		output = v
		return nil
	})
	return output, err
}

// valueOf makes a value of an output of jq.
func valueOf(v any) value {
	switch v := v.(type) {
	case absence:
		return value{}
	case nil:
		return value{kind: null}
	case string:
		return value{kind: text, text: []byte(collectors.Clean([]byte(v)))}
	case bool:
		return value{kind: boolean, text: strconv.AppendBool(nil, v)}
	case json.Number:
		return value{kind: number, text: []byte(v)}
	case int:
		return value{kind: number, text: strconv.AppendInt(nil, int64(v), 10)}
	case float64:
		return value{kind: number, text: strconv.AppendFloat(nil, v, 'f', -1, 64)}
	case *big.Int:
		return value{kind: number, text: v.Append(nil, 10)}
	case []any:
		return value{kind: list}
	}
	return value{kind: object}
}

// condition is an expression that is true or false. Plain paths compared with a
// constant, such as .code == 0, need no jq.
type condition struct {
	*expression
	constant *value // what the path is compared with; nil: the expression says
	unequal  bool   // true where they differ
}

func parseCondition(written string) (condition, error) {
	query, err := gojq.Parse(written)
	if err == nil && (query.Op == gojq.OpEq || query.Op == gojq.OpNe) && query.Meta == nil && len(query.Imports)+len(query.FuncDefs) == 0 {
		e := &expression{written: written}
		constant, ok := constantOf(query.Right)
		if ok && e.plain(query.Left) && !e.each {
			return condition{e, constant, query.Op == gojq.OpNe}, nil
		}
	}
	e, err := parseExpression(written)
	return condition{expression: e}, err
}

func constantOf(q *gojq.Query) (*value, bool) {
	switch {
	case isText(q):
		return &value{kind: text, text: []byte(q.Term.Str.Str)}, true
	case q.Term == nil || len(q.FuncDefs) > 0 || len(q.Term.SuffixList) > 0:
		return nil, false
	}
	switch q.Term.Type {
	case gojq.TermTypeNumber:
		return &value{kind: number, text: []byte(q.Term.Number)}, true
	case gojq.TermTypeTrue:
		return &value{kind: boolean, text: []byte("true")}, true
	case gojq.TermTypeFalse:
		return &value{kind: boolean, text: []byte("false")}, true
	case gojq.TermTypeNull:
		return &value{kind: null}, true
	}
	return nil, false
}

// holds decides on the value that the expression gave.
func (c condition) holds(v value, redact *redaction) (bool, error) {
	if c.constant != nil {
		return c.same(v) != c.unequal, nil
	}
	if v.kind != boolean {
		return false, fmt.Errorf("%s gives %s; expected true or false", c.written, redact.describe(v))
	}
	return string(v.text) == "true", nil
}

func (c condition) same(v value) bool {
	switch {
	case c.constant.kind == null:
		return v.absent()
	case v.kind != c.constant.kind:
		return false
	case v.kind == number:
		a, errA := strconv.ParseFloat(string(v.text), 64)
		b, errB := strconv.ParseFloat(string(c.constant.text), 64)
		return errA == nil && errB == nil && a == b
	}
	return bytes.Equal(v.text, c.constant.text)
}
