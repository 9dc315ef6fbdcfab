package explain

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// WriteText writes the document for a person.
func (d *Document) WriteText(w io.Writer, language Language) error {
	p := &printer{w: w, language: language, of: &d.Indicator}
	p.head(d)
	for i := range d.Collected {
		p.collected(d, &d.Collected[i])
	}
	if d.Standing != nil {
		p.standing(d.Standing)
	}
	for i := range d.PartOf {
		p.partOf(&d.PartOf[i])
	}
	if d.Whole != nil {
		p.whole(d.Whole)
	}
	for i := range d.Reconciliations {
		p.reconciliation(&d.Reconciliations[i])
	}
	for i := range d.Discrepancies {
		p.discrepancy(&d.Discrepancies[i])
	}
	p.rejected(&d.Rejections)
	return p.err
}

// printer writes lines; the first error of writing ends it. It is given English
// phrases and writes those of its language.
type printer struct {
	w        io.Writer
	language Language
	of       *Indicator // what the figures are of
	err      error
}

func (p *printer) say(format string, args ...any) { p.line(p.phrase(format, args...)) }

// section begins one.
func (p *printer) section(format string, args ...any) { p.line("\n" + p.phrase(format, args...)) }

func (p *printer) line(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s+"\n")
	}
}

func (p *printer) phrase(format string, args ...any) string {
	if len(args) == 0 {
		return p.language.in(format)
	}
	return fmt.Sprintf(p.language.in(format), args...)
}

// count is a phrase about several, or in English the one about one.
func (p *printer) count(n int, one, many string) string {
	if n == 1 && p.language == English {
		return one
	}
	return p.phrase(many, n)
}

func (p *printer) text(t Text) string {
	if p.language == Chinese && t.ZH != "" || t.EN == "" {
		return t.ZH
	}
	return t.EN
}

func (p *printer) head(d *Document) {
	p.line(p.indicator(&d.Indicator))
	p.line(p.located(&d.Region))
	p.former(d.Former)
	words := []string{d.Period + " " + p.phrase("no figure")}
	if d.Value != nil {
		words[0] = d.Period + " = " + p.amount(*d.Value)
	}
	switch {
	case d.State == fact.Confirmed.String() && !d.SignOff:
		words = append(words, p.phrase("confirmed (no sign-off is asked for)"))
	case d.State != "":
		words = append(words, p.phrase(d.State))
	}
	why := map[Chosen]string{
		ChosenAsked: "", ChosenNewest: p.phrase("  (the newest period that has one)"),
		ChosenCommon: p.phrase("  (the common period)"), ChosenDue: p.phrase("  (the period now due)"),
	}[d.Chosen]
	p.line(strings.Join(words, p.phrase(", ")) + why)
	if d.AsKnownAt != nil {
		p.say("As it was known at %s.", moment(*d.AsKnownAt))
	}
}

func (p *printer) indicator(i *Indicator) string {
	return p.phrase("%s  %s (%s)", i.ID, i.Title.ZH, i.Title.EN)
}

// located names a region and those above it: in Chinese from the top, in English
// from below.
func (p *printer) located(r *Region) string {
	own := p.named(RegionName{r.Code, r.Name})
	above := make([]string, 0, len(r.Within))
	for _, a := range r.Within {
		above = append(above, a.Name)
	}
	if p.language == Chinese {
		return strings.Join(above, "") + own
	}
	slices.Reverse(above)
	return strings.Join(append([]string{own}, above...), ", ")
}

func (p *printer) former(f *Former) {
	if f == nil {
		return
	}
	since := ""
	if f.Since != "" {
		since = p.phrase(" in %s", f.Since)
	}
	if f.Own {
		p.say("%s became a part of %s%s: what was reported for it alone counts for that region today.", p.named(f.Region), p.named(f.Into), since)
	} else {
		p.say("%s became a part of %s%s: this is the answer for the whole region of today.", p.named(f.Region), p.named(f.Into), since)
	}
}

func (p *printer) collected(d *Document, c *Collected) {
	p.of = &c.Indicator
	defer func() { p.of = &d.Indicator }()
	title := map[string]string{"figure": p.phrase("Figure"), "numerator": p.phrase("Numerator"), "denominator": p.phrase("Denominator")}[c.Role]
	if c.Role != "figure" {
		title = p.phrase("%s: %s", title, p.indicator(&c.Indicator))
		if c.Value != nil {
			title += " = " + p.amount(*c.Value)
		}
	}
	p.line("\n" + title)
	p.timeliness(&c.Timeliness)
	for i := range c.Figures {
		p.figure(&c.Figures[i], d.Region.Code)
	}
}

func (p *printer) figure(f *Figure, code string) {
	var words []string
	if f.Code != code {
		words = append(words, p.phrase("under the former code %s", f.Code))
	}
	for _, pair := range f.Dimensions {
		words = append(words, pair.Name+" "+pair.Value)
	}
	if len(words) > 0 {
		if f.Value != nil {
			words = append(words, "= "+p.number(*f.Value))
		}
		p.line("  " + strings.Join(words, "  "))
	}
	for i := range f.Revisions {
		p.revision(&f.Revisions[i])
	}
	for i := range f.Held {
		p.held(&f.Held[i])
	}
}

func (p *printer) timeliness(t *Timeliness) {
	said := "  " + p.phrase("Due before %s", moment(t.Due))
	if t.WeekendsOnly {
		said += p.phrase(" (weekends counted only: the calendar has no holidays of that year)")
	}
	if t.FirstRecorded != nil {
		said += p.phrase("; first came %s", moment(*t.FirstRecorded))
	}
	switch t.Verdict {
	case InTime:
		said += p.phrase(": in time.")
	case Late:
		said += p.phrase(": %s late.", p.workingDays(*t.WorkingDaysLate))
	case NeverLate:
		said += p.phrase(": as history or by import, which is never late.")
	case NotKnown:
		said += p.phrase("; it was due before the ledger began, so that nobody can say whether it was in time.")
	case NotExpected:
		said += p.phrase("; no report is expected of the region for it.")
	case NotDue:
		said += p.phrase("; it has not come yet.")
	case Missing:
		said += p.phrase("; it has not come, %s after it was due.", p.workingDays(*t.WorkingDaysLate))
	}
	p.line(said)
}

func (p *printer) workingDays(n int) string {
	if n == 0 {
		return p.phrase("less than a working day")
	}
	return p.count(n, "1 working day", "%d working days")
}

func (p *printer) named(r RegionName) string {
	if r.Name == "" {
		return r.Code
	}
	return p.phrase("%s (%s)", r.Name, r.Code)
}

// number writes a figure of the indicator, of a ratio as per cent.
func (p *printer) number(v float64) string {
	if p.of.UnitID == ratioUnit {
		return percent(v)
	}
	return number(v)
}

// amount is number with its unit.
func (p *printer) amount(v float64) string {
	unit := p.text(p.of.Unit)
	if p.of.UnitID == ratioUnit || unit == "" {
		return p.number(v)
	}
	return number(v) + " " + unit
}

// gap writes how far two figures lie apart.
func (p *printer) gap(v float64) string {
	if p.of.UnitID == ratioUnit {
		return p.phrase("%s points", strconv.FormatFloat(100*v, 'f', 1, 64))
	}
	return number(v)
}

// ratioUnit is the unit whose figures are from 0 to 1.
const ratioUnit = "ratio"

// number writes a number as short as a person needs it: six decimals at most.
func number(v float64) string {
	if rounded := math.Round(v*1e6) / 1e6; rounded != 0 && math.Abs(v) < 1e9 {
		v = rounded
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func percent(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + "%" }

func moment(t time.Time) string { return t.Format("2006-01-02 15:04:05") }
