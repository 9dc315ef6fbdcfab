package grafana

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// remotePlaylist is a playlist as Grafana has it, whichever API it has.
type remotePlaylist struct {
	UID string
	playlistSpec
	owner string // the label with which we mark ours; the older API has none
	// whole is what the newer API wants back with a change.
	whole map[string]any
}

// playlistSpec is what a playlist is of.
type playlistSpec struct {
	Title    string         `json:"title"`
	Interval string         `json:"interval"`
	Items    []playlistItem `json:"items"`
}

type playlistItem struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

func (d Desired) playlistSpec() playlistSpec {
	spec := playlistSpec{Title: d.Playlist.Title, Interval: grafanaDuration(d.Playlist.Interval)}
	for _, uid := range d.wall() {
		spec.Items = append(spec.Items, playlistItem{Type: "dashboard_by_uid", Value: uid})
	}
	return spec
}

// grafanaDuration writes whole seconds or minutes: what every Grafana reads.
func grafanaDuration(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// ownerLabel marks what is ours among what has no tags.
const ownerLabel = "govkpi-owner"

// playlists is one of the two APIs for playlists.
type playlists interface {
	// find returns the playlist of that uid or else of that title; nil where there
	// is neither.
	find(ctx context.Context, uid, title string) (*remotePlaylist, error)
	create(ctx context.Context, uid, owner string, spec playlistSpec) (made string, err error)
	update(ctx context.Context, was *remotePlaylist, owner string, spec playlistSpec) error
}

// playlists finds out which API the server has. One that does not answer with a
// list of playlists has not the newer one; what a Grafana answers to paths that
// it does not know is not the same in all versions.
func (c *client) playlists(ctx context.Context, org int64) (playlists, error) {
	newer := newPlaylists{c, "/apis/playlist.grafana.app/v1/namespaces/" + namespace(org) + "/playlists"}
	var list struct {
		Items []any `json:"items"`
		Kind  string
	}
	err := c.do(ctx, http.MethodGet, newer.path+"?limit=1", nil, &list)
	switch status := statusOf(err); {
	case err == nil && list.Kind == "PlaylistList":
		return newer, nil
	case err != nil && (status == 0 || status == http.StatusUnauthorized || status == http.StatusForbidden || status >= 500):
		return nil, err
	}
	return oldPlaylists{c}, nil
}

// namespace is how the newer APIs call an organization.
func namespace(org int64) string {
	if org <= 1 {
		return "default"
	}
	return fmt.Sprintf("org-%d", org)
}

// newPlaylists is the API from 12.4 on.
type newPlaylists struct {
	*client
	path string
}

func (p newPlaylists) read(whole map[string]any) *remotePlaylist {
	metadata, _ := whole["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	spec, _ := whole["spec"].(map[string]any)
	found := &remotePlaylist{whole: whole}
	found.UID, _ = metadata["name"].(string)
	found.owner, _ = labels[ownerLabel].(string)
	found.Title, _ = spec["title"].(string)
	found.Interval, _ = spec["interval"].(string)
	items, _ := spec["items"].([]any)
	for _, item := range items {
		one, _ := item.(map[string]any)
		kind, _ := one["type"].(string)
		value, _ := one["value"].(string)
		found.Items = append(found.Items, playlistItem{kind, value})
	}
	return found
}

func (p newPlaylists) find(ctx context.Context, uid, title string) (*remotePlaylist, error) {
	var whole map[string]any
	switch err := p.do(ctx, http.MethodGet, p.path+"/"+uid, nil, &whole); {
	case err == nil:
		return p.read(whole), nil
	case !notFound(err):
		return nil, err
	}
	// One that an older Grafana made has a uid of Grafana's own.
	var list struct {
		Items []map[string]any `json:"items"`
	}
	if err := p.do(ctx, http.MethodGet, p.path+"?limit=1000", nil, &list); err != nil {
		return nil, err
	}
	for _, one := range list.Items {
		if found := p.read(one); found.Title == title {
			return found, nil
		}
	}
	return nil, nil //nolint:nilnil // there is none, and that is no failure
}

func (p newPlaylists) create(ctx context.Context, uid, owner string, spec playlistSpec) (string, error) {
	return uid, p.do(ctx, http.MethodPost, p.path, map[string]any{
		"apiVersion": "playlist.grafana.app/v1", "kind": "Playlist",
		"metadata": map[string]any{"name": uid, "labels": map[string]any{ownerLabel: owner}}, "spec": spec,
	}, nil)
}

// update gives back the version that was read, so that a change in between is
// refused.
func (p newPlaylists) update(ctx context.Context, was *remotePlaylist, owner string, spec playlistSpec) error {
	metadata, _ := was.whole["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	if labels == nil {
		labels = map[string]any{}
	}
	labels[ownerLabel] = owner
	metadata["labels"] = labels
	was.whole["metadata"], was.whole["spec"] = metadata, spec
	return p.do(ctx, http.MethodPut, p.path+"/"+was.UID, was.whole, nil)
}

// oldPlaylists is the API before. It chooses the uids itself.
type oldPlaylists struct{ *client }

// oldPlaylist is what it reads and writes.
type oldPlaylist struct {
	UID      string         `json:"uid,omitempty"`
	Name     string         `json:"name"`
	Interval string         `json:"interval"`
	Items    []playlistItem `json:"items"`
}

func (p oldPlaylists) find(ctx context.Context, uid, title string) (*remotePlaylist, error) {
	var list []oldPlaylist
	if err := p.do(ctx, http.MethodGet, "/api/playlists?limit=1000", nil, &list); err != nil {
		return nil, err
	}
	found := ""
	for _, one := range list {
		if one.UID == uid || one.Name == title && found == "" {
			found = one.UID
		}
	}
	if found == "" {
		return nil, nil //nolint:nilnil // there is none, and that is no failure
	}
	if !ValidUID(found) {
		return nil, fmt.Errorf("the playlist %q has the odd uid %q", title, found)
	}
	var one oldPlaylist
	if err := p.do(ctx, http.MethodGet, "/api/playlists/"+found, nil, &one); err != nil {
		return nil, err
	}
	return &remotePlaylist{UID: found, playlistSpec: playlistSpec{strings.TrimSpace(one.Name), one.Interval, one.Items}}, nil
}

func (p oldPlaylists) create(ctx context.Context, _, _ string, spec playlistSpec) (string, error) {
	var made oldPlaylist
	err := p.do(ctx, http.MethodPost, "/api/playlists", oldPlaylist{Name: spec.Title, Interval: spec.Interval, Items: spec.Items}, &made)
	return made.UID, err
}

func (p oldPlaylists) update(ctx context.Context, was *remotePlaylist, _ string, spec playlistSpec) error {
	return p.do(ctx, http.MethodPut, "/api/playlists/"+was.UID, oldPlaylist{Name: spec.Title, Interval: spec.Interval, Items: spec.Items}, nil)
}
