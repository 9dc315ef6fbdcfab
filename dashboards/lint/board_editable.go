package lint

// boardEditable: what a viewer changes in a generated board is lost with the next
// one, so nobody should be offered to.
func boardEditable(s *set, report func(place, string)) {
	for _, b := range s.boards {
		if b.Editable == nil || *b.Editable {
			report(place{b, nil}, "it can be edited: set editable to false")
		}
	}
}
