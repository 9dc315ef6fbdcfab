package app

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/govkpi/govkpi/config"
)

// redactor is a slog.Handler that takes the configuration's secrets out of
// everything that is logged, whoever logs it.
type redactor struct {
	slog.Handler
	secrets *atomic.Pointer[config.Secrets]
}

func newRedactor(next slog.Handler) *redactor {
	return &redactor{Handler: next, secrets: &atomic.Pointer[config.Secrets]{}}
}

func (r *redactor) use(secrets *config.Secrets) { r.secrets.Store(secrets) }

// Handle implements slog.Handler.
func (r *redactor) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, r.text(record.Message), record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		clean.AddAttrs(r.attr(attr))
		return true
	})
	return r.Handler.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (r *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, attr := range attrs {
		clean[i] = r.attr(attr)
	}
	return &redactor{r.Handler.WithAttrs(clean), r.secrets}
}

// WithGroup implements slog.Handler.
func (r *redactor) WithGroup(name string) slog.Handler {
	return &redactor{r.Handler.WithGroup(name), r.secrets}
}

func (r *redactor) attr(attr slog.Attr) slog.Attr {
	value := attr.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		var clean []slog.Attr
		for _, inner := range value.Group() {
			clean = append(clean, r.attr(inner))
		}
		return slog.Attr{Key: attr.Key, Value: slog.GroupValue(clean...)}
	case slog.KindString, slog.KindAny:
		return slog.String(attr.Key, r.text(value.String()))
	}
	return attr
}

func (r *redactor) text(s string) string {
	if secrets := r.secrets.Load(); secrets != nil {
		return secrets.Redact(s)
	}
	return s
}
