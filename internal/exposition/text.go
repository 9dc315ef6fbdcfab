package exposition

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textWire writes the text format 0.0.4 and OpenMetrics 1.0 at once. For
// gauges without a unit the two differ in one thing only: OpenMetrics escapes
// quotation marks in a HELP line. Such lines become a fork of the pages.
type textWire struct{}

func (textWire) begin(p *pages, f family) {
	classic := []byte("# HELP " + f.name + " " + string(appendEscaped(nil, f.help, false)) + "\n")
	if open := []byte("# HELP " + f.name + " " + string(appendEscaped(nil, f.help, true)) + "\n"); len(open) != len(classic) {
		p.writeFork(classic, open)
	} else {
		p.keep(append(p.room(len(classic)), classic...))
	}
	kind := "# TYPE " + f.name + " gauge\n"
	p.keep(append(p.room(len(kind)), kind...))
}

// appendLabel leaves a comma behind each label; sample drops the last one.
func (textWire) appendLabel(labels []byte, name, value string) []byte {
	labels = append(labels, name...)
	labels = append(labels, '=', '"')
	labels = appendEscaped(labels, value, true)
	return append(labels, '"', ',')
}

func (w textWire) sample(p *pages, name string, labels []byte, value float64) {
	line := p.room(len(name) + len(labels) + longestHead + longestValue)
	p.keep(w.appendValue(w.appendStem(line, name, labels), value))
}

func (textWire) appendStem(line []byte, name string, labels []byte) []byte {
	line = append(line, name...)
	if len(labels) > 0 {
		line = append(line, '{')
		line = append(line, labels[:len(labels)-1]...)
		line = append(line, '}')
	}
	return append(line, ' ')
}

func (textWire) appendValue(line []byte, value float64) []byte {
	return append(appendNumber(line, value), '\n')
}

func (textWire) end(*pages, int, int) {}

// appendEscaped appends s as both text formats want it: backslash and newline
// escaped, and quotation marks where asked for. Bytes that are not UTF-8, for
// which a server would refuse the whole scrape, become U+FFFD.
func appendEscaped(to []byte, s string, quotes bool) []byte {
	plain, ascii := true, true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\' || c == '\n' || c == '"':
			plain = false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && !utf8.ValidString(s) {
		s = validUTF8(s)
	}
	if plain {
		return append(to, s...)
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			to = append(to, '\\', '\\')
		case c == '\n':
			to = append(to, '\\', 'n')
		case c == '"' && quotes:
			to = append(to, '\\', '"')
		default:
			to = append(to, c)
		}
	}
	return to
}

func validUTF8(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

// appendNumber writes whole numbers without an exponent, as people write them,
// and everything else as Prometheus does.
func appendNumber(to []byte, v float64) []byte {
	const exact = 1 << 53
	switch {
	case v == math.Trunc(v) && math.Abs(v) < exact:
		return strconv.AppendInt(to, int64(v), 10)
	case math.IsInf(v, 1):
		return append(to, "+Inf"...)
	}
	return strconv.AppendFloat(to, v, 'g', -1, 64)
}
