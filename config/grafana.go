package config

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Grafana says which Grafana shows the boards, and how we get there.
type Grafana struct {
	// URL is the address of a remote Grafana to keep; empty is none, and then
	// there are files only.
	URL string
	// User is who logs in with a password; empty where a token does. Neither secret
	// is here: Login returns them.
	User string
	// OrgID is the organization that has the boards; OrgName its name.
	OrgID   int64
	OrgName string
	// Timeout is for each request.
	Timeout time.Duration

	Datasource GrafanaDatasource
	// Folders has at least one, and at most one of each language. The first one's
	// boards are those of the wall.
	Folders []GrafanaFolder
	// Playlist is nil where there is none.
	Playlist *GrafanaPlaylist
	// OutlinesURL is where a browser finds the outlines, from Grafana's own
	// address on; empty is no maps.
	OutlinesURL string
	// PagesURL is where a browser reaches govkpi; empty leaves links to it out.
	PagesURL string

	ApplyAtStart bool
	Schedule     string // as written; empty is never by itself
	// Block is the whole section, for errors with a position.
	Block *Block
}

// GrafanaDatasource is the data source that answers the boards' queries.
type GrafanaDatasource struct {
	UID  string
	Name string
	URL  string // empty where somebody else looks after it
}

// GrafanaFolder is the folder with the boards of one language.
type GrafanaFolder struct {
	Language string // zh or en
	UID      string
	Title    string
}

// GrafanaPlaylist shows the boards of the wall in turn.
type GrafanaPlaylist struct {
	UID      string
	Title    string
	Interval time.Duration
}

// Login returns the token, or the password of User; one of the two is empty.
func (g *Grafana) Login() (token, password string, err error) {
	if token, err = g.Block.Secret("token"); err != nil {
		return "", "", err
	}
	password, err = g.Block.Secret("password")
	return token, password, err
}

type grafanaBlock struct {
	Self         *node             `yaml:",self"`
	URL          string            `yaml:"url,optional"`
	Token        string            `yaml:"token,secret,optional"`
	User         string            `yaml:"user,optional"`
	Password     string            `yaml:"password,secret,optional"`
	Organization organizationBlock `yaml:"organization"`
	Timeout      *time.Duration    `yaml:"timeout"`
	Datasource   datasourceBlock   `yaml:"datasource"`
	Folders      []folderBlock     `yaml:"folders"`
	Playlist     *playlistBlock    `yaml:"playlist"`
	OutlinesURL  string            `yaml:"outlines_url,optional"`
	PagesURL     string            `yaml:"pages_url,optional"`
	ApplyAtStart bool              `yaml:"apply_at_start,optional"`
	Schedule     string            `yaml:"schedule,optional"`
}

type organizationBlock struct {
	Self *node  `yaml:",self"`
	ID   int    `yaml:"id"`
	Name string `yaml:"name"`
}

type datasourceBlock struct {
	Self *node  `yaml:",self"`
	UID  string `yaml:"uid"`
	Name string `yaml:"name"`
	URL  string `yaml:"url,optional"`
}

type folderBlock struct {
	Self     *node  `yaml:",self"`
	Language string `yaml:"language"`
	UID      string `yaml:"uid"`
	Title    string `yaml:"title"`
}

type playlistBlock struct {
	Self     *node         `yaml:",self"`
	UID      string        `yaml:"uid"`
	Title    string        `yaml:"title"`
	Interval time.Duration `yaml:"interval"`
}

// grafana reads the section; b is nil where the site has none.
func (l *loader) grafana(b *grafanaBlock) *Grafana {
	if b == nil || b.Self.kind != mapping {
		return nil
	}
	l.readSecrets(b.Self)
	l.refuseWrittenOut(b.Self)
	l.grafanaLogin(b)
	l.webAddress(b.Self, "pages_url")
	l.webAddress(b.Datasource.Self, "url")
	if o := b.Organization.Self; o != nil {
		l.atLeast(o, "id", b.Organization.ID, 1)
		l.oneLine(o, "name")
		if n := o.child("name"); n != nil && strings.Contains(n.value, "`") {
			l.problems.refuse(n, "must have no ` in it: grafana.ini could not hold the name")
		}
	}
	l.grafanaUID(b.Datasource.Self)
	if b.Datasource.Self != nil {
		l.oneLine(b.Datasource.Self, "name")
	}
	l.oneLine(b.Self, "schedule")
	g := &Grafana{
		URL: strings.TrimRight(b.URL, "/"), User: b.User, OrgID: int64(b.Organization.ID), OrgName: b.Organization.Name,
		Datasource:  GrafanaDatasource{UID: b.Datasource.UID, Name: b.Datasource.Name, URL: b.Datasource.URL},
		OutlinesURL: b.OutlinesURL, PagesURL: strings.TrimRight(b.PagesURL, "/"), ApplyAtStart: b.ApplyAtStart, Schedule: b.Schedule, Block: l.block(b.Self),
	}
	if b.Timeout != nil {
		l.positive(b.Self, "timeout", *b.Timeout)
		g.Timeout = *b.Timeout
	}
	l.grafanaFolders(b, g)
	l.grafanaPlaylist(b, g)
	return g
}

// grafanaLogin refuses half a login, and what only a remote Grafana needs where
// there is none.
func (l *loader) grafanaLogin(b *grafanaBlock) {
	given := func(key string) bool { return b.Self.child(key) != nil || b.Self.child(key+fileSuffix) != nil }
	if !given("url") {
		for _, c := range b.Self.children {
			switch c.name {
			case "token", "token_file", "user", "password", "password_file", "timeout", "schedule", "apply_at_start":
				l.problems.refuseKey(c, `needs "url": without it there is no Grafana to reach, only files`)
			}
		}
		return
	}
	l.webAddress(b.Self, "url")
	switch token, user, password := given("token"), given("user"), given("password"); {
	case token && (user || password):
		l.problems.at(b.Self.key, "%sa token, or else user and password; not both", b.Self.label())
	case !token && (!user || !password):
		l.problems.at(b.Self.key, `%s"token" or "token_file" is missing, or else "user" and "password" or "password_file"`, b.Self.label())
	}
	if !given("timeout") {
		l.problems.at(b.Self.key, `%s"timeout" is missing: "url" needs it`, b.Self.label())
	}
}

// webAddress refuses what is no plain address of a web server.
func (l *loader) webAddress(in *node, key string) {
	if in.child(key) == nil || !l.problems.has(in, key) {
		return
	}
	n := in.child(key)
	address, err := url.Parse(n.value)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" || address.User != nil || address.RawQuery != "" || address.Fragment != "" {
		l.problems.refuse(n, "%s must be an address such as https://grafana.example.org, without user and parameters", n.quote())
	}
}

// grafanaUID refuses what some Grafana would not take as a uid.
func (l *loader) grafanaUID(in *node) {
	if in == nil || !l.problems.has(in, "uid") {
		return
	}
	n := in.child("uid")
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	if len(n.value) > 40 || strings.Trim(n.value, letters) != "" {
		l.problems.refuse(n, "%s must be at most 40 letters, digits, - and _", n.quote())
	}
}

func (l *loader) grafanaFolders(b *grafanaBlock, g *Grafana) {
	languages, uids := map[string]*node{}, map[string]*node{}
	for i := range b.Folders {
		f := &b.Folders[i]
		language := enumerated(l, f.Self, "language", parseLanguage)
		l.unique(f.Self, "language", language, languages)
		l.grafanaUID(f.Self)
		l.unique(f.Self, "uid", f.UID, uids)
		l.oneLine(f.Self, "title")
		if l.problems.has(f.Self, "title") && strings.Contains(f.Title, "/") {
			l.problems.refuse(f.Self.child("title"), "must have no / in it, which Grafana takes for a path")
		}
		g.Folders = append(g.Folders, GrafanaFolder{Language: language, UID: f.UID, Title: f.Title})
	}
}

func (l *loader) grafanaPlaylist(b *grafanaBlock, g *Grafana) {
	if b.Playlist == nil {
		return
	}
	p := b.Playlist
	l.grafanaUID(p.Self)
	if p.Self != nil {
		l.oneLine(p.Self, "title")
		if l.problems.has(p.Self, "interval") && (p.Interval < time.Second || p.Interval%time.Second != 0) {
			l.problems.refuse(p.Self.child("interval"), "must be whole seconds, and at least one")
		}
	}
	g.Playlist = &GrafanaPlaylist{UID: p.UID, Title: p.Title, Interval: p.Interval}
}

func parseLanguage(s string) (string, error) {
	if s == "zh" || s == "en" {
		return s, nil
	}
	return "", fmt.Errorf("unknown language %q: expected zh or en", s)
}
