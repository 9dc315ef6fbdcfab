package grafana

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (p *planner) playlist(ctx context.Context, d Desired) error {
	api, err := p.client.playlists(ctx, p.plan.Server.OrgID)
	if err != nil {
		return err
	}
	spec, title := d.playlistSpec(), d.Playlist.Title
	i := item(PlaylistKind, d.Playlist.UID, title)
	actual, err := api.find(ctx, d.Playlist.UID, title)
	switch {
	case err != nil:
		return err
	case actual == nil:
		i.Verb = Create
		i.do = p.recording(&i, record{SHA256: hashOf(spec)}, func(ctx context.Context) error {
			_, err := api.create(ctx, d.Playlist.UID, p.tag, spec)
			return err
		})
	default:
		i.Notes = playlistChanges(actual.playlistSpec, spec)
		p.judge(&i, hashOf(actual.playlistSpec), hashOf(spec), func(ctx context.Context) error { return api.update(ctx, actual, p.tag, spec) })
	}
	p.add(i)
	return nil
}

func playlistChanges(actual, desired playlistSpec) []string {
	boards := func(s playlistSpec) string {
		uids := make([]string, len(s.Items))
		for i, one := range s.Items {
			uids[i] = one.Value
		}
		return strings.Join(uids, ", ")
	}
	return changes(
		map[string]string{"title": actual.Title, "interval": actual.Interval, "boards": boards(actual)},
		map[string]string{"title": desired.Title, "interval": desired.Interval, "boards": boards(desired)},
	)
}

// orphans finds the boards that carry our tag and that nobody wants.
func (p *planner) orphans(ctx context.Context, d Desired) error {
	uids, err := p.client.tagged(ctx, p.tag)
	if err != nil {
		return fmt.Errorf("look for boards with the tag %s: %w", p.tag, err)
	}
	slices.Sort(uids)
	for _, uid := range slices.Compact(uids) {
		wanted := slices.ContainsFunc(d.Boards, func(b Board) bool { return b.UID == uid })
		if wanted || !ValidUID(uid) {
			continue
		}
		if err := p.orphan(ctx, uid); err != nil {
			return fmt.Errorf("dashboard %s: %w", uid, err)
		}
	}
	return nil
}

func (p *planner) orphan(ctx context.Context, uid string) error {
	i := item(DashboardKind, uid, "")
	actual, err := p.client.board(ctx, uid)
	switch {
	case err != nil:
		return p.unreadable(i, err)
	case !slices.Contains(actual.content.tags(), p.tag):
		return nil // the same
	}
	i.Verb = Orphan
	i.Title, _ = actual.content["title"].(string)
	if actual.Meta.Provisioned {
		i.Notes = []string{"a file of that Grafana provisions it; it goes with the file" + fileOf(actual)}
		p.add(i)
		return nil
	}
	seen, err := p.recognize(ctx, &i, actual)
	if err != nil || !seen.known { // a copy that somebody made of a board of ours
		return err
	}
	i.Notes = seen.changed
	switch touched := len(seen.changed) > 0; {
	case !p.how.Prune:
		i.Notes = append(i.Notes, "apply leaves it alone; with --prune it deletes it")
	case touched && !p.how.Force:
		i.Notes = append(i.Notes, "somebody worked on it, so that --prune leaves it alone; with --force too it is deleted")
	default:
		i.do = p.remove(i.key, uid, actual.Meta.Version)
	}
	p.add(i)
	return nil
}

// unreadable is an orphan that can't be read. One that is not there was deleted
// since the search, or the search is behind.
func (p *planner) unreadable(i Item, err error) error {
	switch {
	case notFound(err):
		return nil
	case hopeless(err) && statusOf(err) != http.StatusOK:
		return err
	}
	i.Verb, i.Notes = Refused, []string{err.Error()}
	p.add(i)
	return nil
}

// remove deletes a board if it is still the version that the plan has seen: a
// deletion has no version check of its own.
func (p *planner) remove(key, uid string, version int64) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		actual, err := p.client.board(ctx, uid)
		switch {
		case notFound(err):
			return p.state.put(key, nil)
		case err != nil:
			return err
		case actual.Meta.Version != version:
			return fmt.Errorf("somebody changed it meanwhile (version %d became %d), so that it stays", version, actual.Meta.Version)
		}
		if err := p.client.deleteBoard(ctx, uid); err != nil && !notFound(err) {
			return err
		}
		return p.state.put(key, nil)
	}
}
