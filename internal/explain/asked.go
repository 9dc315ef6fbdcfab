package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// find finds the region that a question is about, and the codes that its figures
// may have come under. former is set where it is, or was asked for as, a region
// that has become a part of another.
func (e *Explainer) find(q Question, levels []fact.Level) (region *fact.Region, codes []string, former *Former, err error) {
	region, err = e.Regions.ResolveAt(q.Region, levels, nil, q.Period)
	if err != nil {
		merged, today, change := e.merged(q.Region, levels)
		if merged == nil {
			return nil, nil, nil, refused(err)
		}
		return today, e.codesOf(today), formerOf(merged, today, &change), nil
	}
	today, change, retired := e.Regions.Successor(region.Code)
	if !retired {
		return region, e.codesOf(region), nil, nil
	}
	former = formerOf(region, today, &change)
	former.Own = true
	codes = []string{region.Code}
	if then := e.Regions.AsOf(region.Code, q.Period).Code; then != "" && then != region.Code {
		codes = append(codes, then)
	}
	return region, codes, former, nil
}

// merged finds a region that has become a part of another: at the beginning of
// all periods it had not. It is nil where there is none.
func (e *Explainer) merged(written string, levels []fact.Level) (region, today *fact.Region, change fact.RegionChange) {
	beginning := fact.PeriodAt(time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC), fact.Yearly)
	region, err := e.Regions.ResolveAt(written, levels, nil, beginning)
	if err != nil {
		return nil, nil, change
	}
	today, change, ok := e.Regions.Successor(region.Code)
	if !ok {
		return nil, nil, change
	}
	return region, today, change
}

func formerOf(region, today *fact.Region, change *fact.RegionChange) *Former {
	former := &Former{Region: nameOf(region), Into: nameOf(today)}
	if !change.Effective.IsZero() {
		former.Since = change.Effective.String()
	}
	return former
}

// codesOf returns the code of a region of today and those that count for it.
func (e *Explainer) codesOf(region *fact.Region) []string {
	codes := []string{region.Code}
	for _, written := range e.Regions.Written(region.Code) {
		if today, _, ok := e.Regions.Successor(written); ok && today.Code == region.Code && !slices.Contains(codes, written) {
			codes = append(codes, written)
		}
	}
	return codes
}

// refused makes a Refusal of an error that explains itself. The register speaks
// to whoever mends a source; somebody who asks can do neither.
func refused(err error) error {
	var explained interface{ Explain() fact.Text }
	if !errors.As(err, &explained) {
		return fmt.Errorf("find the region: %w", err)
	}
	reason := explained.Explain()
	zh, mend := strings.CutSuffix(reason.ZH, "：请更正来源数据，或为其添加别名")
	en, _ := strings.CutSuffix(reason.EN, ": correct it in the source, or add an alias")
	if mend {
		reason.ZH = zh + "；同名的地区请在前面写上所在的市，如“鹰潭市余江区”"
		reason.EN = en + "; where several regions have one name, write the city before it, as in 鹰潭市余江区"
	}
	return &Refusal{reason}
}
