package grafana

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Verb is what a plan has found of one object.
type Verb string

// The verbs, in the order in which a summary names them.
const (
	Create    Verb = "create"
	Update    Verb = "update"
	Drift     Verb = "drift"   // somebody else changed it since we wrote it
	Orphan    Verb = "orphan"  // it carries our tag, and is not wanted any more
	Refused   Verb = "refused" // it is somebody else's, or Grafana would not have it
	Unchanged Verb = "unchanged"
)

// Verbs lists all of them.
func Verbs() []Verb { return []Verb{Create, Update, Drift, Orphan, Refused, Unchanged} }

// Kind is what an object is.
type Kind string

// The kinds, in the order in which they are applied.
const (
	FolderKind     Kind = "folder"
	DatasourceKind Kind = "data source"
	DashboardKind  Kind = "dashboard"
	PlaylistKind   Kind = "playlist"
)

// Item is one object of a plan.
type Item struct {
	Kind  Kind
	UID   string
	Title string
	Verb  Verb
	// Notes are sentences and differences for a person.
	Notes []string

	key    string // in the state file
	folder string // that has to be there first; empty is none
	// adopt is recorded where the server turned out to have what we wrote.
	adopt *record
	// do makes the change; nil is none.
	do func(ctx context.Context) error
}

// Changes reports whether Apply does anything with the object.
func (i Item) Changes() bool { return i.do != nil }

// Left reports whether the object is not as it should be and Apply leaves it so.
func (i Item) Left() bool {
	return i.do == nil && (i.Verb == Drift || i.Verb == Refused)
}

// How says what a plan may do beyond what loses nothing.
type How struct {
	// Force overwrites what somebody changed by hand.
	Force bool
	// Prune deletes the boards that carry our tag and are not wanted any more.
	Prune bool
}

// Plan is what is to be done, object by object in the order of doing it.
type Plan struct {
	Server Server
	Items  []Item
}

// Count returns how many objects a verb was found of.
func (p *Plan) Count(verb Verb) int {
	n := 0
	for i := range p.Items {
		if p.Items[i].Verb == verb {
			n++
		}
	}
	return n
}

// RemoteOptions are what a Remote is made from. All are required unless they say
// otherwise.
type RemoteOptions struct {
	URL   string
	Login Login
	// OrgID is the organization that the login must belong to; 0 is any.
	OrgID int64
	// Timeout is for each request.
	Timeout time.Duration
	// Tag marks the boards as ours. What carries another site's tag is not.
	Tag string
	// StateFile remembers what was written; its folder must exist.
	StateFile string
	Transport http.RoundTripper // nil is the ordinary one
}

// Remote keeps one organization of a running Grafana. Its methods may not be
// called at the same time; two programs that do so lose nothing, since
// Grafana checks the versions.
type Remote struct {
	client *client
	state  *state
	tag    string
}

// NewRemote refuses unusable options. It asks the server nothing.
func NewRemote(o RemoteOptions) (*Remote, error) {
	c, err := newClient(o)
	if err != nil {
		return nil, err
	}
	if o.Tag == "" || o.StateFile == "" {
		return nil, errors.New("grafana: a tag and a state file are needed")
	}
	return &Remote{client: c, state: &state{file: o.StateFile}, tag: o.Tag}, nil
}

// Plan compares the server with what it should have. It changes nothing.
func (r *Remote) Plan(ctx context.Context, d Desired, how How) (*Plan, error) {
	if err := d.validate(); err != nil {
		return nil, fmt.Errorf("grafana: %w", err)
	}
	server, err := r.client.server(ctx)
	if err != nil {
		return nil, err
	}
	r.state.use(server)
	records, err := r.state.records()
	if err != nil {
		return nil, err
	}
	p := &planner{Remote: r, records: records, how: how, plan: &Plan{Server: server}}
	if err := p.all(ctx, d.sorted()); err != nil {
		return nil, err
	}
	return p.plan, nil
}

// planner makes one plan.
type planner struct {
	*Remote
	records map[string]record
	how     How
	plan    *Plan
}

func (p *planner) all(ctx context.Context, d Desired) error {
	for _, f := range d.Folders {
		if err := p.folder(ctx, f); err != nil {
			return fmt.Errorf("folder %s: %w", f.UID, err)
		}
	}
	if err := p.datasource(ctx, d.Datasource); err != nil {
		return fmt.Errorf("data source %s: %w", d.Datasource.UID, err)
	}
	found, err := p.boards(ctx, d.Boards)
	if err != nil {
		return err
	}
	for n, b := range d.Boards {
		if err := p.board(ctx, b, found[n]); err != nil {
			return fmt.Errorf("dashboard %s: %w", b.UID, err)
		}
	}
	if d.Playlist != nil && len(d.wall()) > 0 {
		if err := p.playlist(ctx, d); err != nil {
			return fmt.Errorf("playlist %s: %w", d.Playlist.UID, err)
		}
	}
	return p.orphans(ctx, d)
}

func (p *planner) add(item Item) { p.plan.Items = append(p.plan.Items, item) }

func key(kind Kind, uid string) string { return string(kind) + "/" + uid }

// item begins an item.
func item(kind Kind, uid, title string) Item {
	return Item{Kind: kind, UID: uid, Title: title, key: key(kind, uid)}
}

// judge says what is the case of an object without versions: what it is like is
// compared with what it should be like and with what we wrote last.
func (p *planner) judge(i *Item, actual, desired string, do func(ctx context.Context) error) {
	known, ours := p.records[i.key]
	written := record{SHA256: desired}
	switch {
	case actual == desired:
		i.Verb = Unchanged
		if known != written {
			i.adopt = &written
		}
		return
	case ours && known.SHA256 == actual:
		i.Verb = Update
	case ours:
		i.Verb = Drift
		i.Notes = append(i.Notes, "somebody changed it in Grafana since we wrote it")
	default:
		i.Verb = Drift
		i.Notes = append(i.Notes, "it exists and differs, and there is no record that we wrote it")
	}
	if i.Verb == Drift && !p.how.Force {
		i.Notes = append(i.Notes, advice)
		return
	}
	i.do = p.recording(i, written, do)
}

// advice ends what is said of drift.
const advice = "apply leaves it alone; with --force it writes ours over it"

// recording does something and then records what was written.
func (p *planner) recording(i *Item, written record, do func(ctx context.Context) error) func(ctx context.Context) error {
	key, creating := i.key, i.Verb == Create
	return func(ctx context.Context) error {
		if err := do(ctx); err != nil {
			return explain(err, creating)
		}
		return p.state.put(key, &written)
	}
}

func (p *planner) folder(ctx context.Context, f Folder) error {
	i := item(FolderKind, f.UID, f.Title)
	actual, err := p.client.folder(ctx, f.UID)
	switch {
	case notFound(err):
		i.Verb = Create
		i.do = p.recording(&i, record{SHA256: hashOf(f.Title)}, func(ctx context.Context) error { return p.client.createFolder(ctx, f) })
	case err != nil:
		return err
	default:
		if actual.Title != f.Title {
			i.Notes = append(i.Notes, fmt.Sprintf("title: %q -> %q", actual.Title, f.Title))
		}
		p.judge(&i, hashOf(actual.Title), hashOf(f.Title), func(ctx context.Context) error { return p.client.renameFolder(ctx, f, actual.Version) })
		if actual.ParentUID != "" {
			i.Notes = append(i.Notes, fmt.Sprintf("somebody moved it into the folder %s, where it stays", actual.ParentUID))
		}
	}
	p.add(i)
	return nil
}

// Unchanged reports whether all is as it should be.
func (p *Plan) Unchanged() bool { return p.Count(Unchanged) == len(p.Items) }
