// Package explain answers where a number comes from.
//
// It reads the ledger (every revision of a figure, what was held, decided and
// refused), the board (standing, roll-ups, reconciliations), the register of
// regions and the calendar, each through a small interface, and hands on a
// Document: plain data for JSON, which can also be written for a person.
package explain
