package demo

import (
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Sample is what the sample source systems hold at one time. It doesn't change,
// and is safe for concurrent use.
type Sample struct {
	now        time.Time
	register   register
	indicators map[string]*fact.Indicator
	// figures are right and complete: the story leaves out and alters some of
	// them only as they are written.
	figures map[string]*series
	tables  []table
	systems []system
	late    map[Absence]bool
	firsts  map[Absence]int // what counties correct later, as they report it first
	story   Story
}

// New computes the sample systems of the regions as they stand at now, whose
// location is the site's zone: up to the periods that have ended by then there,
// from 2025-01 on. It keeps the slices, which must not change any more.
//
// It needs the regions and indicators of the shipped configuration; it is an
// error where one is missing, or where the register can't be split so that it
// adds up to a published figure. Further indicators get no figures.
func New(regions []fact.Region, indicators []fact.Indicator, now time.Time) (*Sample, error) {
	s := &Sample{
		now:        now,
		register:   newRegister(regions),
		indicators: make(map[string]*fact.Indicator, len(indicators)),
		figures:    map[string]*series{},
		tables:     tables(),
		late:       map[Absence]bool{},
		firsts:     map[Absence]int{},
	}
	s.systems = s.listSystems()
	for i := range indicators {
		s.indicators[indicators[i].ID] = &indicators[i]
	}
	for _, shape := range shapes() {
		if err := s.compute(shape); err != nil {
			return nil, fmt.Errorf("sample figures of %s: %w", shape.indicator, err)
		}
	}
	var err error
	if s.story, err = s.tell(); err != nil {
		return nil, fmt.Errorf("story of the sample figures: %w", err)
	}
	return s, nil
}

// Story returns what the sample systems do besides reporting properly. Callers
// must not modify it.
func (s *Sample) Story() Story { return s.story }
