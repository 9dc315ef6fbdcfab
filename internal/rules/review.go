package rules

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// Print writes a table of each month, for people.
func (r *Review) Print(w io.Writer, zone *time.Location) error {
	for _, m := range r.Months {
		rows := [][]string{{"ALERT", "SEVERITY", "REGION", "INDICATOR", "FROM", "TO", "DAYS", "VALUE"}}
		for _, n := range m.Named {
			from := n.First.In(zone).Format("01-02")
			if !n.Begun {
				from = "before"
			}
			rows = append(rows, []string{
				n.Labels[labels.AlertName], n.Labels[labelSeverity], n.place(), n.what(), from,
				n.Last.In(zone).Format("01-02"), strconv.Itoa(n.days(zone)), strconv.FormatFloat(n.Value, 'g', 6, 64),
			})
		}
		if _, err := fmt.Fprintf(w, "%s: %d\n", m.Month, len(m.Named)); err != nil {
			return fmt.Errorf("print the back-test: %w", err)
		}
		if len(m.Named) == 0 {
			continue
		}
		if err := printRows(w, rows); err != nil {
			return fmt.Errorf("print the back-test: %w", err)
		}
	}
	return nil
}

// days is on how many civil days it fired, at most.
func (n *Named) days(zone *time.Location) int {
	first, last := n.First.In(zone), n.Last.In(zone)
	return last.YearDay() - first.YearDay() + 1 // within one month
}

func (n *Named) place() string {
	names := n.Labels["city"] + n.Labels["county"] + n.Labels["township"] + n.Labels["village"]
	if code := n.Labels[labelCode]; code != "" {
		return strings.TrimSpace(code + " " + names)
	}
	return names
}

func (n *Named) what() string {
	if indicator := n.Labels[labelIndicator]; indicator != "" {
		return indicator
	}
	return n.Labels["collector"]
}

// printRows aligns columns, where a Chinese character is as wide as two letters.
func printRows(w io.Writer, rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  " + cell + strings.Repeat(" ", widths[i]-width(cell)))
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err //nolint:wrapcheck // Print says what failed
		}
	}
	return nil
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x1100 { // where the scripts of East Asia begin
			n++
		}
	}
	return n
}
