package telemetry

import "context"

// kind is a way in which rounds go wrong.
type kind uint8

const (
	backwards kind = iota
	incomplete
	unreadable
	refused
	unwritten
)

// String says what goes wrong and what to do, for the log.
func (k kind) String() string {
	switch k {
	case backwards:
		return "the clock stands still or goes backwards: telemetry goes on when it has passed the newest round"
	case incomplete:
		return "a part of the telemetry could not be gathered; the rest is recorded"
	case unreadable:
		return "the telemetry can't be read to its end; what came before is recorded"
	case refused:
		return "samples of telemetry were refused; the others are recorded. Where the clock was ahead once, this ends when it has passed that time, or when the folder is moved away and the program restarted"
	case unwritten:
		return "telemetry can't be written: look whether the disk is full"
	}
	return "telemetry"
}

// note logs what went wrong when it begins, and that it is over when it is: a
// disk that stays full would write a line a minute.
func (r *Recorder) note(ctx context.Context, k kind, err error) {
	switch {
	case err != nil && !r.trouble[k]:
		r.log.WarnContext(ctx, "telemetry is not recorded in full", "why", k.String(), "err", err)
	case err == nil && r.trouble[k]:
		r.log.InfoContext(ctx, "telemetry is recorded again", "over", k.String())
	}
	r.trouble[k] = err != nil
}
