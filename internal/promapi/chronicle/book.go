package chronicle

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// book is the chapters that a stretch of time lies in.
type book struct {
	from, to int64 // in milliseconds, inclusive
	knownBy  int64
	past     []Era // all that there are
	eras     []Era
	chapters []Chapter // as eras
	subjects []string  // the ids in any of them, and "" for the register
}

// open opens the chapters between two instants, as far as time has come; nil where
// nothing stood yet.
func (c *Chronicle) open(ctx context.Context, from, to, knownBy int64) (*book, error) {
	eras, err := c.archive.Eras(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the configurations that have been in force: %w", err)
	}
	return c.openIn(ctx, eras, from, to, knownBy)
}

// openIn is open where the eras are known: asking the archive for them again, for
// each indicator of a query, would cost more than the rest.
func (c *Chronicle) openIn(ctx context.Context, eras []Era, from, to, knownBy int64) (*book, error) {
	b := &book{from: from, to: min(to, c.archive.Now().UnixMilli()), knownBy: knownBy, past: eras}
	if len(eras) == 0 || b.to < eras[0].Begin.UnixMilli() || b.to < b.from {
		return nil, nil
	}
	b.from = max(b.from, eras[0].Begin.UnixMilli())
	for i, era := range eras {
		begun := min(b.to, b.knownBy) // a later configuration was not known
		if i > 0 && era.Begin.UnixMilli() > begun || i+1 < len(eras) && eras[i+1].Begin.UnixMilli() <= min(b.from, begun) {
			continue
		}
		chapter, err := c.archive.Open(ctx, era)
		if err != nil {
			return nil, fmt.Errorf("open the configuration of %s: %w", era.Begin.UTC().Format(time.RFC3339), err)
		}
		b.eras, b.chapters = append(b.eras, era), append(b.chapters, chapter)
		b.subjects = append(b.subjects, chapter.Indicators()...)
	}
	b.subjects = append(b.subjects, "")
	slices.Sort(b.subjects)
	b.subjects = slices.Compact(b.subjects)
	return b, nil
}

// at returns the chapter in force at an instant.
func (b *book) at(ms int64) Chapter {
	for i := len(b.eras) - 1; i > 0; i-- {
		if b.eras[i].Begin.UnixMilli() <= ms {
			return b.chapters[i]
		}
	}
	return b.chapters[0]
}

// instants returns those after one and up to another at which what a part says of
// an indicator may change: also where one configuration follows another.
func (b *book) instants(ctx context.Context, key columnKey, after, to int64) ([]fact.Instant, error) {
	var all []fact.Instant
	for i, chapter := range b.chapters {
		begin, end := after, to
		if i > 0 {
			if at := b.eras[i].Begin.UnixMilli(); at > after && at <= to {
				all = append(all, fact.Instant{At: at})
			}
			begin = max(begin, b.eras[i].Begin.UnixMilli())
		}
		if i+1 < len(b.eras) {
			end = min(end, b.eras[i+1].Begin.UnixMilli()-1)
		}
		if begin >= end {
			continue
		}
		further, err := chapter.Instants(ctx, key.indicator, key.part, moment(begin), moment(end))
		if err != nil {
			return nil, err //nolint:wrapcheck // the archive says what failed
		}
		all = append(all, further...)
	}
	return all, nil
}
