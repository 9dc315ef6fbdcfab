// Package sqlite keeps a ledger in one SQLite file: deliveries come in through
// Commit, facts, regions, runs, rejections and configurations go out through
// queries. The driver is pure Go. docs/ledger.md describes the tables for people.
//
// One connection writes and a few read; in SQLite's write-ahead mode they don't
// wait for each other. A lock file beside the ledger keeps a second server out,
// while commands may read the ledger of a running one. Nothing in this process
// opens the ledger's file by other means while it is in use: closing such a
// descriptor would drop the locks that SQLite holds on the file.
package sqlite
