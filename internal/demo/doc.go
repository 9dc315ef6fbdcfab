// Package demo makes sample source systems of the three kinds that there are, for
// the collectors that the shipped configuration of Jiangxi describes: a real
// SQLite database with tables as departments would have them, a real HTTP API,
// and folders of real workbooks.
//
// It reads the register of regions and the catalogue, and hands on a database
// file, workbooks and an http.Handler. Every indicator is in one of the three.
// Every figure is synthetic: made up so that period 2025 adds up to the published
// figures of the catalogue, split over counties by number of villages, with a
// story of counties that lag, report late, correct themselves and get things
// wrong (story.go, wrong.go, wrongbooks.go). Which tables there are says
// schema.sql, which answers the API gives endpoints.go, which workbooks are
// filled in forms.go, how each indicator runs shapes.go.
//
// The same register, catalogue and time give the same database, answers and
// files, byte for byte: chance comes from a seeded generator for each indicator
// and region, sums are of integers, and nothing depends on the clock or the order
// of a map. Which request the API is too busy for depends on the order of
// requests alone. Systems of two times agree about every period that both hold,
// unless a county is late in it.
package demo
