// Package chronicle makes the ledger into series that are functions of time: what
// each figure was, and what stood at any instant.
//
// It reads an Archive: the configurations that have been in force, how the figures
// ran, and what stood of an indicator at an instant as it was known then. It hands
// promapi a Source. What stood in the past never changes, so that it is worked out
// once, when somebody first asks, and is carried on from there.
package chronicle

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
)

// Archive is the ledger with the configurations of its time. All methods are safe
// for concurrent use.
type Archive interface {
	// Families lists the families of the configuration in force.
	Families() []Family
	// Eras lists the configurations that have been in force, the oldest first.
	Eras(ctx context.Context) ([]Era, error)
	// Open returns what stood while a configuration was in force.
	Open(ctx context.Context, era Era) (Chapter, error)
	// Figures returns the figures as they were known by an instant; zero is now.
	Figures(ctx context.Context, knownBy time.Time) (Figures, error)
	Now() time.Time
}

// Family is one family of the contract.
type Family struct {
	promapi.Family
	// Part groups the families that are worked out together; 0 is the figures of
	// an indicator themselves.
	Part Part
	// Then is the part that has those as they were known at each instant.
	Then Part
}

// Part is a set of families; what it means is the Archive's affair.
type Part uint8

// Era is the time of one configuration, up to the next.
type Era struct {
	Begin time.Time
	// Digest tells configurations apart.
	Digest string
}

// Chapter is what stood while one configuration was in force. An id that its
// catalogue does not have is of nothing, and the id "" is of the register.
type Chapter interface {
	Indicators() []string
	// Instants returns those after one and up to another at which what a part says
	// of an indicator may change, in order.
	Instants(ctx context.Context, indicator string, part Part, after, to time.Time) ([]fact.Instant, error)
	// Walk calls each for every sample that stood at an instant, for whoever knew
	// what had been recorded by another. Labels are names and values in turn, each
	// followed by a byte 0xFF, and are not kept; since, where it is not 0, is the
	// second of the Unix epoch that the sample counts from in place of its value.
	Walk(ctx context.Context, indicator string, part Part, at, knownBy time.Time, each func(family string, encoded []byte, value float64, since int64)) error
	// OnlyPresent reports whether the past of an indicator is so large that what
	// stands now should not be looked for there; WalkPresent is Walk of now.
	OnlyPresent(indicator string) bool
	WalkPresent(ctx context.Context, indicator string, part Part, each func(family string, encoded []byte, value float64, since int64)) error
}

// Figures are the figures of a catalogue.
type Figures interface {
	Indicators() []fact.Indicator
	// Courses yields how the figures of an indicator ran. Spells are not kept.
	Courses(ctx context.Context, indicator *fact.Indicator, from, to time.Time) (iter.Seq[fact.Course], error)
	// Labels returns what makes the labels of a series, in the form of Walk; false
	// is for one that the catalogue or the register has no place for.
	Labels(indicator *fact.Indicator) func(region string, dimensions fact.Dimensions) ([]byte, bool)
	// Regions returns what finds a region of the register by its code; it is asked in
	// the order of the codes, by one goroutine.
	Regions() func(code string) (*fact.Region, bool)
}

// Chronicle is a promapi.Source. It is safe for concurrent use.
type Chronicle struct {
	archive Archive

	callings callings

	mu      sync.Mutex
	columns map[columnKey]*column
}

// New returns a Chronicle of an archive.
func New(archive Archive) *Chronicle {
	return &Chronicle{archive: archive, callings: callings{built: map[string]labels.Labels{}}, columns: map[columnKey]*column{}}
}

// Families implements promapi.Source.
func (c *Chronicle) Families() []promapi.Family {
	families := c.archive.Families()
	all := make([]promapi.Family, len(families))
	for i, f := range families {
		all[i] = f.Family
	}
	slices.SortFunc(all, func(a, b promapi.Family) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Select implements promapi.Source.
func (c *Chronicle) Select(ctx context.Context, s promapi.Selection) ([]promapi.Series, error) {
	collect := &collector{selection: s, filter: newFilter(s.Matchers)}
	err := c.each(ctx, s, collect)
	return collect.series, err
}

// each hands every series that matches to a taker.
func (c *Chronicle) each(ctx context.Context, s promapi.Selection, t taker) error {
	wanted := map[Part]map[string]bool{}
	derived := map[Part]bool{} // whether any of them follows from figures
	for _, f := range c.archive.Families() {
		if !t.matcher().name(f.Name) {
			continue
		}
		part := f.Part
		if part == 0 && s.KnownThen {
			part = f.Then
		} else {
			derived[part] = true
		}
		if wanted[part] == nil {
			wanted[part] = map[string]bool{}
		}
		wanted[part][f.Name] = true
	}
	for part, families := range wanted {
		var err error
		if part == 0 {
			err = c.figures(ctx, s, families, t)
		} else {
			err = c.standing(ctx, s, part, families, derived[part], t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// taker is given series one by one.
type taker interface {
	matcher() *filter
	// wants reports whether it will look at a label of the figures' own families.
	wants(label string) bool
	// take is given what a series is called, for the time of the call, and its
	// steps, which begin with the one in force at the selection's From.
	take(l labelled, steps []promapi.Step, counts bool) error
	// takeAgain is take of a figure that differs from the last in nothing that
	// anybody looks at.
	takeAgain(steps []promapi.Step) error
}

// figures hands on the families of the indicators themselves.
func (c *Chronicle) figures(ctx context.Context, s promapi.Selection, families map[string]bool, t taker) error {
	var known time.Time
	if s.KnownBy != math.MaxInt64 {
		known = time.UnixMilli(s.KnownBy)
	}
	figures, err := c.archive.Figures(ctx, known)
	if err != nil {
		return err //nolint:wrapcheck // the archive says what failed
	}
	indicators := figures.Indicators()
	for i := range indicators {
		family := figurePrefix + indicators[i].ID
		if !families[family] {
			continue
		}
		from := s.From
		if s.Listing && !indicators[i].Followed() { // the newest are at hand, and all others are many
			from = max(from, s.To)
		}
		courses, err := figures.Courses(ctx, &indicators[i], moment(from), moment(s.To))
		if err != nil {
			return fmt.Errorf("read how %s ran: %w", indicators[i].ID, err)
		}
		f := &figureWalk{selection: s, family: family, labelsOf: figures.Labels(&indicators[i]), region: figures.Regions(), taker: t}
		if indicators[i].Followed() {
			f.callings = &c.callings
		}
		if err := f.walk(ctx, courses); err != nil {
			return err
		}
	}
	return nil
}

const figurePrefix = "governance_"

// nameLabel is the label that a family's name is in.
const nameLabel = "__name__"

// moment is a time in milliseconds since the Unix epoch, as far as times reach
// that calendars can work with.
func moment(ms int64) time.Time {
	const first, last = -62135596800_000, 32503680000_000 // year 1, year 3000
	return time.UnixMilli(min(max(ms, first), last))
}

// standing hands on families that follow from figures, where any of them is derived,
// and figures as they stood.
func (c *Chronicle) standing(ctx context.Context, s promapi.Selection, part Part, families map[string]bool, derived bool, t taker) error {
	if s.Listing {
		s.From = max(s.From, min(s.To, c.archive.Now().UnixMilli()))
	}
	// What stood at an instant follows from what had been recorded by then anyway:
	// who asks for what was known at the end, or later, shares with all others.
	all, knownBy := s.KnownBy == math.MaxInt64, s.KnownBy
	if knownBy >= s.To {
		knownBy = math.MaxInt64
	}
	book, err := c.open(ctx, s.From, s.To, knownBy)
	if err != nil || book == nil {
		return err
	}
	for _, id := range book.subjects {
		if id != "" && !families[figurePrefix+id] && (!derived || !t.matcher().value("indicator", id)) {
			continue
		}
		var seen picture
		switch last := book.chapters[len(book.chapters)-1]; {
		case all && last.OnlyPresent(id) && s.From >= c.archive.Now().Add(-present).UnixMilli():
			seen, err = now(ctx, last, columnKey{id, part}, s)
		case knownBy != math.MaxInt64:
			seen, err = fresh(ctx, book, columnKey{id, part})
		default:
			seen, err = c.column(ctx, book, columnKey{id, part})
		}
		if err != nil {
			return fmt.Errorf("work out what stood of %s: %w", id, err)
		}
		if err := seen.hand(s, families, t); err != nil {
			return err
		}
	}
	return nil
}

// present is how long ago still counts as now for what has no cheap past.
const present = 15 * time.Minute

// column returns what stood of an indicator, worked out over the book's time.
func (c *Chronicle) column(ctx context.Context, b *book, key columnKey) (picture, error) {
	c.mu.Lock()
	shared := c.columns[key]
	if shared == nil {
		shared = &column{key: key}
		c.columns[key] = shared
	}
	c.mu.Unlock()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if certain := shared.to - settled.Milliseconds(); shared.to != 0 && b.from >= shared.from {
		if b.to <= certain {
			return shared.picture(), nil
		}
		var err error // what comes after that must be worked out, or looked at again
		if b, err = c.openIn(ctx, b.past, max(shared.from, certain), max(b.to, shared.to), b.knownBy); err != nil {
			return nil, err
		}
	}
	return shared.upTo(ctx, b)
}

// settled is how long ago all that was recorded is certain to have been seen: a
// commit is in memory moments after the time that the ledger gave it.
const settled = 10 * time.Minute

// filter is matchers, by the label they look at.
type filter struct {
	names []*labels.Matcher
	rest  []*labels.Matcher
}

func newFilter(matchers []*labels.Matcher) *filter {
	f := &filter{}
	for _, m := range matchers {
		if m.Name == nameLabel {
			f.names = append(f.names, m)
		} else {
			f.rest = append(f.rest, m)
		}
	}
	return f
}

func (f *filter) name(family string) bool { return matchAll(f.names, family) }

// value reports whether a label may have a value.
func (f *filter) value(name, value string) bool {
	for _, m := range f.rest {
		if m.Name == name && !m.Matches(value) {
			return false
		}
	}
	return true
}

func matchAll(matchers []*labels.Matcher, value string) bool {
	for _, m := range matchers {
		if !m.Matches(value) {
			return false
		}
	}
	return true
}

// labels reports whether labels other than the name match.
func (f *filter) labels(get func(name string) string) bool {
	for _, m := range f.rest {
		if !m.Matches(get(m.Name)) {
			return false
		}
	}
	return true
}
