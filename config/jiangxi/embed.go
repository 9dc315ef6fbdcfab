// Package jiangxi carries the shipped configuration of Jiangxi Province inside
// the program: the catalogue by theme, the region register and the
// outlines of its counties, the calendar, the sources and their collectors.
//
// It reads nothing at run time; it hands its files to config.Load. Roots are
// govkpi.yaml for a production site and demo.yaml for the demo.
package jiangxi

import "embed"

// Files is the configuration as a tree with slash-separated paths. It implements
// fs.FS, is read-only and safe for concurrent use.
//
//go:embed *.yaml calendar catalogue collectors demo outlines regions
var Files embed.FS
