package grafana

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Server says which Grafana answers.
type Server struct {
	URL string
	// Version is as Grafana gives it; empty where it hides it.
	Version string
	OrgID   int64
	OrgName string
}

func (c *client) server(ctx context.Context) (Server, error) {
	s := Server{URL: c.base.String()}
	var org struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	// Health asks for no login, so this is what shows whether ours is right.
	if err := c.do(ctx, http.MethodGet, "/api/org", nil, &org); err != nil {
		return s, err
	}
	var health struct {
		Version string `json:"version"`
	}
	if err := c.do(ctx, http.MethodGet, "/api/health", nil, &health); err != nil {
		return s, err
	}
	s.Version, s.OrgID, s.OrgName = health.Version, org.ID, org.Name
	if c.org != 0 && org.ID != c.org {
		return s, fmt.Errorf("the login belongs to organization %d (%s) of %s, not to %d: use one of that organization, or correct grafana.organization", org.ID, org.Name, s.URL, c.org)
	}
	return s, nil
}

// remoteFolder is a folder as Grafana has it.
type remoteFolder struct {
	UID       string `json:"uid"`
	Title     string `json:"title"`
	Version   int64  `json:"version"`
	ParentUID string `json:"parentUid"`
}

func (c *client) folder(ctx context.Context, uid string) (f remoteFolder, err error) {
	err = c.do(ctx, http.MethodGet, "/api/folders/"+uid, nil, &f)
	return f, err
}

func (c *client) createFolder(ctx context.Context, f Folder) error {
	return c.do(ctx, http.MethodPost, "/api/folders", map[string]any{"uid": f.UID, "title": f.Title}, nil)
}

func (c *client) renameFolder(ctx context.Context, f Folder, version int64) error {
	body := map[string]any{"title": f.Title, "version": version, "overwrite": false}
	return c.do(ctx, http.MethodPut, "/api/folders/"+f.UID, body, nil)
}

// datasource returns a data source whole, since a change has to give back what is
// not ours in it.
func (c *client) datasource(ctx context.Context, uid string) (d map[string]any, err error) {
	err = c.do(ctx, http.MethodGet, "/api/datasources/uid/"+uid, nil, &d)
	return d, err
}

func (c *client) createDatasource(ctx context.Context, d map[string]any) error {
	return c.do(ctx, http.MethodPost, "/api/datasources", d, nil)
}

func (c *client) updateDatasource(ctx context.Context, uid string, d map[string]any) error {
	return c.do(ctx, http.MethodPut, "/api/datasources/uid/"+uid, d, nil)
}

// remoteBoard is a dashboard as Grafana has it.
type remoteBoard struct {
	Dashboard json.RawMessage `json:"dashboard"`
	Meta      struct {
		Version               int64  `json:"version"`
		FolderUID             string `json:"folderUid"`
		FolderTitle           string `json:"folderTitle"`
		Provisioned           bool   `json:"provisioned"`
		ProvisionedExternalID string `json:"provisionedExternalId"`
	} `json:"meta"`
	content content
}

func (c *client) board(ctx context.Context, uid string) (remoteBoard, error) {
	var b remoteBoard
	path := "/api/dashboards/uid/" + uid
	if err := c.do(ctx, http.MethodGet, path, nil, &b); err != nil {
		return b, err
	}
	read, err := parseContent(b.Dashboard)
	if err != nil {
		return b, &Error{Method: http.MethodGet, URL: c.base.String() + path, Status: http.StatusOK, Message: err.Error(), cause: err}
	}
	b.content = read
	if b.Meta.Version == 0 { // it stands in one of the two
		var in struct {
			Version int64 `json:"version"`
		}
		if err := json.Unmarshal(b.Dashboard, &in); err == nil {
			b.Meta.Version = in.Version
		}
	}
	return b, nil
}

// saveBoard writes a dashboard in the place of the version it names; 0 is a new
// one. It never overwrites another version, and never names a folder by its
// number, which Grafana 13 takes for the root.
func (c *client) saveBoard(ctx context.Context, board content, version int64, folderUID, message string) (saved int64, err error) {
	sent := maps.Clone(board)
	if version != 0 {
		sent["version"] = version
	}
	body := map[string]any{"dashboard": sent, "folderUid": folderUID, "message": message, "overwrite": false}
	var answer struct {
		Version int64 `json:"version"`
	}
	err = c.do(ctx, http.MethodPost, "/api/dashboards/db", body, &answer)
	return answer.Version, err
}

func (c *client) deleteBoard(ctx context.Context, uid string) error {
	return c.do(ctx, http.MethodDelete, "/api/dashboards/uid/"+uid, nil, nil)
}

// tagged returns the uids of all dashboards with a tag. A page may hold fewer
// than were asked for where some are hidden, so only an empty one is the last.
func (c *client) tagged(ctx context.Context, tag string) (uids []string, err error) {
	const pageSize, mostPages = 1000, 20
	for page := 1; page <= mostPages; page++ {
		query := url.Values{"tag": {tag}, "type": {"dash-db"}, "limit": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)}}
		var found []struct {
			UID string `json:"uid"`
		}
		if err := c.do(ctx, http.MethodGet, "/api/search?"+query.Encode(), nil, &found); err != nil {
			return nil, err
		}
		for _, one := range found {
			uids = append(uids, one.UID)
		}
		if len(found) < pageSize {
			break
		}
	}
	return uids, nil
}

// edition is one version of a dashboard in its history.
type edition struct {
	Version   int64     `json:"version"`
	Created   time.Time `json:"created"`
	CreatedBy author    `json:"createdBy"`
	Message   string    `json:"message"`
}

// author is who has saved a version: a login, or in some versions of Grafana 9 the
// user's number.
type author string

// UnmarshalJSON implements json.Unmarshaler.
func (a *author) UnmarshalJSON(content []byte) error {
	var number int64
	if err := json.Unmarshal(content, &number); err == nil {
		*a = author(fmt.Sprintf("user %d", number))
		return nil
	}
	return json.Unmarshal(content, (*string)(a)) //nolint:wrapcheck // the decoder's own words
}

// messageStart begins the message of every version that we write; the hash
// follows.
const messageStart = "govkpi sha256:"

// hash returns the hash that we wrote with a version; empty where it is not ours.
func (e edition) hash() string {
	hash, ok := strings.CutPrefix(e.Message, messageStart)
	if !ok || len(hash) != 64 {
		return ""
	}
	return hash
}

// editions returns a dashboard's newest versions, the newest first.
func (c *client) editions(ctx context.Context, uid string) ([]edition, error) {
	var raw json.RawMessage
	path := "/api/dashboards/uid/" + uid + "/versions?limit=50"
	if err := c.do(ctx, http.MethodGet, path, nil, &raw); err != nil {
		return nil, err
	}
	var list []edition
	if err := json.Unmarshal(raw, &list); err == nil {
		return list, nil
	}
	var page struct { // newer ones page
		Versions []edition `json:"versions"`
	}
	if err := json.Unmarshal(raw, &page); err != nil {
		return nil, &Error{Method: http.MethodGet, URL: c.base.String() + path, Status: http.StatusOK, Message: "expected a list of versions, found " + describe(raw), cause: err}
	}
	return page.Versions, nil
}
