// Package config reads a site's configuration: a tree of YAML files with the
// catalogue, sources and collectors, and the CSV registers of regions that it
// names. It hands on a Config, validated as a whole, in the types of
// internal/fact.
//
// Loading is strict. Nothing is clamped, guessed or defaulted: an unknown key, a
// missing one, a reference to something that does not exist is refused with
// file, line, column and a sentence that says what to do, and all that is wrong
// with a tree is reported at once. What only a kind of source understands stays
// undecoded in a Block, which the kind decodes just as strictly.
//
// Values from ${ENV} and from files named by a key ending in _file are secrets:
// they are in no error of this package, in no digest and in no File, and
// Config.Secrets takes them out of whatever else is about to be printed.
//
// Every key is described in docs/configuration.md.
package config
