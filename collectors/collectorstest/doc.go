// Package collectorstest helps the tests of collector kinds: options read from
// YAML, and a sink that remembers what it was handed.
package collectorstest
