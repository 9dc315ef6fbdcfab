// Package grafana keeps a Grafana as it should be: by files for one beside us, or
// over HTTP for a remote one.
//
// It reads a Desired, which is boards as JSON with the folders, the data source,
// the maps and the playlist that go with them; where the boards come from it does
// not know. Generate hands on a folder of provisioning files. Remote.Plan
// compares a running Grafana with the Desired and Remote.Apply makes it so,
// without losing what somebody changed there by hand. A Provisioner does the
// same at the times that its caller chooses, and shows drift as a metric.
//
// What Grafana 9.4 to 13 do is written down in docs/grafana.md, with the reasons
// why the client is our own.
package grafana
