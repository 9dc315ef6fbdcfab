package app

import (
	"context"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// Checked is a configuration that has been built without a ledger.
type Checked struct{ site *site }

// Check builds everything of a configuration that can be refused, and opens
// neither ledger nor source.
func Check(cfg *config.Config, now func() time.Time) (*Checked, error) {
	s, err := buildSite(cfg, &ledger.Head{}, noFacts{}, now)
	if err != nil {
		return nil, err
	}
	return &Checked{s}, nil
}

// noFacts is a ledger without any.
type noFacts struct{}

// Facts implements factReader.
func (noFacts) Facts(context.Context, ledger.FactQuery, func(fact.Fact) error) error { return nil }

// Connection says whether a collector reaches its source.
type Connection struct {
	Collector string
	Err       error // nil where it does
}

// Connect tries every collector's source, one after the other, each within its
// collector's deadline, in the configuration's order.
func (c *Checked) Connect(ctx context.Context) []Connection {
	var connections []Connection
	for _, collector := range c.site.config.Collectors {
		within, cancel := context.WithTimeout(ctx, collector.Deadline)
		err := c.site.collectors[collector.Name].puller.Ping(within)
		cancel()
		connections = append(connections, Connection{collector.Name, err})
	}
	return connections
}
