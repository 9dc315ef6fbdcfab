// Package httpjson is the kind of collector that asks an HTTP API. It reads the
// pages of a JSON API, finds the rows and fields with jq, and hands on one
// reading a row (long form), one for each of several fields (wide form), or an
// entry of a register of regions.
//
// A run reads one page at a time into memory and lets go of all connections at
// its end. Between runs it remembers how the source marked what it answered
// (ETag, Last-Modified), so that a source that has not changed costs nothing.
package httpjson

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/govkpi/govkpi/collectors"
)

// Kind is the kind "httpjson". docs/collectors/httpjson.md describes its
// options.
func Kind() collectors.Kind { return kindWaiting(wait) }

// kindWaiting is Kind with another way of waiting between two attempts.
func kindWaiting(wait func(ctx context.Context, d time.Duration) error) collectors.Kind {
	return collectors.Kind{
		Name: "httpjson",
		New: func(blocks collectors.Blocks) (collectors.Collector, error) {
			s, err := read(blocks)
			if err != nil {
				return nil, err
			}
			s.wait = wait
			return &api{settings: s, memory: memory{byTarget: map[string]remembered{}}}, nil
		},
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// api is the collector. It holds no connection between runs.
type api struct {
	*settings
	memory memory
}

// Collect implements collectors.Collector.
func (c *api) Collect(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
	since, err := c.since(request)
	if err != nil {
		return collectors.Summary{}, err
	}
	if err := c.checkTarget(request.Target); err != nil {
		return collectors.Summary{}, err
	}
	p := c.newPull(request, sink, since)
	closeAll, err := p.open()
	if err != nil {
		return collectors.Summary{}, err
	}
	defer closeAll()
	if request.DryRun || !request.Since.IsZero() {
		err := p.all(ctx, nil)
		return p.summary(), err
	}
	before := c.memory.take(request.Target.Code)
	unchanged, first, err := p.unchanged(ctx, before)
	switch {
	case err != nil:
		return p.summary(), err
	case unchanged:
		c.memory.put(request.Target.Code, before)
		return collectors.Summary{Unchanged: true, QueryDigest: p.summary().QueryDigest}, nil
	}
	if err := p.all(ctx, first); err != nil {
		return p.summary(), err
	}
	return p.summary(), c.deliver(ctx, p)
}

// deliver ends the pull and remembers what the source answered, if nothing of
// it was rejected: rejections have to come again, for the catalogue may change.
func (c *api) deliver(ctx context.Context, p *pull) error {
	answered := remembered{day: p.day(), pages: p.pages}
	if !answered.complete() {
		return nil // the runner delivers
	}
	receipt, err := p.sink.Deliver(ctx, collectors.Part{Summary: p.summary()})
	if err != nil {
		return err //nolint:wrapcheck // the sink says what failed
	}
	if receipt.Taken && len(receipt.Rejections) == 0 {
		c.memory.put(p.request.Target.Code, answered)
	}
	return nil
}

// since returns the time that {since.…} writes, or nothing where the request
// has none.
func (s *settings) since(request collectors.Request) (time.Time, error) {
	zone := request.Now.Location()
	switch {
	case s.question.since && !request.Since.IsZero():
		return request.Since.Start(zone), nil
	case s.question.since:
		year, month, day := request.Now.Add(-s.lookback).Date()
		return time.Date(year, month, day, 0, 0, 0, 0, zone), nil
	case !request.Since.IsZero():
		return time.Time{}, fmt.Errorf("history since %s was asked for, but the request has no {since.date} or the like: add it and lookback to the collector's options", request.Since)
	}
	return time.Time{}, nil
}

func (s *settings) checkTarget(target collectors.Target) error {
	if s.fanOut && target.IsZero() {
		return errors.New("the source is asked for one region at a time, and no region was given; this is a fault of the program")
	}
	return nil
}

// Ping implements collectors.Collector. It asks for the first page. Where that
// depends on the time of a run, which there is none, it asks for the source's
// url instead, and any answer will do that doesn't turn us away.
func (c *api) Ping(ctx context.Context, target collectors.Target) error {
	if err := c.checkTarget(target); err != nil {
		return err
	}
	p := c.newPull(collectors.Request{Target: target}, nil, time.Time{})
	closeAll, err := p.open()
	if err != nil {
		return err
	}
	defer closeAll()
	a, err := p.ask(p.pager.at)
	if err != nil {
		return err
	}
	p.fetcher.settings = c.once()
	if c.question.since || c.question.now {
		return p.fetcher.reach(ctx, a)
	}
	got, err := p.fetcher.fetch(ctx, a, validators{})
	if err != nil {
		return err
	}
	opened, err := c.envelope.open(ctx, withoutMark(got.body), c.limits.depth)
	if err == nil {
		err = opened.verdict()
	}
	if err != nil {
		return p.fetcher.explain(a, c.notJSON(err, &got))
	}
	return nil
}

// once returns settings for one attempt.
func (s *settings) once() *settings {
	c := *s
	c.retries.attempts = 1
	return &c
}

// reach checks that something answers at the address, and doesn't turn us away.
func (f *fetcher) reach(ctx context.Context, a *asked) error {
	bare := *a
	address := *a.url
	address.RawQuery = ""
	bare.method, bare.body, bare.url = http.MethodHead, "", &address
	limited, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeout)
	defer cancel()
	request, err := bare.make(limited)
	if err != nil {
		return f.explain(&bare, err)
	}
	f.dress(request, validators{})
	response, err := f.client.Do(request)
	if err != nil {
		return f.explain(&bare, f.notAnswered(limited, err))
	}
	defer response.Body.Close()
	turnedAway := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired}
	if code := response.StatusCode; code >= http.StatusInternalServerError && code != http.StatusNotImplemented || slices.Contains(turnedAway, code) {
		return f.explain(&bare, f.refused(&bare, response))
	}
	return nil
}
