package lint

import "fmt"

// schemaVersion is the last of the classic model.
const schemaVersion = 42

// boardSchema: newer Grafanas migrate older schemas when they load a board, each
// in its own way, and refuse the newer model in files.
func boardSchema(s *set, report func(place, string)) {
	for _, b := range s.boards {
		at := place{b, nil}
		if b.SchemaVersion != schemaVersion {
			report(at, fmt.Sprintf("schemaVersion is %d: expected %d", b.SchemaVersion, schemaVersion))
		}
		for _, key := range []string{"id", "slug", "originalTitle", "hideControls", "sharedCrosshair", "rows", "style", "elements", "layout", "__inputs", "__requires"} {
			if _, there := b.whole[key]; there {
				report(at, fmt.Sprintf("it has the key %q, which is no part of the classic model of today", key))
			}
		}
	}
}
