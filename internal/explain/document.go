package explain

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Document says where a number comes from. Times are in the site's zone, periods
// in canonical form, numbers in the indicator's base unit. What is unknown or
// does not apply is left out.
type Document struct {
	Indicator Indicator `json:"indicator"`
	Region    Region    `json:"region"`
	// Former is set where a region was asked for that is a part of another today.
	Former *Former `json:"former,omitempty"`
	Period string  `json:"period"`
	Chosen Chosen  `json:"period_chosen"`
	// AsKnownAt is set where the answer leaves out what was recorded after it.
	AsKnownAt *time.Time `json:"as_known_at,omitempty"`
	// Value is the figure as it stands: the sum over its dimensions, the quotient
	// of a ratio, or the roll-up of a region that does not report itself.
	Value *float64 `json:"value,omitempty"`
	// State is that of the figure, or of the parts of a ratio the one that is
	// trusted least; held where a held figure is all there is.
	State string `json:"state,omitempty"`
	// SignOff says that figures are provisional until somebody confirms them;
	// without it a confirmed one has asked nobody.
	SignOff bool `json:"sign_off"`
	// Collected is what the value is made of: one entry, or the numerator and
	// the denominator of a ratio; none where the region does not report.
	Collected []Collected `json:"collected"`
	Standing  *Standing   `json:"standing,omitempty"`
	// PartOf are the roll-ups of the regions above, the nearest first.
	PartOf []PartOf `json:"part_of"`
	// Whole is the roll-up of the region itself, where other regions lie in it
	// that report.
	Whole           *Whole           `json:"whole,omitempty"`
	Reconciliations []Reconciliation `json:"reconciliations"`
	Discrepancies   []Discrepancy    `json:"discrepancies"`
	Rejections      Rejected         `json:"rejections"`
}

// Chosen says why the document is about its period.
type Chosen string

// The reasons.
const (
	ChosenAsked  Chosen = "asked"  // it was asked for
	ChosenNewest Chosen = "newest" // it is the newest with a figure
	ChosenCommon Chosen = "common" // of a roll-up, the period common to the site
	ChosenDue    Chosen = "due"    // there is no figure; it is the one now due
)

// Text is a phrase in two languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Indicator names an indicator.
type Indicator struct {
	ID    string `json:"id"`
	Title Text   `json:"title"`
	Unit  Text   `json:"unit"`
	// UnitID is the id of the unit; the figures of "ratio" are from 0 to 1.
	UnitID string `json:"unit_id"`
	Kind   string `json:"kind"`
}

// Region names a region and those it lies in, from the province downwards.
type Region struct {
	Code   string       `json:"code"`
	Name   string       `json:"name"`
	Level  string       `json:"level"`
	Class  string       `json:"class,omitempty"`
	Within []RegionName `json:"within,omitempty"`
}

// RegionName names a region.
type RegionName struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Former is a region that became a part of another.
type Former struct {
	Region RegionName `json:"region"`
	Into   RegionName `json:"into"`            // which it is a part of today
	Since  string     `json:"since,omitempty"` // the period of the merger
	// Own says that the document is about the former region's own figure, of when
	// it was no part of another yet; otherwise it is about all of Into.
	Own bool `json:"own"`
}

// Collected is the evidence for one collected indicator.
type Collected struct {
	Role       string     `json:"role"` // figure, numerator or denominator
	Indicator  Indicator  `json:"indicator"`
	Value      *float64   `json:"value,omitempty"`
	Timeliness Timeliness `json:"timeliness"`
	Figures    []Figure   `json:"figures"`
}

// Timeliness holds the first record of a figure against its due instant.
type Timeliness struct {
	Verdict Verdict `json:"verdict"`
	// Due is exclusive: a report is in time before it.
	Due           time.Time  `json:"due"`
	FirstRecorded *time.Time `json:"first_recorded,omitempty"`
	// WorkingDaysLate are whole ones, from the due instant to the first record,
	// or until now while there is none.
	WorkingDaysLate *int `json:"working_days_late,omitempty"`
	// WeekendsOnly says that the calendar knows no holidays of that year.
	WeekendsOnly bool `json:"weekends_only"`
}

// Verdict says whether a report was in time.
type Verdict string

// The verdicts. A held figure counts as a report.
const (
	InTime      Verdict = "in_time"
	Late        Verdict = "late"
	NeverLate   Verdict = "never_late"   // it came as history or by import
	NotKnown    Verdict = "not_known"    // it was due before the ledger began
	NotExpected Verdict = "not_expected" // nobody waits for it
	NotDue      Verdict = "not_due"      // it has not come, and needs not yet
	Missing     Verdict = "missing"      // it has not come, and is due
)

// Figure is one series of a collected indicator: its dimensions under one code.
type Figure struct {
	// Code is the code it was recorded under, which may be an old one.
	Code       string     `json:"code"`
	Dimensions []Pair     `json:"dimensions,omitempty"`
	Value      *float64   `json:"value,omitempty"`
	State      string     `json:"state"`
	Revisions  []Revision `json:"revisions"` // the newest first
	Held       []Held     `json:"held"`      // the newest first
}

// Pair is a dimension and its value.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Revision is one revision of a figure and how it came.
type Revision struct {
	Revision  int32     `json:"revision"`
	Value     float64   `json:"value"`
	Recorded  time.Time `json:"recorded"`
	Origin    string    `json:"origin"`
	Run       int64     `json:"run"`
	Collector string    `json:"collector"`
	Target    string    `json:"target,omitempty"`
	Place     *Place    `json:"place,omitempty"`
	// By and Reason are of a run that somebody asked for.
	By          string     `json:"by,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	QueryDigest string     `json:"query_digest,omitempty"`
	InputDigest string     `json:"input_digest,omitempty"`
	Decisions   []Decision `json:"decisions,omitempty"`
}

// Place is where something stood in its source.
type Place struct {
	Part  string `json:"part,omitempty"`
	Field string `json:"field,omitempty"`
	Row   int32  `json:"row,omitempty"`
	Text  string `json:"text"`
}

// Decision is what a person decided.
type Decision struct {
	Action    string    `json:"action"`
	Recorded  time.Time `json:"recorded"`
	By        string    `json:"by"`
	Reason    string    `json:"reason"`
	Run       int64     `json:"run"`
	Overruled *float64  `json:"overruled,omitempty"`
}

// Held is a figure that the gate did not believe, and what became of it.
type Held struct {
	ID       int64     `json:"id"`
	Value    float64   `json:"value"`
	Recorded time.Time `json:"recorded"`
	Stage    string    `json:"stage"`
	Why      Text      `json:"why"`
	Run      int64     `json:"run"`
	Place    *Place    `json:"place,omitempty"`
	Waits    bool      `json:"waits"`
	// Closing is how it stopped waiting: released, rejected, superseded or
	// corrected.
	Closing  string     `json:"closing,omitempty"`
	Closed   *time.Time `json:"closed,omitempty"`
	Decision *Decision  `json:"decision,omitempty"`
}

// Standing is what follows from the figure.
type Standing struct {
	Previous *PeriodValue `json:"previous,omitempty"`
	YearAgo  *PeriodValue `json:"year_ago,omitempty"`
	// Unchanged is for how many further periods the figure has been the same.
	Unchanged  *int     `json:"unchanged_periods,omitempty"`
	Target     *float64 `json:"target,omitempty"`
	Attainment *float64 `json:"attainment,omitempty"`
	// Ranks are there where the period is the common one.
	Ranks  []Rank  `json:"ranks,omitempty"`
	Report *Report `json:"report,omitempty"`
}

// PeriodValue is a figure of a period.
type PeriodValue struct {
	Period string  `json:"period"`
	Value  float64 `json:"value"`
}

// Rank is the region's place among its peers at the common period.
type Rank struct {
	Scope    string  `json:"scope"`
	Rank     int     `json:"rank"`
	Peers    int     `json:"peers"`
	Quartile int     `json:"quartile,omitempty"` // none among fewer than four
	Period   string  `json:"period"`
	By       string  `json:"by"` // what Measure is: value, attainment, per_village or per_10000_people
	Measure  float64 `json:"measure"`
}

// Report says what the region owes now.
type Report struct {
	Period         string     `json:"period_now_due"`
	Due            time.Time  `json:"due"`
	Reported       bool       `json:"reported"`
	Owed           string     `json:"owed,omitempty"` // the oldest missing period
	OwedDue        *time.Time `json:"owed_due,omitempty"`
	OverdueSeconds int64      `json:"overdue_seconds"`
	// OverdueWorkingDays are whole ones.
	OverdueWorkingDays int  `json:"overdue_working_days"`
	WeekendsOnly       bool `json:"weekends_only"`
	Held               int  `json:"held"`
}

// Rollup is a figure for a region and all that lies in it.
type Rollup struct {
	Region       RegionName `json:"region"`
	Level        string     `json:"level"`
	Period       string     `json:"period"`
	Common       bool       `json:"common"` // it is the period common to the site
	Value        *float64   `json:"value,omitempty"`
	Previous     *float64   `json:"previous,omitempty"`
	Policy       string     `json:"policy"`
	CarryPeriods int        `json:"carry_periods,omitempty"`
	Reported     int        `json:"reported"`
	Carried      int        `json:"carried"`
	Compared     int        `json:"compared"`
	Expected     int        `json:"expected"`
}

// PartOf is the figure's part in a roll-up.
type PartOf struct {
	Rollup
	Part Part `json:"part"`
	// Figure is the region's own in it, of FigurePeriod: an older one where it is
	// carried.
	Figure       *float64 `json:"figure,omitempty"`
	FigurePeriod string   `json:"figure_period,omitempty"`
	// Share is of the value; of a ratio, of the denominators.
	Share *float64 `json:"share,omitempty"`
}

// Part says what a region contributes to a roll-up.
type Part string

// The parts.
const (
	In            Part = "in"
	Carried       Part = "carried"        // with an older figure
	Absent        Part = "missing"        // it has not reported
	AbsentHeld    Part = "held"           // the same, and a figure waits for a decision
	NotComparable Part = "not_comparable" // it has no figure of the period before to compare with
	Uncounted     Part = "not_expected"   // it has not reported, and needs not
)

// Whole is the roll-up of a region, and what it is made of.
type Whole struct {
	Rollup
	// Missing, Carried and NotComparable are the regions that are not in it with
	// the period's own figure; at most mostRegions of each.
	Missing       Regional       `json:"missing"`
	CarriedOver   Regional       `json:"carried_over"`
	NotComparable Regional       `json:"not_comparable"`
	Largest       []Contribution `json:"largest"`
}

// Regional is a list of regions, cut where it is long.
type Regional struct {
	Regions []RegionName `json:"regions"`
	More    int          `json:"more"`
}

// Contribution is what one region adds to a roll-up.
type Contribution struct {
	Region RegionName `json:"region"`
	Period string     `json:"period"`
	Value  float64    `json:"value"`
	Share  *float64   `json:"share,omitempty"`
}

// Reconciliation sets a published figure against our total.
type Reconciliation struct {
	Region    RegionName `json:"region"` // that the figure was published for
	Period    string     `json:"period"`
	Published float64    `json:"published"`
	Precision string     `json:"precision"`
	Step      float64    `json:"step,omitempty"`
	Citation  string     `json:"citation,omitempty"`
	Total     *float64   `json:"total,omitempty"`
	Gap       *float64   `json:"gap,omitempty"`
	Missing   Regional   `json:"missing"`
	// Explanation says in a sentence why they differ, or that they agree.
	Explanation Text `json:"explanation"`
}

// Discrepancy sets the figure against another source's.
type Discrepancy struct {
	Other     Indicator `json:"other"`
	Period    string    `json:"period"`
	Value     float64   `json:"value"`
	OtherSays float64   `json:"other_says"`
	Gap       float64   `json:"gap"`
	Tolerance float64   `json:"tolerance"`
}

// Rejected are the rejections that concern the figure, the newest first.
type Rejected struct {
	Rejections []Rejection `json:"rejections"`
	More       int         `json:"more"`
	// AtLeast says that there may be even more: not all were counted.
	AtLeast bool `json:"more_at_least,omitempty"`
}

// Rejection is a refused reading.
type Rejection struct {
	Recorded  time.Time `json:"recorded"`
	Collector string    `json:"collector"`
	Run       int64     `json:"run"`
	Target    string    `json:"target,omitempty"`
	Place     *Place    `json:"place,omitempty"`
	Indicator string    `json:"indicator"`
	Region    string    `json:"region"`
	Period    string    `json:"period"`
	Value     string    `json:"value"`
	Stage     string    `json:"stage"`
	Reason    Text      `json:"reason"`
}

func text(t fact.Text) Text { return Text{ZH: t.ZH, EN: t.EN} }
