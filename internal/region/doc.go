// Package region knows the divisions of a site and finds the one that a source
// means by what it wrote: a code, a name, an old name, an alias or a whole path,
// with or without 市, 县 or 区.
//
// It reads the regions, the changes and the aliases of the configuration and
// hands regions on to the gate and, by code, to whoever draws or adds them up.
// The rules, with examples, are in docs/regions.md.
package region
