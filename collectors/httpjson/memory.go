package httpjson

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// memory is what the sources of all targets answered last, as far as it is
// needed to ask whether something has changed. It is safe for concurrent use.
type memory struct {
	mu       sync.Mutex
	byTarget map[string]remembered
}

// remembered is a pull whose delivery was taken without a rejection.
type remembered struct {
	day   string // on which it took place, where figures are of the period last ended
	pages []rememberedPage
}

// rememberedPage is how to ask for a page again, and for what only that page
// was.
type rememberedPage struct {
	place  string
	digest string // of the request
	validators
}

// take returns what is remembered of a target and forgets it: whoever took it
// puts it back once it has been found to hold still.
func (m *memory) take(target string) remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.byTarget[target]
	delete(m.byTarget, target)
	return r
}

func (m *memory) put(target string, r remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byTarget[target] = r
}

// complete reports whether a source can be asked whether anything at all has
// changed.
func (r *remembered) complete() bool {
	return len(r.pages) > 0 && !slices.ContainsFunc(r.pages, func(p rememberedPage) bool { return p.none() })
}

// day is when a pull takes place, as far as what it yields depends on that.
func (p *pull) day() string {
	if p.layout.LastEnded {
		return p.request.Now.Format(time.DateOnly)
	}
	return ""
}

// unchanged asks for every remembered page whether it has changed. Where the
// first one has, its answer is that to an ordinary request, and is returned.
func (p *pull) unchanged(ctx context.Context, r remembered) (unchanged bool, first *answer, err error) {
	if !r.complete() || r.day != p.day() {
		return false, nil, nil
	}
	for i, page := range r.pages {
		a, err := p.ask(page.place)
		if err != nil {
			return false, nil, err
		}
		if a.digest() != page.digest {
			return false, nil, nil
		}
		got, err := p.fetcher.fetch(ctx, a, page.validators)
		switch {
		case err != nil:
			return false, nil, fmt.Errorf("ask whether anything has changed: %w", err)
		case got.unchanged:
			continue
		case i == 0:
			return false, &got, nil
		}
		return false, nil, nil
	}
	return true, nil, nil
}
