package grafanatest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (g *Grafana) boardRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/dashboards/uid/{uid}", func(w http.ResponseWriter, r *http.Request) {
		b, ok := g.boards[r.PathValue("uid")]
		if !ok {
			say(w, http.StatusNotFound, map[string]any{"message": "Dashboard not found", "status": "not-found"})
			return
		}
		say(w, http.StatusOK, map[string]any{"dashboard": g.shown(b), "meta": g.meta(b)})
	})
	mux.HandleFunc("GET /api/dashboards/uid/{uid}/versions", g.versions)
	mux.HandleFunc("POST /api/dashboards/db", g.save)
	mux.HandleFunc("DELETE /api/dashboards/uid/{uid}", func(w http.ResponseWriter, r *http.Request) {
		b, ok := g.boards[r.PathValue("uid")]
		switch {
		case !ok:
			say(w, http.StatusNotFound, map[string]any{"message": "Dashboard not found"})
		case b.provisioned != "":
			say(w, http.StatusBadRequest, map[string]any{"message": "provisioned dashboard cannot be deleted"})
		default:
			delete(g.boards, r.PathValue("uid"))
			say(w, http.StatusOK, map[string]any{"title": b.newest().Content["title"], "message": "Dashboard deleted"})
		}
	})
	mux.HandleFunc("GET /api/search", func(w http.ResponseWriter, r *http.Request) {
		found := []any{}
		for _, uid := range slices.Sorted(maps.Keys(g.boards)) {
			tags, _ := g.boards[uid].newest().Content["tags"].([]any)
			if slices.Contains(tags, any(r.URL.Query().Get("tag"))) {
				found = append(found, map[string]any{"uid": uid, "type": "dash-db", "tags": tags})
			}
		}
		say(w, http.StatusOK, found)
	})
}

func (g *Grafana) meta(b *board) map[string]any {
	newest := b.newest()
	meta := map[string]any{
		"type": "db", "version": newest.Version, "folderUid": b.folderUID, "createdBy": b.versions[0].CreatedBy,
		"updatedBy": newest.CreatedBy, "provisioned": b.provisioned != "", "provisionedExternalId": b.provisioned,
	}
	if folder, ok := g.folders[b.folderUID]; ok {
		meta["folderTitle"], meta["folderId"] = folder["title"], folder["id"]
	}
	return meta
}

// shown is a board as it is read: 13 migrates it on the way.
func (g *Grafana) shown(b *board) map[string]any {
	newest := b.newest()
	c := maps.Clone(newest.Content)
	c["id"], c["version"] = b.id, newest.Version
	if g.major() >= 13 {
		c["schemaVersion"], c["preload"] = 42, false
		delete(c, "govkpi")
		panels, _ := c["panels"].([]any)
		migrated := make([]any, len(panels))
		for i, panel := range panels {
			p, _ := panel.(map[string]any)
			p = maps.Clone(p)
			p["pluginVersion"] = g.Version
			migrated[i] = p
		}
		c["panels"] = migrated
	}
	return c
}

// save does what the classic API does, in the order of its checks.
func (g *Grafana) save(w http.ResponseWriter, r *http.Request) {
	body := read(r)
	sent, _ := body["dashboard"].(map[string]any)
	uid, folder := text(sent, "uid"), text(body, "folderUid")
	if _, numbered := body["folderId"]; numbered && g.major() >= 13 {
		folder = "" // to the root, without a word
	}
	if _, ok := g.folders[folder]; !ok && folder != "" {
		say(w, http.StatusBadRequest, map[string]any{"message": "folder not found", "status": "not-found"})
		return
	}
	existing, exists := g.boards[uid]
	overwrite := body["overwrite"] == true
	switch {
	case exists && existing.provisioned != "":
		say(w, http.StatusBadRequest, map[string]any{"message": "Cannot save provisioned dashboard"})
		return
	case exists && !overwrite && number(sent["version"]) != existing.newest().Version:
		say(w, http.StatusPreconditionFailed, map[string]any{"message": "The dashboard has been changed by someone else", "status": "version-mismatch"})
		return
	case !overwrite && g.major() < 11 && g.sameTitle(uid, folder, text(sent, "title")):
		say(w, http.StatusPreconditionFailed, map[string]any{"message": "A dashboard with the same name in the folder already exists", "status": "name-exists"})
		return
	}
	saved := g.put(uid, folder, sent, User, text(body, "message"))
	say(w, http.StatusOK, map[string]any{"id": saved.id, "uid": uid, "url": "/d/" + uid, "status": "success", "version": saved.newest().Version, "folderUid": folder})
}

func (g *Grafana) sameTitle(uid, folder, title string) bool {
	for other, b := range g.boards {
		if other != uid && b.folderUID == folder && g.same(text(b.newest().Content, "title"), title) {
			return true
		}
	}
	return false
}

// same says whether two titles are one to Grafana. 9 compares the letters and digits
// of ASCII alone, where there are any.
func (g *Grafana) same(a, b string) bool {
	if g.major() < 10 {
		a, b = slug(a), slug(b)
	}
	return a == b
}

func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) == 0 {
		return title
	}
	return strings.Join(words, "-")
}

func (g *Grafana) put(uid, folder string, sent map[string]any, by, message string) *board {
	content := maps.Clone(sent)
	delete(content, "id")
	delete(content, "version")
	b, ok := g.boards[uid]
	if !ok {
		b = &board{id: g.id()}
		g.boards[uid] = b
	}
	b.folderUID = folder
	b.versions = append(b.versions, version{int64(len(b.versions) + 1), message, by, content})
	return b
}

func (g *Grafana) versions(w http.ResponseWriter, r *http.Request) {
	b, ok := g.boards[r.PathValue("uid")]
	if !ok {
		say(w, http.StatusNotFound, map[string]any{"message": "Dashboard not found"})
		return
	}
	list := []any{}
	for _, v := range slices.Backward(b.versions) {
		var by any = v.CreatedBy
		if g.Version == "9.4.0-pre" { // gives the user's number
			by = 1
		}
		list = append(list, map[string]any{"version": v.Version, "message": v.Message, "createdBy": by, "created": created(v.Version)})
	}
	if g.major() >= 12 {
		say(w, http.StatusOK, map[string]any{"versions": list, "continueToken": ""})
		return
	}
	say(w, http.StatusOK, list)
}

func (g *Grafana) must(uid string) *board {
	b, ok := g.boards[uid]
	if !ok {
		panic(fmt.Sprintf("grafanatest: there is no dashboard %s", uid))
	}
	return b
}

// Edit plays what a person does in the editor: change gets a copy of the newest
// content.
func (g *Grafana) Edit(uid, by, message string, change func(map[string]any)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.must(uid)
	c := deepCopy(b.newest().Content)
	change(c)
	g.put(uid, b.folderUID, c, by, message)
}

// Move plays what a person does in the list of dashboards.
func (g *Grafana) Move(uid, folder string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.must(uid).folderUID = folder
}

// Copy plays "save as".
func (g *Grafana) Copy(uid, as, title string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.must(uid)
	c := deepCopy(b.newest().Content)
	c["uid"], c["title"] = as, title
	g.put(as, "", c, "li", "")
}

// Make plays a dashboard that somebody has made.
func (g *Grafana) Make(uid, folder, title string, tags ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.put(uid, folder, map[string]any{"uid": uid, "title": title, "tags": tags}, "li", "")
}

// Provision plays a file that provisions what is there under a uid.
func (g *Grafana) Provision(uid, file string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if d, ok := g.datasources[uid]; ok {
		d["readOnly"] = true
		return
	}
	g.must(uid).provisioned = file
}

// ForgetHistory plays a history that is longer than what Grafana keeps.
func (g *Grafana) ForgetHistory(uid string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.must(uid)
	b.versions = b.versions[len(b.versions)-1:]
	b.versions[0].Message = ""
}

// Delete plays somebody who deletes a dashboard, a folder or a data source.
func (g *Grafana) Delete(uid string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.boards, uid)
	delete(g.folders, uid)
	delete(g.datasources, uid)
}

// Folder changes a folder as somebody would.
func (g *Grafana) Folder(uid string, change func(map[string]any)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	folder, ok := g.folders[uid]
	if !ok {
		folder = map[string]any{"uid": uid, "id": g.id(), "version": int64(0)}
		g.folders[uid] = folder
	}
	folder["version"] = number(folder["version"]) + 1
	change(folder)
}

// Datasource changes a data source as somebody would.
func (g *Grafana) Datasource(uid string, change func(map[string]any)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d, ok := g.datasources[uid]
	if !ok {
		d = map[string]any{"uid": uid, "id": g.id(), "version": int64(0), "readOnly": false}
		g.datasources[uid] = d
	}
	d["version"] = number(d["version"]) + 1
	change(d)
}

// Board returns the newest content, the folder and the version of a dashboard;
// the version is 0 where there is none.
func (g *Grafana) Board(uid string) (content map[string]any, folder string, version int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b, ok := g.boards[uid]
	if !ok {
		return nil, "", 0
	}
	return deepCopy(b.newest().Content), b.folderUID, b.newest().Version
}

// State returns all that the server holds, to see that nothing has changed.
func (g *Grafana) State() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	boards := map[string]any{}
	for uid, b := range g.boards {
		boards[uid] = map[string]any{"folder": b.folderUID, "versions": b.versions, "provisioned": b.provisioned}
	}
	written, err := json.MarshalIndent(map[string]any{"folders": g.folders, "datasources": g.datasources, "boards": boards, "playlists": g.playlists}, "", " ")
	if err != nil {
		panic(err)
	}
	return string(written)
}

func deepCopy(c map[string]any) map[string]any {
	written, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	var copied map[string]any
	if err := json.Unmarshal(written, &copied); err != nil {
		panic(err)
	}
	return copied
}
