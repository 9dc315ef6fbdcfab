// Package quality is the gate between the collectors and the ledger. It takes
// readings, as a source said them, and hands on facts, held figures and
// rejections: every reading becomes exactly one of the three.
//
// The gate is an ordered list of small stages, in gate.go; the first that
// objects refuses the reading, with a reason for the person who mends the
// source. Some stages hold a figure instead, until a person decides whether it is
// right. Stages that look at one reading do so when it comes, those that look
// at a delivery as a whole when all of it is there. A stage's id is a metric
// label, a value in ledgers and the name of its page in docs/stages, so it never
// changes.
package quality
