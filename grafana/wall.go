package grafana

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// WallURL is an address for a browser on a wall.
type WallURL struct {
	Title string
	URL   string
}

// WallURLs asks the server what it is and where the playlist is, and returns the
// address of the playlist, if there is one, and then those of the single boards
// of the wall.
func (r *Remote) WallURLs(ctx context.Context, d Desired) ([]WallURL, error) {
	server, err := r.client.server(ctx)
	if err != nil {
		return nil, err
	}
	var urls []WallURL
	if d.Playlist != nil {
		api, err := r.client.playlists(ctx, server.OrgID)
		if err != nil {
			return nil, err
		}
		found, err := api.find(ctx, d.Playlist.UID, d.Playlist.Title)
		switch {
		case err != nil:
			return nil, err
		case found == nil:
			return nil, fmt.Errorf("%s has no playlist %q: make it with govkpi grafana apply", server.URL, d.Playlist.Title)
		}
		urls = append(urls, WallURL{d.Playlist.Title, server.URL + "/playlists/play/" + found.UID + "?" + Kiosk(server.Version, server.OrgID)})
	}
	for _, b := range d.Boards {
		if b.Wall {
			urls = append(urls, WallURL{b.Title, server.URL + "/d/" + b.UID + "?" + Kiosk(server.Version, server.OrgID)})
		}
	}
	return urls, nil
}

// Kiosk returns the parameters with which a Grafana of that version shows a board
// or a playlist and nothing else. A version that is not known counts as a new
// one: what an old one does not know it ignores. kiosk=tv is never right: 13
// shows its top bar with it. Time, refresh and variables are not here, because a
// playlist drops them: they are in the boards.
func Kiosk(version string, org int64) string {
	parameters := []string{"kiosk", "orgId=" + strconv.FormatInt(org, 10)}
	if atLeast(version, 11, 3) {
		parameters = append(parameters, "_dash.hideTimePicker", "_dash.hideVariables", "_dash.hideLinks")
	}
	if atLeast(version, 12, 0) {
		parameters = append(parameters, "_dash.hidePlaylistNav")
	}
	return strings.Join(parameters, "&")
}

// atLeast compares the beginning of a version with two numbers. One that can't be
// read is a new one.
func atLeast(version string, major, minor int) bool {
	first, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	has, err := strconv.Atoi(first)
	if err != nil {
		return true
	}
	hasMinor, err := strconv.Atoi(second)
	if err != nil {
		hasMinor = 0
	}
	return has > major || has == major && hasMinor >= minor
}
