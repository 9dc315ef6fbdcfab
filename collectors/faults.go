package collectors

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Faults collects what is wrong with a block of options, each with its place.
type Faults struct {
	Options Options
	all     []error
}

// Add adds a fault at the position of a key: see Options.Errorf.
func (f *Faults) Add(path, format string, args ...any) {
	f.all = append(f.all, f.Options.Errorf(path, format, args...))
}

// AddError adds a fault that says itself where it is; nil is none.
func (f *Faults) AddError(err error) {
	if err != nil {
		f.all = append(f.all, err)
	}
}

// Err joins the faults; nil where there are none.
func (f *Faults) Err() error { return errors.Join(f.all...) }

// Duration reads a required duration, which must be more than nothing. The
// example is for the message.
func (f *Faults) Duration(path, written, example string) time.Duration {
	if written == "" {
		f.Add(path, "%s is missing: give a duration such as %s", path, example)
		return 0
	}
	d, err := model.ParseDuration(written)
	if err != nil || d <= 0 {
		f.Add(path, "%s: %q is no duration: write one such as %s", path, written, example)
		return 0
	}
	return time.Duration(d)
}

// Count reads a required number from 1 to the most that an int32 holds. what
// says, for the message, which number it is.
func (f *Faults) Count(path string, written *int, what string) int {
	switch {
	case written == nil:
		f.Add(path, "%s is missing: give %s", path, what)
	case *written < 1 || *written > math.MaxInt32:
		f.Add(path, "%s is %d: expected 1 to %d", path, *written, math.MaxInt32)
	default:
		return *written
	}
	return 0
}

// Size reads a required number of bytes such as 8MiB or 20MB, of at least one.
// The example is for the message.
func (f *Faults) Size(path, written, example string) int64 {
	if written == "" {
		f.Add(path, "%s is missing: give a size such as %s", path, example)
		return 0
	}
	digits := strings.TrimRight(written, "BKMGibk")
	n, err := strconv.ParseInt(digits, 10, 32)
	factor, known := sizeUnit(written[len(digits):])
	if err != nil || !known || n < 1 {
		f.Add(path, "%s: %q is no size: write one such as %s", path, written, example)
		return 0
	}
	return n * factor
}

func sizeUnit(s string) (int64, bool) {
	switch s {
	case "B":
		return 1, true
	case "kB", "KB":
		return 1e3, true
	case "MB":
		return 1e6, true
	case "GB":
		return 1e9, true
	case "KiB":
		return 1 << 10, true
	case "MiB":
		return 1 << 20, true
	case "GiB":
		return 1 << 30, true
	}
	return 0, false
}
