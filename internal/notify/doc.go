// Package notify tells people of lagging regions: one message a day for each
// city, and one of what belongs to no city.
//
// It reads alerts, from a call of Receive or from Alertmanager's webhook, and
// hands messages on to a store that survives a restart, and from there to
// channels: a robot in a group, e-mail, a webhook. It neither makes rules nor
// evaluates them. Every message is stored before it is sent and marked before the
// attempt, so that a crash at any moment loses nothing and sends nothing twice;
// what may have arrived or not waits for a person. The rules are in
// docs/notify.md.
//
// The store is in the package queue, the channels are in the package channel,
// below this one.
package notify
