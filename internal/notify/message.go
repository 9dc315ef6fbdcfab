package notify

import (
	"context"
	"errors"
	"time"
)

// State is what has become of a message.
type State string

// The states of a message.
const (
	// Pending waits for its first or next attempt.
	Pending State = "pending"
	// Sending is under way. In a queue that nobody sends from, the program ended
	// in the middle: the next start makes it Doubtful.
	Sending State = "sending"
	// Sent was taken by the other side.
	Sent State = "sent"
	// Failed was refused, or found nobody until its time was over. It stays until
	// a person retries it.
	Failed State = "failed"
	// Doubtful may have arrived or not: the connection or the program ended
	// between the message and its receipt. It stays until a person retries it.
	Doubtful State = "doubtful"
)

// States lists all of them.
func States() []State { return []State{Pending, Sending, Sent, Failed, Doubtful} }

// Key is what makes two messages one: nobody gets a second one of a day.
type Key struct {
	Channel string // its name in the configuration
	To      string // an address; empty where the channel has none
	Region  string // code of a city, or of the site
	Day     string // 2026-01-15, in the site's zone
}

// Message is a digest for one receiver, as it is sent.
type Message struct {
	ID int64 // given by the store
	Key
	City    string // the region's name
	Subject string // one line
	Body    string // in the channel's format
	Mention []string

	State    State
	Attempts int // so far, without those that were told to wait
	Stored   time.Time
	Next     time.Time // when a pending one is due
	Changed  time.Time // when it last came into its state
	// Error is why the last attempt failed; empty is none.
	Error string
}

// Format is what a channel's messages may hold.
type Format struct {
	// Bytes is the most that a body may have, in UTF-8; 0 is no limit.
	Bytes int
	// Markdown says that the channel knows **bold** and [text](address).
	Markdown bool
	// Mention writes an officer's name so that the channel calls for them; nil
	// where names in the text do nothing.
	Mention func(name string) string
	// Addressed says that every message needs an address.
	Addressed bool
}

// Channel is one way to people. Its methods are safe for concurrent use.
type Channel interface {
	Format() Format
	// Send delivers a message, once: it tries nothing twice. Its errors wrap
	// ErrRefused or ErrDoubtful, or are a *WaitError; any other means that the
	// message has certainly not arrived and may be tried again. They hold no
	// secret.
	Send(ctx context.Context, m Message) error
}

// Sentinel errors of Channel.Send.
var (
	// ErrRefused is wrapped where a further attempt would be refused again.
	ErrRefused = errors.New("refused")
	// ErrDoubtful is wrapped where the message may have arrived.
	ErrDoubtful = errors.New("it may have arrived or not")
)

// WaitError says that the other side takes nothing for a while.
type WaitError struct {
	For    time.Duration // at least so long
	Reason string
}

// Error implements error.
func (e *WaitError) Error() string { return e.Reason }
