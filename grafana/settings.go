package grafana

import "strings"

// wallSettings is a sample grafana.ini for walls. The quote that Grafana's reader
// takes a name in is the backtick.
func wallSettings(o FileOptions) []byte {
	return []byte(strings.NewReplacer("{org}", o.OrgName, "{zone}", o.Zone, "{install}", o.Install).Replace(wallTemplate))
}

const wallTemplate = `# Written by govkpi grafana generate: a sample for a Grafana whose boards hang on a
# wall. Take the sections that you need over into your own grafana.ini.

# Whoever reaches this Grafana sees the boards of this organization without a
# login, and may ask its data sources anything. Let nobody in from outside the
# wall's own network, and give the organization nothing else.
[auth.anonymous]
enabled = true
org_name = ` + "`{org}`" + `
org_role = Viewer
hide_version = true

[users]
allow_sign_up = false
allow_org_create = false
default_language = zh-Hans

[date_formats]
default_timezone = {zone}

# The boards refresh once a minute; nobody may ask for more.
[dashboards]
min_refresh_interval = 30s

# The maps are files of our own, in {install}/maps. Mount or link that folder as
# public/maps in Grafana's home, so that browsers find maps/counties.geojson. The
# boards draw these in the place of tiles from the internet.
[geomap]
enable_custom_baselayers = true

# A wall has no way to the internet.
[analytics]
reporting_enabled = false
check_for_updates = false
check_for_plugin_updates = false

[news]
news_feed_enabled = false

[snapshots]
external_enabled = false
`
