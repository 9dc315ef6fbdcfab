package exposition

// wire is one way to write families of gauges down. Implementations have no
// state, so that families can be written side by side.
type wire interface {
	// appendLabel appends one label as a sample holds it.
	appendLabel(labels []byte, name, value string) []byte
	begin(p *pages, f family)
	// sample writes one sample; labels were made by appendLabel.
	sample(p *pages, name string, labels []byte, value float64)
	// appendStem appends a sample up to its value, and appendValue the rest: what
	// sample writes at once.
	appendStem(to []byte, name string, labels []byte) []byte
	appendValue(to []byte, value float64) []byte
	// end ends a family of which the given number of samples will follow behind
	// p; stems is the size of what appendStem made of them.
	end(p *pages, samples, stems int)
}

// longestValue bounds what appendValue appends, and longestHead what appendStem
// does beside name and labels.
const longestValue, longestHead = 32, 32

// section is a family being written. One without a sample leaves nothing
// behind, not even its head.
type section struct {
	family
	wire  wire
	pages *pages
	begun bool
}

func (s *section) add(labels []byte, value float64) {
	s.begin()
	s.wire.sample(s.pages, s.name, labels, value)
}

func (s *section) begin() {
	if !s.begun {
		s.wire.begin(s.pages, s.family)
		s.begun = true
	}
}

func (s *section) end() { s.endBefore(0, 0) }

// endBefore ends a family of which more samples will follow behind its pages.
func (s *section) endBefore(samples, stems int) {
	if s.begun {
		s.wire.end(s.pages, samples, stems)
	}
}
