package grafana

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// wanted is a board as it is to be written.
type wanted struct {
	Board
	content content
	hash    string
}

func (p *planner) want(b Board) (wanted, error) {
	c, err := b.content(p.tag)
	if err != nil {
		return wanted{}, err
	}
	hash, err := c.hash()
	return wanted{b, c, hash}, err
}

// foundBoard is what the server answered when it was asked for a board.
type foundBoard struct {
	remoteBoard
	err error
}

// atOnce is how many boards are asked for at the same time: a Grafana takes a tenth
// of a second for each, most of it waiting.
const atOnce = 4

// boards asks for all boards; the error is one that makes asking further useless.
func (p *planner) boards(ctx context.Context, all []Board) ([]foundBoard, error) {
	found := make([]foundBoard, len(all))
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(atOnce)
	for n, b := range all {
		asking.Go(func() error {
			found[n].remoteBoard, found[n].err = p.client.board(ctx, b.UID)
			if err := found[n].err; err != nil && !notFound(err) && hopeless(err) && statusOf(err) != http.StatusOK {
				return fmt.Errorf("dashboard %s: %w", b.UID, err)
			}
			return nil
		})
	}
	return found, asking.Wait() //nolint:wrapcheck // it says which board it was
}

func (p *planner) board(ctx context.Context, b Board, found foundBoard) error {
	w, err := p.want(b)
	if err != nil {
		return err
	}
	i := item(DashboardKind, b.UID, b.Title)
	i.folder = b.FolderUID
	actual, err := found.remoteBoard, found.err
	switch {
	case notFound(err):
		i.Verb = Create
		if _, before := p.records[i.key]; before {
			i.Notes = append(i.Notes, "somebody deleted it in Grafana")
		}
		i.do = p.save(w, i.key, 0)
	case err != nil: // one board that can't be read keeps no other from being right
		i.Verb, i.Notes = Refused, []string{err.Error()}
	case actual.Meta.Provisioned:
		i.Verb = Refused
		i.Notes = []string{provisioned("grafana.url") + fileOf(actual)}
	default:
		if err := p.existing(ctx, &i, w, actual); err != nil {
			return err
		}
	}
	p.add(i)
	return nil
}

func fileOf(b remoteBoard) string {
	if b.Meta.ProvisionedExternalID == "" {
		return ""
	}
	return " (" + oneLine(b.Meta.ProvisionedExternalID) + ")"
}

// existing judges a board that is there and no file's.
func (p *planner) existing(ctx context.Context, i *Item, w wanted, actual remoteBoard) error {
	seen, err := p.recognize(ctx, i, actual)
	if err != nil {
		return err
	}
	switch difference := func() []string { return differences(actual.content, w.content) }; {
	case seen.foreign(actual, p.tag):
		i.Verb = Refused
		i.Notes = []string{"it is not ours: there is no record of it, and it does not carry the tag " + p.tag + "; rename it or delete it in Grafana"}
		return nil
	case !seen.placed && actual.Meta.FolderUID != w.FolderUID:
		i.Verb = Drift
		seen.changed = append(seen.changed, fmt.Sprintf("it is in %s, and nothing shows that we put it there", folderName(actual.Meta.FolderUID)))
		i.Notes = slices.Concat(seen.changed, difference())
	case len(seen.changed) > 0:
		i.Verb = Drift
		i.Notes = slices.Concat(seen.changed, difference())
	case seen.written.FolderUID != w.FolderUID: // it never was where it is wanted now
		i.Verb = Update
		i.Notes = append([]string{fmt.Sprintf("folder: %q -> %q", actual.Meta.FolderUID, w.FolderUID)}, difference()...)
	case seen.written.SHA256 != w.hash:
		i.Verb, i.Notes = Update, difference()
	default:
		i.Verb = Unchanged
	}
	if !seen.recorded && len(seen.changed) == 0 {
		i.adopt = &seen.written
	}
	switch {
	case i.Verb == Drift && !p.how.Force:
		i.Notes = append(i.Notes, advice)
	case i.Verb != Unchanged:
		i.do = p.save(w, i.key, actual.Meta.Version)
	}
	return nil
}

// save writes a board in the place of the version that the plan has seen, and
// records what the server made of it.
func (p *planner) save(w wanted, key string, version int64) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		saved, err := p.client.saveBoard(ctx, w.content.stamped(w.hash), version, w.FolderUID, messageStart+w.hash)
		if err != nil {
			return explain(err, version == 0)
		}
		if saved == 0 {
			actual, err := p.client.board(ctx, w.UID)
			if err != nil {
				return err
			}
			saved = actual.Meta.Version
		}
		return p.state.put(key, &record{SHA256: w.hash, Version: saved, FolderUID: w.FolderUID})
	}
}

// recognized is what is known of a board on the server.
type recognized struct {
	written record // what we wrote last
	// recorded says that the state file has it so; else it was found out.
	recorded bool
	// known says that we wrote the board at some time.
	known bool
	// placed says that we know in which folder we wrote it.
	placed bool
	// changed says what somebody else did since; nothing is nothing.
	changed []string
}

// foreign reports whether a board is none of ours. One whose tag somebody took
// away is still ours as long as we remember it.
func (r recognized) foreign(b remoteBoard, tag string) bool {
	return !r.known && !slices.Contains(b.content.tags(), tag)
}

// recognize finds out whether the server still has what we wrote. The state
// file knows which version that was. Where it does not, because it is lost or
// because we were killed between a write and its record, the tag of the hash
// proves a board that nobody has touched; and where Grafana rewrites what it
// stores, so that this fails, the messages in the board's history do.
func (p *planner) recognize(ctx context.Context, i *Item, actual remoteBoard) (recognized, error) {
	r := recognized{}
	r.written, r.recorded = p.records[i.key]
	r.known = r.recorded
	if recorded := r.written.Version; !r.recorded || recorded != actual.Meta.Version {
		if err := p.lookBack(ctx, i.UID, &r, actual); err != nil {
			return r, err
		}
		// A later version of ours may lie elsewhere than the recorded one.
		r.placed = r.recorded && r.written.Version == recorded
		r.recorded = false
	} else {
		r.placed = true
	}
	now := actual.Meta.FolderUID
	if !r.placed {
		r.written.FolderUID = now
	}
	if r.written.FolderUID != now {
		r.changed = append(r.changed, fmt.Sprintf("somebody moved it from %s to %s", folderName(r.written.FolderUID), folderName(now)))
	}
	return r, nil
}

func folderName(uid string) string {
	if uid == "" {
		return "no folder"
	}
	return "folder " + uid
}

// lookBack fills in what we wrote last, and what somebody else wrote since.
func (p *planner) lookBack(ctx context.Context, uid string, r *recognized, actual remoteBoard) error {
	if hash, proven := selfProven(actual.content); proven {
		r.known = true
		r.written.SHA256, r.written.Version = hash, actual.Meta.Version
		return nil
	}
	history, err := p.client.editions(ctx, uid)
	if err != nil && hopeless(err) && statusOf(err) != http.StatusOK {
		return err
	}
	slices.SortStableFunc(history, func(a, b edition) int { return cmp.Compare(b.Version, a.Version) })
	for _, e := range history {
		if hash := e.hash(); hash != "" {
			r.known = true
			r.written.SHA256, r.written.Version = hash, e.Version
			if len(r.changed) == 0 && e.Version != actual.Meta.Version {
				r.changed = []string{fmt.Sprintf("its version is %d, and the newest in its history %d", actual.Meta.Version, e.Version)}
			}
			return nil
		}
		r.changed = append(r.changed, e.String())
	}
	if len(r.changed) == 0 {
		r.changed = []string{"it carries our tag, but nothing shows that it is as we wrote it"}
		if r.known {
			r.changed = []string{fmt.Sprintf("it has version %d, and we wrote version %d", actual.Meta.Version, r.written.Version)}
		}
	}
	return nil
}

// selfProven reports whether a board has the content that its tag says, and
// returns the whole hash.
func selfProven(c content) (string, bool) {
	plain := maps.Clone(c)
	stamp := plain.unstamp()
	hash, err := plain.hash()
	return hash, err == nil && stamp != "" && strings.HasPrefix(hash, stamp) && len(stamp) == hashDigits
}

// String says who wrote a version and why.
func (e edition) String() string {
	text := fmt.Sprintf("version %d is not ours", e.Version)
	if e.CreatedBy != "" {
		text += ": by " + oneLine(string(e.CreatedBy))
	}
	if !e.Created.IsZero() {
		text += e.Created.UTC().Format(", 2006-01-02 15:04 UTC")
	}
	if e.Message != "" {
		text += fmt.Sprintf(", %q", oneLine(e.Message))
	}
	return text
}
