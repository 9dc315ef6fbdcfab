package region_test

import (
	"errors"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
)

// FuzzResolve writes anything at all: there is a region of an allowed level and
// within what was given, or a reason in both languages.
func FuzzResolve(f *testing.F) {
	for _, written := range []string{"余江", "360622", "360603000000", "江西省鹰潭市余江区锦江镇", "湾里区", "锦江", "3606１", "\xff", "吉安吉安", "南康市"} {
		f.Add(written, "", uint8(1<<fact.County))
		f.Add(written, "鹰潭", uint8(1<<fact.Township|1<<fact.County))
		f.Add("锦江镇", written, uint8(0))
	}
	r := shipped(f)
	f.Fuzz(func(t *testing.T, written, within string, set uint8) {
		var levels []fact.Level
		allowed := map[fact.Level]bool{}
		for l := fact.Province; l <= fact.Grid; l++ {
			if set&(1<<l) != 0 {
				levels = append(levels, l)
			}
			allowed[l] = len(levels) == 0 || set&(1<<l) != 0
		}
		got, err := r.Resolve(written, levels, []string{within})
		if err != nil {
			var u *region.Unresolved
			if !errors.As(err, &u) || got != nil || u.Reason.ZH == "" || u.Reason.EN == "" || len(u.Candidates) > 5 {
				t.Fatalf("%q within %q: region %v, error %#v", written, within, got, err)
			}
			return
		}
		if len(levels) > 0 && !allowed[got.Level] {
			t.Fatalf("%q within %q: %s is of level %s, which is not allowed", written, within, got.Code, got.Level)
		}
		// What was found is found again by its code and by its path.
		wantCode(t, r, got.Code, got.Code, levels, within)
		wantCode(t, r, got.Code, fullPath(r, got), []fact.Level{got.Level}, within)
	})
}
