package httpjson

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// pull is one run for one target. One goroutine uses it.
type pull struct {
	*settings
	request collectors.Request
	sink    collectors.Sink
	values  values
	fetcher *fetcher
	pager   *pager
	mapper  *mapper
	totals  totals
	first   *asked // the request for the first page
	input   digest
	pages   []rememberedPage
}

func (s *settings) newPull(request collectors.Request, sink collectors.Sink, since time.Time) *pull {
	p := &pull{settings: s, request: request, sink: sink, input: newDigest()}
	p.values = values{target: request.Target, since: since, now: request.Now, size: p.sizeText()}
	p.pager = newPager(&s.paging, s.envelope)
	p.mapper = newMapper(s.plan, &request, s.limits.rows)
	p.totals.zone = request.Now.Location()
	return p
}

// ask makes the request for a page.
func (p *pull) ask(place string) (*asked, error) {
	v := p.values
	v.place = place
	return p.question.ask(&v, &p.paging)
}

// open connects the pull with its source; close ends that.
func (p *pull) open() (closeAll func(), err error) {
	if p.first, err = p.ask(p.pager.at); err != nil {
		return nil, err
	}
	client, closeAll := p.access.client(p.first.url)
	p.fetcher = &fetcher{settings: p.settings, client: client, now: p.request.Now}
	return closeAll, nil
}

// all pulls page after page. first is the answer for the first one, where it has
// come already.
func (p *pull) all(ctx context.Context, first *answer) error {
	for follows := true; follows; first = nil {
		if p.pager.index > p.limits.pages {
			return fmt.Errorf("the source has more pages than limits.pages, %d; nothing was taken: ask for less, or raise the limit", p.limits.pages)
		}
		a, err := p.ask(p.pager.at)
		if err != nil {
			return err
		}
		a.page, a.noSuchPage = p.pager.String(), p.pager.noSuchPage(p.envelope)
		if first == nil {
			got, err := p.fetcher.fetch(ctx, a, validators{})
			if err != nil {
				return err
			}
			first = &got
		}
		p.pages = append(p.pages, rememberedPage{p.pager.at, a.digest(), first.validators})
		p.input.bytes(first.body)
		if follows, err = p.page(ctx, a, first); err != nil {
			return err
		}
	}
	if err := p.mapper.drift(); err != nil {
		return p.fetcher.explain(p.first, err)
	}
	readings, err := p.totals.readings(p.envelope)
	if err != nil {
		return p.fetcher.explain(p.first, err)
	}
	return p.handOver(readings, nil)
}

// page reads one page and hands over its rows.
func (p *pull) page(ctx context.Context, a *asked, got *answer) (follows bool, err error) {
	rows := p.mapper.rows
	part := cmp.Or(a.path, "/")
	if a.page != "" {
		part += ", " + a.page
	}
	where := func(err error) error { return p.fetcher.explain(a, err) }
	opened, err := p.envelope.open(ctx, withoutMark(got.body), p.limits.depth)
	if err != nil {
		return false, where(p.notJSON(err, got))
	}
	if err := opened.verdict(); err != nil {
		return false, where(err)
	}
	p.mapper.begin(part)
	if err := opened.each(ctx, p.mapper); err != nil {
		return false, where(err)
	}
	rows = p.mapper.rows - rows
	items, err := opened.countItems(rows)
	if err != nil {
		return false, where(err)
	}
	take, follows, err := p.pager.next(opened, rows, items, p.mapper.mark())
	switch {
	case err != nil:
		return false, where(err)
	case !take:
		p.mapper.rows -= rows
		return follows, nil
	}
	if err := p.mapper.driftOfPage(); err != nil {
		return false, where(err)
	}
	if rows > 0 || items > 0 || len(p.pages) == 1 {
		if err := p.totals.take(opened, part); err != nil {
			return false, where(err)
		}
	}
	return follows, p.handOver(p.mapper.readings, p.mapper.entries)
}

func (p *pull) handOver(readings []fact.Reading, entries []fact.RegionEntry) error {
	for i := range readings {
		if err := p.sink.Add(readings[i]); err != nil {
			return err //nolint:wrapcheck // the sink says what failed
		}
	}
	for i := range entries {
		if err := p.sink.AddRegion(entries[i]); err != nil {
			return err //nolint:wrapcheck // the sink says what failed
		}
	}
	return nil
}

// summary describes what was read so far.
func (p *pull) summary() collectors.Summary {
	s := collectors.Summary{Rows: p.mapper.rows, InputDigest: p.input.sum()}
	d := newDigest()
	d.texts(p.first.known...)
	d.texts(p.envelope.rows.written)
	s.QueryDigest = d.sum()
	return s
}

// withoutMark takes off the byte order mark that some sources begin with.
func withoutMark(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")) }

// notJSON says what came instead of JSON.
func (s *settings) notJSON(err error, got *answer) error {
	var fault *syntaxFault
	if !errors.As(err, &fault) {
		return err
	}
	b := bytes.TrimSpace(withoutMark(got.body))
	kind := strings.ToLower(s.redact.head([]byte(got.contentType)))
	switch {
	case len(b) == 0:
		return errors.New("the answer is empty: check url and path")
	case b[0] == '<':
		return fmt.Errorf("the answer is no JSON but %s and begins with %q: is it a login or error page? check url, path and credentials", typeName(kind), s.redact.head(b))
	case strings.Contains(kind, "ndjson"), strings.Contains(kind, "jsonl"), strings.Contains(kind, "json-seq"), severalValues(got.body, fault):
		return fmt.Errorf("the answer is several values of JSON, one after the other (NDJSON): ask the source for one list; %w", err)
	case !strings.Contains(kind, "json"):
		return fmt.Errorf("the answer can't be read as JSON: %w; its Content-Type is %s and it begins with %q", err, typeName(kind), s.redact.head(b))
	}
	return fmt.Errorf("the answer can't be read as JSON: %w", err)
}

func typeName(contentType string) string {
	if contentType == "" {
		return "of an unknown type"
	}
	return contentType
}

// severalValues reports whether a fault is an object or list on a line of its
// own behind the first one.
func severalValues(body []byte, fault *syntaxFault) bool {
	b := withoutMark(body)
	return fault.offset < len(b) && (b[fault.offset] == '{' || b[fault.offset] == '[') &&
		bytes.HasSuffix(bytes.TrimRight(b[:fault.offset], " \t"), []byte("\n")) && fault.trailing
}
