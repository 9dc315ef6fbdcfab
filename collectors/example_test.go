package collectors_test

import (
	"context"
	"fmt"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

// constant is a collector whose source is its own configuration.
type constant struct {
	Region string `yaml:"region"`
	Period string `yaml:"period"`
	Value  string `yaml:"value"`
}

func (c constant) Collect(_ context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
	err := sink.Add(fact.Reading{
		Indicator: "grids", Region: c.Region, Period: c.Period, Value: fact.TextValue(c.Value),
		Place: fact.Place{Row: 1, Field: "value"},
	})
	return collectors.Summary{Rows: 1}, err
}

func (constant) Ping(context.Context, collectors.Target) error { return nil }

// A kind is a name and a function that makes collectors of their options. The
// list of kinds is in internal/app.
func Example() {
	kind := collectors.Kind{
		Name: "constant",
		New: func(blocks collectors.Blocks) (collectors.Collector, error) {
			var c constant
			options := blocks.Collector
			if err := options.Decode(&c); err != nil {
				return nil, err
			}
			if c.Region == "" {
				return nil, options.Errorf("region", "region is missing: give a code or name")
			}
			return c, nil
		},
	}

	collector, err := kind.New(collectors.Blocks{Collector: given{Region: "余江区", Period: "2025-12", Value: "1234"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var sink collectorstest.Sink
	_, err = collector.Collect(context.Background(), collectors.Request{}, &sink)
	for _, r := range sink.Readings {
		fmt.Println(r.Indicator, r.Region, r.Period, r.Value, "at", r.Place)
	}
	fmt.Println(err)

	_, err = kind.New(collectors.Blocks{Collector: given{}})
	fmt.Println(err)

	// Output:
	// grids 余江区 2025-12 1234 at row 1, column value
	// <nil>
	// elder-care.yaml:7:5: region is missing: give a code or name
}

// given stands for a block of the configuration.
type given constant

func (g given) Decode(into any) error {
	c, ok := into.(*constant)
	if !ok {
		return fmt.Errorf("no place for the options in a %T", into)
	}
	*c = constant(g)
	return nil
}

func (given) Errorf(_, format string, args ...any) error {
	return fmt.Errorf("elder-care.yaml:7:5: "+format, args...)
}

func (given) Secret(string) (string, error) { return "", nil }

func (given) Path(written string) string { return written }
