package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/dashboards"
	"github.com/govkpi/govkpi/grafana"
	"github.com/govkpi/govkpi/internal/fact"
)

// GrafanaState is the name of the file in the ledger's folder that remembers what
// was written to Grafana.
const GrafanaState = "grafana.json"

// Grafana is the boards of a configuration and the Grafana that it names.
type Grafana struct {
	config  *config.Config
	desired grafana.Desired
	data    string
}

// NewGrafana makes the boards of a configuration. What was written before is
// remembered in the folder data; empty is the ledger's.
func NewGrafana(cfg *config.Config, data string) (*Grafana, error) {
	if cfg.Grafana == nil {
		return nil, errors.New("the configuration has no section grafana: it says where the boards go")
	}
	desired, err := grafanaDesired(cfg, slices.Values(cfg.Regions))
	if err != nil {
		return nil, err
	}
	if data == "" {
		data = cfg.Ledger.Path
	}
	return &Grafana{cfg, desired, data}, nil
}

// grafanaTag marks the boards of a site, so that two sites can share a Grafana.
func grafanaTag(cfg *config.Config) string { return dashboards.Tag + "-" + cfg.Site.Region }

// grafanaDesired is what Grafana should have: the boards in each language that has a
// folder.
func grafanaDesired(cfg *config.Config, regions iter.Seq[fact.Region]) (grafana.Desired, error) {
	g := cfg.Grafana
	d := grafana.Desired{Datasource: grafana.Datasource(g.Datasource)}
	if g.Playlist != nil {
		d.Playlist = &grafana.Playlist{UID: g.Playlist.UID, Title: g.Playlist.Title, Interval: g.Playlist.Interval}
	}
	options := dashboards.Options{
		Site: cfg.Site.Name, Region: cfg.Site.Region, Notice: cfg.Site.Notice, Zone: cfg.Site.Zone.String(),
		Themes: cfg.Themes, Indicators: cfg.Indicators, Milestones: cfg.Milestones, Datasource: g.Datasource.UID, BaseURL: g.PagesURL,
	}
	for r := range regions { // of grids there may be millions, and no board shows one
		if r.Level <= fact.County {
			options.Regions = append(options.Regions, r)
		}
	}
	if o := cfg.Outlines; o != nil {
		d.Maps = []grafana.Map{{Name: o.Name, Content: o.Content}}
		if g.OutlinesURL != "" {
			options.Outlines = dashboards.Outlines{URL: g.OutlinesURL, West: o.West, South: o.South, East: o.East, North: o.North, Attribution: o.Attribution}
		}
	}
	for i, folder := range g.Folders {
		d.Folders = append(d.Folders, grafana.Folder{UID: folder.UID, Title: folder.Title})
		options.Folder, options.Language = folder.UID, dashboards.Language(folder.Language)
		boards, err := dashboards.Generate(options)
		if err != nil {
			return d, err
		}
		for _, b := range boards {
			d.Boards = append(d.Boards, grafana.Board{UID: b.UID, FolderUID: b.FolderUID, Title: b.Title, JSON: b.JSON, Wall: b.Wall && i == 0})
		}
	}
	return d, nil
}

// grafanaRemote is the Grafana that the configuration names.
func grafanaRemote(cfg *config.Config, data string) (*grafana.Remote, error) {
	g := cfg.Grafana
	if g == nil || g.URL == "" {
		return nil, errors.New("grafana.url is not in the configuration: without it there are only files, which govkpi grafana generate writes")
	}
	token, password, err := g.Login()
	if err != nil {
		return nil, err
	}
	if token == notNeeded || password == notNeeded {
		return nil, errors.New("the secret of grafana.url is not there: set the environment variable that the section grafana names, or see that its file can be read")
	}
	return grafana.NewRemote(grafana.RemoteOptions{
		URL: g.URL, Login: grafana.Login{Token: token, User: g.User, Password: password}, OrgID: g.OrgID,
		Timeout: g.Timeout, Tag: grafanaTag(cfg), StateFile: filepath.Join(data, GrafanaState),
	})
}

// Generate writes everything that a Grafana beside us provisions itself from
// into a folder, which will lie at install on Grafana's machine. With force it
// writes over what somebody changed there.
func (g *Grafana) Generate(folder, install string, force bool) (grafana.Written, error) {
	return grafana.Generate(folder, g.desired, grafana.FileOptions{
		Install: install, OrgID: g.config.Grafana.OrgID, OrgName: g.config.Grafana.OrgName,
		Zone: g.config.Site.Zone.String(), Tag: grafanaTag(g.config),
	}, force)
}

// Plan compares the remote Grafana with the boards. It changes nothing.
func (g *Grafana) Plan(ctx context.Context, force, prune bool) (*grafana.Plan, error) {
	remote, err := grafanaRemote(g.config, g.data)
	if err != nil {
		return nil, err
	}
	return remote.Plan(ctx, g.desired, grafana.How{Force: force, Prune: prune})
}

// Apply does what a plan says, and tells of each object in a sentence. The error
// names all that failed and all that was left as it is.
func (g *Grafana) Apply(ctx context.Context, plan *grafana.Plan, say func(sentence string)) error {
	remote, err := grafanaRemote(g.config, g.data)
	if err != nil {
		return err
	}
	err = remote.Apply(ctx, plan, func(d grafana.Done) {
		if d.Err == nil {
			say(fmt.Sprintf("%s: %s %s %s", d.Item.Verb, d.Item.Kind, d.Item.UID, d.Item.Title))
		}
	})
	var left []string
	for i := range plan.Items {
		if one := &plan.Items[i]; one.Left() {
			left = append(left, fmt.Sprintf("%s %s (%s)", one.Kind, one.UID, one.Verb))
		}
	}
	if len(left) > 0 {
		err = errors.Join(err, fmt.Errorf("left as they are: %s: govkpi grafana plan says why", strings.Join(left, ", ")))
	}
	return err
}

// WallURLs returns the addresses for a browser on a wall.
func (g *Grafana) WallURLs(ctx context.Context) ([]grafana.WallURL, error) {
	remote, err := grafanaRemote(g.config, g.data)
	if err != nil {
		return nil, err
	}
	return remote.WallURLs(ctx, g.desired)
}
