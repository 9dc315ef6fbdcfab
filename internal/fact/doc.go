// Package fact holds the words of govkpi as types: indicator, region, period,
// reading, fact, rejection, delivery and run.
//
// It reads nothing and hands nothing on; every other package speaks in its
// types. It imports the standard library only, so that the vocabulary never
// depends on a database, a file format or Prometheus. Values are plain data:
// safe to copy, and safe for concurrent reading as long as nobody writes.
package fact
