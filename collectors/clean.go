package collectors

import "errors"

// CleanError returns an error whose text has passed through redact. The error
// it was made of answers errors.Is, but can't be unwrapped, so that nobody
// comes to print its text by accident.
func CleanError(err error, redact func(string) string) error {
	return &cleanError{text: redact(err.Error()), cause: err}
}

type cleanError struct {
	text  string
	cause error
}

func (e *cleanError) Error() string { return e.text }

// Is implements what errors.Is looks for.
func (e *cleanError) Is(target error) bool { return errors.Is(e.cause, target) }
