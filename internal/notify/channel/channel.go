// Package channel holds the ways to people: robots in groups of WeCom, DingTalk
// and Feishu, e-mail, and a webhook for everything else.
//
// It reads the block of a channel's kind in the configuration and hands on a
// notify.Channel. A further kind is one file with its Kind, one line in Kinds,
// and one page in docs/notify.
package channel

import (
	"fmt"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// Options is a block of configuration that only the kind understands. What it
// returns as an error says in which file, line and column.
type Options interface {
	// Decode fills a struct with yaml tags and refuses unknown keys.
	Decode(into any) error
	// Errorf makes an error at the position of a key; where there is no such key,
	// at the nearest one above.
	Errorf(path, format string, args ...any) error
}

// Kind makes channels of one kind.
type Kind struct {
	// Name is what a channel is given as its kind, and the key of its block.
	Name string
	// New checks the kind's block and makes the channel. It reaches for nothing
	// outside. The clock is for what is signed and dated.
	New func(o Options, now func() time.Time) (notify.Channel, error)
}

// Kinds lists every kind that the configuration can name.
func Kinds() []Kind {
	return []Kind{
		wecomKind(),
		dingtalkKind(),
		feishuKind(),
		emailKind(),
		webhookKind(),
	}
}

// New makes a channel of a kind by its name.
func New(kind string, o Options, now func() time.Time) (notify.Channel, error) {
	var names []string
	for _, k := range Kinds() {
		if k.Name == kind {
			return k.New(o, now)
		}
		names = append(names, k.Name)
	}
	return nil, o.Errorf("kind", "kind: there is no kind of channel %q; there are %s", kind, strings.Join(names, ", "))
}

// refused says that a further attempt would be refused again.
func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %w", notify.ErrRefused, fmt.Errorf(format, args...))
}

// doubtful says that the message may have arrived.
func doubtful(format string, args ...any) error {
	return fmt.Errorf("%w: %w", notify.ErrDoubtful, fmt.Errorf(format, args...))
}
