package config

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Notify says who is told of alerts, when and through what.
type Notify struct {
	Schedule string // as written: what it means is not known here
	// WorkingDaysOnly leaves out the firings on days off.
	WorkingDaysOnly bool
	// ChronicAfterDays is for how many days somebody is newly late; after more,
	// the lateness is chronic.
	ChronicAfterDays int
	// SaysNothing sends a message also where there is nothing to say.
	SaysNothing bool
	Link        string // an http or https address; empty is none
	// ForgetAfter is how long an alert of which nothing more is heard counts as
	// firing.
	ForgetAfter time.Duration
	Retry       NotifyRetry
	Channels    []Channel
	Routes      []Route
	// Block is the whole section, for errors with a position.
	Block *Block
}

// NotifyRetry says what follows a message that could not be delivered.
type NotifyRetry struct {
	Backoff time.Duration // before the second attempt; it doubles with each further one
	Longest time.Duration // but never exceeds this
	Window  time.Duration // counted from when the message was stored; none begins after it
}

// Channel is one way to people: a robot in a group, a mail server, a webhook.
type Channel struct {
	Name string
	// Kind is as written: which kinds there are is not known here.
	Kind string
	// Options is what only the kind understands: the block under the kind's name.
	Options *Block
	// Block is the whole entry, for errors with a position.
	Block *Block
}

// Route brings the digests of some regions to people.
type Route struct {
	// Regions are the codes of cities, and of the site's own region for what
	// belongs to no city; empty is all of them.
	Regions []string
	Channel string   // the name of one of Notify.Channels
	To      []string // addresses, where the channel's kind has any
	Mention []string // officers, as the channel knows them
	// Block is the whole entry, for errors with a position.
	Block *Block
}

type notifyBlock struct {
	Self             *node              `yaml:",self"`
	Schedule         string             `yaml:"schedule"`
	WorkingDaysOnly  bool               `yaml:"working_days_only"`
	ChronicAfterDays int                `yaml:"chronic_after_days"`
	WhenNothing      string             `yaml:"when_nothing"`
	Link             *string            `yaml:"link"`
	ForgetAfter      time.Duration      `yaml:"forget_after"`
	Retry            notifyRetryBlock   `yaml:"retry"`
	Channels         []channelBlock     `yaml:"channels"`
	Routes           []notifyRouteBlock `yaml:"routes"`
}

type notifyRetryBlock struct {
	Self    *node         `yaml:",self"`
	Backoff time.Duration `yaml:"backoff"`
	Longest time.Duration `yaml:"longest"`
	Window  time.Duration `yaml:"window"`
}

type channelBlock struct {
	Self *node   `yaml:",self"`
	Name string  `yaml:"name"`
	Kind string  `yaml:"kind"`
	Rest []*node `yaml:",rest"`
}

type notifyRouteBlock struct {
	Self    *node    `yaml:",self"`
	Regions *node    `yaml:"regions"`
	Channel string   `yaml:"channel"`
	To      []string `yaml:"to,optional"`
	Mention []string `yaml:"mention,optional"`
}

// The lengths keep a digest within the few thousand bytes that a robot takes,
// whatever it has to say.
const (
	longestLink    = 512 // bytes
	longestMention = 64  // bytes
	mostMentions   = 20
)

func (l *loader) notify(b *notifyBlock) *Notify {
	n := &Notify{
		Schedule: b.Schedule, WorkingDaysOnly: b.WorkingDaysOnly, ChronicAfterDays: b.ChronicAfterDays,
		SaysNothing: enumerated(l, b.Self, "when_nothing", parseWhenNothing),
		ForgetAfter: b.ForgetAfter, Retry: l.notifyRetry(&b.Retry), Link: l.link(b),
		Block: l.block(b.Self),
	}
	l.oneLine(b.Self, "schedule")
	l.atLeast(b.Self, "chronic_after_days", b.ChronicAfterDays, 1)
	l.positive(b.Self, "forget_after", b.ForgetAfter)
	known := map[string]*node{}
	for i := range b.Channels {
		n.Channels = append(n.Channels, l.channel(&b.Channels[i], known))
	}
	for i := range b.Routes {
		n.Routes = append(n.Routes, l.route(&b.Routes[i], known))
	}
	return n
}

func parseWhenNothing(s string) (says bool, err error) {
	switch s {
	case "silent":
		return false, nil
	case "send":
		return true, nil
	}
	return false, fmt.Errorf("unknown word %q: expected silent, or send for a message that says so", s)
}

func (l *loader) notifyRetry(b *notifyRetryBlock) NotifyRetry {
	l.positive(b.Self, "backoff", b.Backoff)
	l.positive(b.Self, "longest", b.Longest)
	l.positive(b.Self, "window", b.Window)
	if l.problems.has(b.Self, "backoff") && l.problems.has(b.Self, "longest") && b.Backoff > b.Longest {
		l.problems.refuse(b.Self.child("backoff"), "must not be longer than longest")
	}
	return NotifyRetry{Backoff: b.Backoff, Longest: b.Longest, Window: b.Window}
}

// link refuses what a robot would not make a link of.
func (l *loader) link(b *notifyBlock) string {
	if b.Link == nil || !l.problems.has(b.Self, "link") {
		return ""
	}
	n := b.Self.child("link")
	parsed, err := url.Parse(n.value)
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" || strings.ContainsAny(n.value, " ()<>\r\n"):
		l.problems.refuse(n, "%s is no address that people can open: expected one such as https://kpi.example.gov.cn/", n.quote())
	case len(n.value) > longestLink:
		l.problems.refuse(n, "must be at most %d bytes, so that a message has room beside it", longestLink)
	case n.secret:
		l.problems.refuse(n, "must not come from the environment: it is shown to everybody who gets a message")
	}
	return n.value
}

func (l *loader) channel(b *channelBlock, known map[string]*node) Channel {
	l.kebab(b.Self, "name")
	l.unique(b.Self, "name", b.Name, known)
	kind := b.Kind
	if other := misnamed(b.Rest, b.Kind, reflect.TypeFor[channelBlock]()); other != nil {
		named := b.Self.child("kind")
		l.problems.refuse(named, "%s has no block of that name, but there is %q: they must be the same", named.quote(), other.name)
		kind = other.name
	}
	c := Channel{
		Name: b.Name, Kind: b.Kind,
		Options: l.kindBlock(b.Self, b.Rest, kind, reflect.TypeFor[channelBlock]()), Block: l.block(b.Self),
	}
	// Whoever knows a robot's address can speak in its group.
	if address := c.Options.node.child("url"); address != nil && address.kind == text && !address.secret && !l.problems.refused[address] {
		address.written = ""
		l.problems.refuse(address, "must not stand in a configuration, for whoever has it can send: put it into ${ENV} or in a file that url_file names")
	}
	return c
}

func (l *loader) route(b *notifyRouteBlock, channels map[string]*node) Route {
	if n := b.Self.child("channel"); b.Channel != "" && channels[b.Channel] == nil {
		l.unknownReference(n, "channel", meant(b.Channel, channels))
	}
	if len(b.Mention) > mostMentions {
		l.problems.refuse(b.Self.child("mention"), "must be at most %d, found %d", mostMentions, len(b.Mention))
	}
	for _, key := range []string{"to", "mention"} {
		l.recipients(b.Self.child(key))
	}
	return Route{Regions: l.notified(b.Regions), Channel: b.Channel, To: b.To, Mention: b.Mention, Block: l.block(b.Self)}
}

// recipients refuses names that would break a message, or get it twice.
func (l *loader) recipients(n *node) {
	seen := map[string]bool{}
	for _, entry := range l.texts(n) {
		switch {
		case strings.ContainsAny(entry.value, " \t\r\n<>\"`,;") || len(entry.value) > longestMention:
			l.problems.refuse(entry, "%s must be one name or address of at most %d bytes without spaces, quotes, commas and brackets", entry.quote(), longestMention)
		case seen[entry.value]:
			l.problems.refuse(entry, "%s stands twice", entry.quote())
		}
		seen[entry.value] = true
	}
}

// notified returns the codes of the cities that a route names, by code or name.
func (l *loader) notified(n *node) []string {
	if n == nil || !(decoder{&l.problems}).expect(n, list, "a list of cities by code or name") {
		return nil
	}
	var codes []string
	for _, entry := range n.children {
		if !l.regionEntry(entry) || l.register.broken || l.incomplete {
			continue
		}
		i := slices.IndexFunc(l.config.Regions, func(r fact.Region) bool {
			return r.Level <= fact.City && (r.Code == entry.value || r.Name == entry.value)
		})
		switch {
		case i < 0:
			l.problems.refuse(entry, "there is no city with the code or name %s in the registers of regions.divisions", entry.quote())
		case l.config.Regions[i].Level != fact.City && l.config.Regions[i].Code != l.config.Site.Region:
			l.problems.refuse(entry, "%s is neither a city nor site.region", entry.quote())
		case slices.Contains(codes, l.config.Regions[i].Code):
			l.problems.refuse(entry, "%s stands twice", entry.quote())
		default:
			codes = append(codes, l.config.Regions[i].Code)
		}
	}
	if len(n.children) == 0 {
		l.problems.refuse(n, "must not be empty: leave it out for all cities and the site itself")
	}
	return codes
}
