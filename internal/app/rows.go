package app

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// figureRow says which figure a row is about.
type figureRow struct {
	Indicator  string `json:"indicator"`
	Code       string `json:"code"`
	Name       string `json:"name"`
	Dimensions string `json:"dimensions,omitempty"`
	Period     string `json:"period"`
	Recorded   string `json:"recorded"` // RFC 3339, in the site's zone
	Run        int64  `json:"run"`
}

type textRow struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// heldRow is a held figure of the JSON API.
type heldRow struct {
	ID int64 `json:"id"`
	figureRow
	Value   float64 `json:"value"`
	Place   string  `json:"place,omitempty"`
	Stage   string  `json:"stage"`
	Why     textRow `json:"reason"`
	Closing string  `json:"closing,omitempty"` // released, rejected, corrected or superseded
	Closed  string  `json:"closed,omitempty"`
}

// decisionRow is a decision of the JSON API.
type decisionRow struct {
	ID int64 `json:"id"`
	figureRow
	Action    string   `json:"action"`
	Revision  int32    `json:"revision,omitempty"`
	Value     *float64 `json:"value,omitempty"` // what was decided on
	Held      int64    `json:"held,omitempty"`
	Overruled *float64 `json:"overruled,omitempty"`
	By        string   `json:"by"`
	Why       string   `json:"reason"`
}

func (s *site) figureRow(key fact.Key, recorded, run int64) figureRow {
	row := figureRow{
		Indicator: key.Indicator, Code: key.Region, Dimensions: string(key.Dimensions), Period: key.Period.String(),
		Recorded: s.instant(recorded), Run: run,
	}
	row.Name = s.register.nameAt(key.Region, key.Period)
	return row
}

// instant writes milliseconds since the Unix epoch in the site's zone.
func (s *site) instant(millis int64) string {
	if millis == 0 {
		return ""
	}
	return time.UnixMilli(millis).In(s.config.Site.Zone).Format(time.RFC3339)
}

func (s *site) heldRow(h *fact.HeldFact) heldRow {
	return heldRow{
		ID: h.ID, figureRow: s.figureRow(h.Key, h.Recorded, h.Run), Value: h.Value, Place: h.Place.String(),
		Stage: h.Stage, Why: textRow(h.Reason), Closing: string(h.Closing), Closed: s.instant(h.Closed),
	}
}

func (s *site) decisionRow(d *fact.Decision) decisionRow {
	row := decisionRow{
		ID: d.ID, figureRow: s.figureRow(d.Key, d.Recorded, d.Run), Action: string(d.Action), Revision: d.Revision, Held: d.Held, By: d.By, Why: d.Reason,
	}
	if d.Overruled.OK {
		row.Overruled = &d.Overruled.Value
	}
	return row
}
