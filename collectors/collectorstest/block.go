package collectorstest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/govkpi/govkpi/collectors"
)

// Block is a block of options as the configuration would hand it to a kind. Its
// errors begin with line:column.
type Block struct {
	text    string
	node    yaml.Node
	secrets map[string]string
	folder  string
}

var _ collectors.Options = (*Block)(nil)

// NewBlock reads options. Secrets are what Secret answers, by path; relative
// paths are taken from a folder of the test's own.
func NewBlock(t testing.TB, text string, secrets map[string]string) *Block {
	t.Helper()
	b := &Block{text: text, secrets: secrets, folder: t.TempDir()}
	if err := yaml.Unmarshal([]byte(text), &b.node); err != nil {
		t.Fatal(err)
	}
	return b
}

// Decode implements collectors.Options.
func (b *Block) Decode(into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(b.text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("options: %w", err)
	}
	return nil
}

// Errorf finds the key that the path names, or the nearest above it.
func (b *Block) Errorf(path, format string, args ...any) error {
	at := &b.node
	if len(at.Content) > 0 {
		at = at.Content[0]
	}
	for key := range strings.SplitSeq(path, ".") {
		for i := 0; i+1 < len(at.Content); i += 2 {
			if at.Content[i].Value == key {
				at = at.Content[i+1]
				break
			}
		}
	}
	return fmt.Errorf("%d:%d: %w", at.Line, at.Column, fmt.Errorf(format, args...))
}

// Secret implements collectors.Options.
func (b *Block) Secret(path string) (string, error) { return b.secrets[path], nil }

// Path implements collectors.Options.
func (b *Block) Path(written string) string {
	if filepath.IsAbs(written) {
		return written
	}
	return filepath.Join(b.folder, written)
}
