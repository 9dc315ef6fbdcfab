package grafana

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// ownedKeys are what we say of a data source; all else in it is left as it is, so
// that somebody's password or header stays. Whether it is the default is set
// only once, when it is made, and then left to people.
func (d Datasource) ownedKeys() map[string]string {
	return map[string]string{"name": d.Name, "type": "prometheus", "access": "proxy", "url": d.URL}
}

// ownedSettings are the same within jsonData. GET would end at the length of an
// address, which a query over a hundred counties passes.
func (d Datasource) ownedSettings() map[string]string {
	return map[string]string{"httpMethod": "POST", "timeInterval": "60s"}
}

// owned reads what is ours from a data source of Grafana's.
func (d Datasource) owned(actual map[string]any) map[string]string {
	settings, _ := actual["jsonData"].(map[string]any)
	read := map[string]string{}
	for name := range d.ownedKeys() {
		read[name], _ = actual[name].(string)
	}
	for name := range d.ownedSettings() {
		read["jsonData."+name], _ = settings[name].(string)
	}
	return read
}

// onto puts what is ours into a data source.
func (d Datasource) onto(actual map[string]any) map[string]any {
	merged := maps.Clone(actual)
	if merged == nil {
		merged = map[string]any{}
	}
	merged["uid"] = d.UID
	for name, value := range d.ownedKeys() {
		merged[name] = value
	}
	settings, _ := actual["jsonData"].(map[string]any)
	settings = maps.Clone(settings)
	if settings == nil {
		settings = map[string]any{}
	}
	for name, value := range d.ownedSettings() {
		settings[name] = value
	}
	merged["jsonData"] = settings
	return merged
}

func (p *planner) datasource(ctx context.Context, d Datasource) error {
	i := item(DatasourceKind, d.UID, d.Name)
	actual, err := p.client.datasource(ctx, d.UID)
	desired := d.owned(d.onto(nil))
	switch {
	case d.URL == "" && (err == nil || statusOf(err) == http.StatusForbidden):
		return nil // it is there, or that is not ours to know
	case d.URL == "" && notFound(err):
		i.Verb, i.Notes = Refused, []string{"there is no such data source: make one with this uid in Grafana, or give grafana.datasource.url"}
	case notFound(err):
		i.Verb = Create
		i.do = p.recording(&i, record{SHA256: hashOf(desired)}, func(ctx context.Context) error { return p.client.createDatasource(ctx, d.onto(nil)) })
	case statusOf(err) == http.StatusForbidden:
		// Only administrators may look. Boards work with a data source that
		// somebody else made.
		i.Verb = Refused
		i.Notes = []string{err.Error(), "or leave grafana.datasource.url out, so that somebody else looks after it"}
	case err != nil:
		return err
	case actual["readOnly"] == true:
		p.readOnly(&i, d.owned(actual), desired)
	default:
		is := d.owned(actual)
		i.Notes = changes(is, desired)
		p.judge(&i, hashOf(is), hashOf(desired), func(ctx context.Context) error {
			return p.client.updateDatasource(ctx, d.UID, d.onto(actual))
		})
	}
	p.add(i)
	return nil
}

// readOnly judges a data source that a file provisions: as it should be, or not
// ours to change.
func (p *planner) readOnly(i *Item, actual, desired map[string]string) {
	i.Notes = changes(actual, desired)
	if len(i.Notes) == 0 {
		i.Verb, i.Notes = Unchanged, []string{"a file of that Grafana provisions it"}
		return
	}
	i.Verb = Refused
	i.Notes = append(i.Notes, provisioned("grafana.datasource.url"))
}

// provisioned says why something is refused that has another owner.
func provisioned(instead string) string {
	return "a file of that Grafana provisions it, and one uid has one owner: take it out of the files, or " + instead + " out of the configuration"
}

// changes lists what differs, by name.
func changes(actual, desired map[string]string) []string {
	var notes []string
	for _, name := range slices.Sorted(maps.Keys(desired)) {
		if actual[name] != desired[name] {
			notes = append(notes, fmt.Sprintf("%s: %q -> %q", name, actual[name], desired[name]))
		}
	}
	return notes
}
