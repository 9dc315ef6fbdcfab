package grafanatest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

func (g *Grafana) playlistRoutes(mux *http.ServeMux) {
	g.oldPlaylistRoutes(mux)
	if !g.newPlaylists() {
		return
	}
	namespace := "default"
	if g.OrgID > 1 {
		namespace = "org-" + strconv.FormatInt(g.OrgID, 10)
	}
	path := "/apis/playlist.grafana.app/v1/namespaces/" + namespace + "/playlists"
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		items := []any{}
		for _, uid := range slices.Sorted(maps.Keys(g.playlists)) {
			items = append(items, g.playlists[uid])
		}
		say(w, http.StatusOK, map[string]any{"kind": "PlaylistList", "apiVersion": "playlist.grafana.app/v1", "items": items})
	})
	mux.HandleFunc("GET "+path+"/{uid}", func(w http.ResponseWriter, r *http.Request) {
		if playlist, ok := g.playlists[r.PathValue("uid")]; ok {
			say(w, http.StatusOK, playlist)
			return
		}
		missing(w, r.PathValue("uid"))
	})
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		body := read(r)
		metadata, _ := body["metadata"].(map[string]any)
		uid := text(metadata, "name")
		if _, exists := g.playlists[uid]; exists {
			say(w, http.StatusConflict, taken("playlists.playlist.grafana.app", uid))
			return
		}
		metadata["namespace"], metadata["resourceVersion"] = namespace, "1"
		g.playlists[uid] = body
		say(w, http.StatusCreated, body)
	})
	mux.HandleFunc("PUT "+path+"/{uid}", func(w http.ResponseWriter, r *http.Request) {
		body := read(r)
		uid := r.PathValue("uid")
		was, exists := g.playlists[uid]
		if !exists {
			missing(w, uid)
			return
		}
		metadata, _ := body["metadata"].(map[string]any)
		old, _ := was["metadata"].(map[string]any)
		if metadata["resourceVersion"] != old["resourceVersion"] {
			say(w, http.StatusConflict, map[string]any{
				"kind": "Status", "status": "Failure", "reason": "Conflict", "code": 409,
				"message": "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again",
			})
			return
		}
		metadata["resourceVersion"] = next(text(old, "resourceVersion"))
		g.playlists[uid] = body
		say(w, http.StatusOK, body)
	})
}

func missing(w http.ResponseWriter, uid string) {
	say(w, http.StatusNotFound, map[string]any{
		"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404,
		"message": fmt.Sprintf("playlists.playlist.grafana.app %q not found", uid),
	})
}

func next(resourceVersion string) string {
	n, err := strconv.Atoi(resourceVersion)
	if err != nil {
		return "1"
	}
	return strconv.Itoa(n + 1)
}

// oldPlaylistRoutes keep what the newer ones keep: one is a view of the other.
func (g *Grafana) oldPlaylistRoutes(mux *http.ServeMux) {
	view := func(uid string) map[string]any {
		spec, _ := g.playlists[uid]["spec"].(map[string]any)
		return map[string]any{"id": 1, "uid": uid, "name": spec["title"], "interval": spec["interval"], "items": spec["items"]}
	}
	put := func(uid string, body map[string]any) {
		was, _ := g.playlists[uid]["metadata"].(map[string]any)
		g.playlists[uid] = map[string]any{
			"apiVersion": "playlist.grafana.app/v1", "kind": "Playlist",
			"metadata": map[string]any{"name": uid, "resourceVersion": next(text(was, "resourceVersion"))},
			"spec":     map[string]any{"title": body["name"], "interval": body["interval"], "items": body["items"]},
		}
	}
	mux.HandleFunc("GET /api/playlists", func(w http.ResponseWriter, _ *http.Request) {
		list := []any{}
		for _, uid := range slices.Sorted(maps.Keys(g.playlists)) {
			one := view(uid)
			delete(one, "items")
			list = append(list, one)
		}
		say(w, http.StatusOK, list)
	})
	mux.HandleFunc("GET /api/playlists/{uid}", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := g.playlists[r.PathValue("uid")]; !ok {
			say(w, http.StatusNotFound, map[string]any{"message": "Playlist not found"})
			return
		}
		say(w, http.StatusOK, view(r.PathValue("uid")))
	})
	mux.HandleFunc("POST /api/playlists", func(w http.ResponseWriter, r *http.Request) {
		uid := fmt.Sprintf("made%d", g.id()) // whatever was sent
		put(uid, read(r))
		say(w, http.StatusOK, view(uid))
	})
	mux.HandleFunc("PUT /api/playlists/{uid}", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := g.playlists[r.PathValue("uid")]; !ok {
			say(w, http.StatusNotFound, map[string]any{"message": "Playlist not found"})
			return
		}
		put(r.PathValue("uid"), read(r))
		say(w, http.StatusOK, view(r.PathValue("uid")))
	})
}

// Playlist changes a playlist of a title as somebody would; change gets its
// spec.
func (g *Grafana) Playlist(title string, change func(spec map[string]any)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, playlist := range g.playlists {
		spec, _ := playlist["spec"].(map[string]any)
		metadata, _ := playlist["metadata"].(map[string]any)
		if spec["title"] == title {
			change(spec)
			metadata["resourceVersion"] = next(text(metadata, "resourceVersion"))
			return
		}
	}
	panic("grafanatest: there is no playlist " + title)
}
