package grafana

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// FileOptions say for which Grafana files are written. All are required.
type FileOptions struct {
	// Install is where the written folder will lie on Grafana's machine, a slash
	// path such as /var/lib/grafana/govkpi.
	Install string
	// OrgID and OrgName are the organization that has the boards.
	OrgID   int64
	OrgName string
	// Zone is the time zone that boards show, such as Asia/Shanghai.
	Zone string
	// Tag marks the boards as ours.
	Tag string
}

// Files returns everything that a Grafana beside us provisions itself from, by
// slash path. The same input gives the same bytes.
func Files(d Desired, o FileOptions) (map[string][]byte, error) {
	if err := d.validate(); err != nil {
		return nil, fmt.Errorf("grafana: %w", err)
	}
	switch {
	case !path.IsAbs(o.Install):
		return nil, fmt.Errorf("grafana: the folder on Grafana's machine must be an absolute path, found %q", o.Install)
	case o.OrgID < 1 || o.OrgName == "" || o.Zone == "" || o.Tag == "":
		return nil, errors.New("grafana: organization, zone and tag are needed")
	}
	d = d.sorted()
	files := map[string][]byte{
		"provisioning/dashboards/govkpi.yaml": dashboardProviders(d, o),
		"grafana.ini":                         wallSettings(o),
	}
	if d.Datasource.URL != "" {
		files["provisioning/datasources/govkpi.yaml"] = datasourceFile(d.Datasource, o)
	}
	for _, b := range d.Boards {
		c, err := b.content(o.Tag)
		if err != nil {
			return nil, fmt.Errorf("grafana: %w", err)
		}
		// Grafana looks at a file only when its content changes, and so would not
		// move a board whose folder alone is another. It takes keys that it does
		// not know.
		c["govkpi"] = map[string]any{"folderUid": b.FolderUID}
		written, err := canonical(c, "  ")
		if err != nil {
			return nil, fmt.Errorf("grafana: board %s: %w", b.UID, err)
		}
		files["dashboards/"+b.FolderUID+"/"+b.UID+".json"] = written
	}
	for _, m := range d.Maps {
		files["maps/"+m.Name] = m.Content
	}
	return files, nil
}

// generated begins every file that can have comments.
const generated = "# Written by govkpi grafana generate. Change the configuration, not this file.\n"

// quoted writes a text for YAML, which has JSON's.
func quoted(text string) string {
	written, err := canonical(text, "")
	if err != nil {
		return `""` // not reached: every text can be written
	}
	return strings.TrimSpace(string(written))
}

func datasourceFile(d Datasource, o FileOptions) []byte {
	var b strings.Builder
	b.WriteString(generated)
	fmt.Fprintf(&b, `apiVersion: 1
datasources:
  - uid: %s
    name: %s
    orgId: %d
    type: prometheus
    access: proxy
    url: %s
    editable: false
    jsonData:
`, quoted(d.UID), quoted(d.Name), o.OrgID, quoted(d.URL))
	settings := d.ownedSettings()
	for _, name := range []string{"httpMethod", "timeInterval"} {
		fmt.Fprintf(&b, "      %s: %s\n", name, quoted(settings[name]))
	}
	return []byte(b.String())
}

// dashboardProviders has a provider for each folder: only so does a board have
// the folder's uid, which does not change with its title.
func dashboardProviders(d Desired, o FileOptions) []byte {
	var b strings.Builder
	b.WriteString(generated + "apiVersion: 1\nproviders:\n")
	for _, f := range d.Folders {
		if !d.hasBoards(f.UID) { // Grafana would complain of the missing folder
			continue
		}
		fmt.Fprintf(&b, `  - name: %s
    orgId: %d
    type: file
    folder: %s
    folderUid: %s
    disableDeletion: false
    updateIntervalSeconds: 30
    allowUiUpdates: false
    options:
      path: %s
`, quoted("govkpi-"+f.UID), o.OrgID, quoted(f.Title), quoted(f.UID), quoted(path.Join(o.Install, "dashboards", f.UID)))
	}
	return []byte(b.String())
}

func (d Desired) hasBoards(folder string) bool {
	for _, b := range d.Boards {
		if b.FolderUID == folder {
			return true
		}
	}
	return false
}
