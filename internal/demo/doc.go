// Package demo makes sample source systems: a real SQLite database with tables
// as the departments of a province would have them, for the collectors that the
// shipped configuration of Jiangxi describes.
//
// It reads the register of regions and the catalogue, and hands on a database
// file. Every figure in it is synthetic: made up so that period 2025 adds up to
// the published figures of the catalogue, split over counties by number of
// villages, with a story of counties that lag, report late, correct themselves
// and get rows wrong (story.go, wrong.go). Which tables there are says
// schema.sql, how each indicator runs says shapes.go.
//
// The same register, catalogue and time give the same database: chance comes
// from a seeded generator for each indicator and region, sums are of integers,
// and nothing depends on the clock or the order of a map. Databases of two times
// agree about every period that both hold, unless a county is late in it.
package demo
