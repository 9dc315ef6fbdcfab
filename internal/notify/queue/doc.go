// Package queue keeps the messages of notify, and the alerts that it has heard
// of, in an SQLite file of their own beside the ledger.
//
// It reads messages and hands them on one by one to whoever sends them, at most
// 20 a minute for each channel. Every change is on the disk when its method
// returns. Any number of processes may put messages in, list and retry them; one
// at a time may send.
package queue
