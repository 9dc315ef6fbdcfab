package exposition

// wire is one way to write families of gauges down. Implementations have no
// state, so that families can be written side by side.
type wire interface {
	// appendLabel appends one label as a sample holds it.
	appendLabel(labels []byte, name, value string) []byte
	begin(p *pages, f family)
	// sample writes one sample; labels were made by appendLabel.
	sample(p *pages, name string, labels []byte, value float64)
	end(p *pages)
}

// section is a family being written. One without a sample leaves nothing
// behind, not even its head.
type section struct {
	family
	wire  wire
	pages *pages
	begun bool
}

func (s *section) add(labels []byte, value float64) {
	if !s.begun {
		s.wire.begin(s.pages, s.family)
		s.begun = true
	}
	s.wire.sample(s.pages, s.name, labels, value)
}

func (s *section) end() {
	if s.begun {
		s.wire.end(s.pages)
	}
}
