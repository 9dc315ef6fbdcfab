package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"
)

// File is a rule file. Name is that of its group with .yaml behind.
type File struct {
	Name    string
	Content []byte
}

// Write makes one file of each group. Equal groups make equal files.
func Write(groups []rulefmt.RuleGroup) ([]File, error) {
	if len(groups) == 0 {
		return nil, errors.New("the policy asks for no alert: there is no rule to write")
	}
	files := make([]File, 0, len(groups))
	for n := range groups {
		content, err := writeGroup(&groups[n])
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: groups[n].Name + ".yaml", Content: content})
	}
	return files, nil
}

// writeGroup writes the YAML that people read: expressions as they are laid out,
// everything else in quotes. The first line of an expression may be further in
// than the next, so the indentation is said (|2).
func writeGroup(g *rulefmt.RuleGroup) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made by govkpi from the catalogue and its section alerts; changes are overwritten.\ngroups:\n  - name: %s\n    interval: %s\n    rules:\n", g.Name, g.Interval)
	for n := range g.Rules {
		r := &g.Rules[n]
		name := "alert: " + r.Alert
		if r.Record != "" {
			name = "record: " + r.Record
		}
		fmt.Fprintf(&b, "      - %s\n        expr: |2-\n", name)
		for line := range strings.SplitSeq(r.Expr, "\n") {
			b.WriteString("          " + line + "\n")
		}
		if r.For != 0 {
			fmt.Fprintf(&b, "        for: %s\n", r.For)
		}
		for _, section := range []struct {
			name  string
			pairs map[string]string
		}{{"labels", r.Labels}, {"annotations", r.Annotations}} {
			if err := writePairs(&b, section.name, section.pairs); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), nil
}

// writePairs writes texts as JSON does, which is YAML too.
func writePairs(b *bytes.Buffer, name string, pairs map[string]string) error {
	if len(pairs) == 0 {
		return nil
	}
	fmt.Fprintf(b, "        %s:\n", name)
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		var quoted bytes.Buffer
		encoder := json.NewEncoder(&quoted)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(pairs[key]); err != nil { // ends with a line break
			return fmt.Errorf("write %s of a rule: %w", key, err)
		}
		fmt.Fprintf(b, "          %s: %s", key, quoted.Bytes())
	}
	return nil
}
