package spreadsheet

import (
	"encoding/xml"
	"fmt"
	"io"

	"golang.org/x/text/encoding/ianaindex"
)

const (
	// A text of a cell has at most 32,767 characters, and a tag far fewer.
	maxToken = 1 << 20
	maxDepth = 256
)

// tokens reads XML as encoding/xml does, without resolving namespaces: nothing
// here depends on them. It bounds what one token and one path of elements may
// take, which encoding/xml does not, and is strict: the document ends when all
// that was opened is closed, and not before.
type tokens struct {
	decoder *xml.Decoder
	input   *input
	open    []xml.Name
}

func newTokens(content []byte) *tokens {
	t := &tokens{input: &input{rest: content, room: maxToken}}
	t.decoder = xml.NewDecoder(t.input)
	t.decoder.CharsetReader = decodeXML
	return t
}

// decodeXML reads the parts that a program wrote in another encoding than UTF-8.
func decodeXML(label string, r io.Reader) (io.Reader, error) {
	enc, err := ianaindex.IANA.Encoding(label)
	if err != nil || enc == nil {
		return nil, fmt.Errorf("unknown character encoding %q", label)
	}
	return enc.NewDecoder().Reader(r), nil
}

// Token returns the next token; character data is valid until the next call. At
// the end of the document the error is io.EOF.
func (t *tokens) Token() (xml.Token, error) {
	t.input.room = maxToken
	token, err := t.decoder.RawToken()
	if err == io.EOF && len(t.open) > 0 { //nolint:errorlint // RawToken returns it bare
		return nil, t.fault("element " + t.open[len(t.open)-1].Local + " never ends")
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // broken does it
	}
	switch e := token.(type) {
	case xml.StartElement:
		if len(t.open) == maxDepth {
			return nil, t.fault("elements are nested too deeply")
		}
		t.open = append(t.open, e.Name)
	case xml.EndElement:
		last := len(t.open) - 1
		if last < 0 || t.open[last] != e.Name {
			return nil, t.fault("element " + e.Name.Local + " ends where it did not begin")
		}
		t.open = t.open[:last]
	}
	return token, nil
}

func (t *tokens) fault(message string) error {
	line, _ := t.decoder.InputPos()
	return &xml.SyntaxError{Msg: message, Line: line}
}

// skip reads to the end of the present element.
func (t *tokens) skip() error {
	for depth := len(t.open); len(t.open) >= depth; {
		if _, err := t.Token(); err != nil {
			return err
		}
	}
	return nil
}

// value reads the characters up to the end of the present element.
func (t *tokens) value() (string, error) {
	var v text
	for {
		token, err := t.Token()
		if err != nil {
			return "", err
		}
		switch e := token.(type) {
		case xml.CharData:
			v.add(string(e))
		case xml.StartElement:
			if err := t.skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return v.String(), nil
		}
	}
}

// attribute returns an attribute that has no prefix, or "".
func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// text joins pieces, of which there is nearly always one.
type text struct {
	first string
	more  []byte
}

func (t *text) add(piece string) {
	switch {
	case len(t.more) > 0:
		t.more = append(t.more, piece...)
	case t.first == "":
		t.first = piece
	default:
		t.more = append(append(t.more, t.first...), piece...)
	}
}

// String returns all pieces.
func (t *text) String() string {
	if len(t.more) > 0 {
		return string(t.more)
	}
	return t.first
}

// input hands XML to the decoder until there is no more room in a token.
type input struct {
	rest []byte
	room int
}

// ReadByte implements io.ByteReader.
func (i *input) ReadByte() (byte, error) {
	if len(i.rest) == 0 {
		return 0, io.EOF
	}
	if i.room == 0 {
		return 0, fmt.Errorf("a tag or text is longer than %s", size(maxToken))
	}
	b := i.rest[0]
	i.rest, i.room = i.rest[1:], i.room-1
	return b, nil
}

// Read implements io.Reader, for parts in other encodings than UTF-8.
func (i *input) Read(p []byte) (int, error) {
	if len(i.rest) == 0 {
		return 0, io.EOF
	}
	if i.room == 0 {
		return 0, fmt.Errorf("a tag or text is longer than %s", size(maxToken))
	}
	n := copy(p[:min(len(p), i.room)], i.rest)
	i.rest, i.room = i.rest[n:], i.room-n
	return n, nil
}
