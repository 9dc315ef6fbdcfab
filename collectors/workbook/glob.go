package workbook

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// pattern is a glob over slash-separated paths: * and ? and [a-z] within a name,
// ** for any number of folders. Case does not count, and neither does how a
// system composes its letters.
type pattern []string

// folded is how names are compared.
func folded(s string) string { return strings.ToLower(norm.NFC.String(s)) }

func parsePattern(glob string) (pattern, error) {
	p := pattern(strings.Split(folded(glob), "/"))
	for _, name := range p {
		if name == "" || name == "." || name == ".." {
			return nil, fmt.Errorf("%q is no glob of files within the folder: write one such as **/*.xlsx, without .. and without a slash at its ends", glob)
		}
		if _, err := path.Match(name, ""); err != nil {
			return nil, fmt.Errorf("%q is no glob: a bracket or a backslash in it is not closed", glob)
		}
	}
	return p, nil
}

// match reports whether a path fits.
func (p pattern) match(name string) bool { return matchNames(p, strings.Split(folded(name), "/")) }

func matchNames(p, names []string) bool {
	for len(p) > 0 {
		if p[0] == "**" {
			for skip := range len(names) + 1 {
				if matchNames(p[1:], names[skip:]) {
					return true
				}
			}
			return false
		}
		if len(names) == 0 {
			return false
		}
		if ok, err := path.Match(p[0], names[0]); err != nil || !ok {
			return false
		}
		p, names = p[1:], names[1:]
	}
	return len(names) == 0
}

// quoteGlob makes a text stand for itself within a glob.
func quoteGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}
