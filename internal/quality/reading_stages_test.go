package quality_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
)

// readingCase is one reading and what the gate makes of it.
type readingCase struct {
	spoil  func(*fact.Reading)
	reason string // a part of the English reason; empty where the reading is accepted
	check  func(fact.Fact) bool
}

func testStage(t *testing.T, stage string, cases map[string]readingCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			facts, rejections := deliver(t, &ledger{}, reading(tc.spoil))
			if tc.reason == "" {
				if len(facts) != 1 {
					t.Fatalf("refused: %+v", rejections)
				}
				if tc.check != nil && !tc.check(facts[0]) {
					t.Errorf("wrong fact: %+v, period %s", facts[0], facts[0].Period)
				}
				return
			}
			if len(rejections) != 1 {
				t.Fatalf("accepted: %+v", facts)
			}
			if got := rejections[0]; got.Stage != stage || !strings.Contains(got.Reason.EN, tc.reason) || got.Reason.ZH == "" {
				t.Errorf("refused by %s: %+v\nwant %s: %s", got.Stage, got.Reason, stage, tc.reason)
			}
		})
	}
}

func TestIndicatorKnown(t *testing.T) {
	indicator := func(id string) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Indicator = id }
	}
	testStage(t, "indicator-known", map[string]readingCase{
		"known":       {spoil: indicator("grids")},
		"padded":      {spoil: indicator("grids    "), check: func(f fact.Fact) bool { return f.Indicator == "grids" }},
		"none":        {spoil: indicator(" "), reason: "No indicator is named"},
		"unknown":     {spoil: indicator("gridz"), reason: `The catalogue has no indicator "gridz"`},
		"other case":  {spoil: indicator("Grids"), reason: `no indicator "Grids"`},
		"ratio":       {spoil: indicator("forms_cut_share"), reason: "deliver its numerator forms_cut and its denominator forms_before"},
		"very long":   {spoil: indicator(strings.Repeat("网", 1000)), reason: `no indicator "` + strings.Repeat("网", 26) + `…"`},
		"broken text": {spoil: indicator(strings.Repeat("\x80", 1000)), reason: `no indicator "…"`},
	})
}

func TestRegionResolved(t *testing.T) {
	region := func(written string, within ...string) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Region, r.Within = written, within }
	}
	testStage(t, "region-resolved", map[string]readingCase{
		"code":        {spoil: region("360603")},
		"name":        {spoil: region("余江区"), check: func(f fact.Fact) bool { return f.Region == "360603" }},
		"unknown":     {spoil: region("余江"), reason: "There is no region 余江."},
		"wrong level": {spoil: region("360600"), reason: "There is no region 360600."},
		"within":      {spoil: region("余江区", "", "鹰潭市")},
		"total":       {spoil: region("合计"), reason: `"合计" is no region: if this row is the source's own total, write totals: [合计] in the collector;`},
		"spaced":      {spoil: region(" 小\u3000计 "), reason: "write totals: [小计] in the collector"},
		"not within":  {spoil: region("余江区", "九江市"), reason: "There is no region 余江区."},
	})
}

func TestRegionInScope(t *testing.T) {
	patrol := func(region string) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Indicator, r.Period, r.Region = "lake_patrols", "2025-12-31", region }
	}
	testStage(t, "region-in-scope", map[string]readingCase{
		"named itself":   {spoil: patrol("360603")},
		"a level below":  {spoil: patrol("360423")},
		"two below":      {spoil: patrol("360423100")},
		"beside it":      {spoil: patrol("360602"), reason: "only within 九江市 (360400), 余江区 (360603); 月湖区 (360602) lies outside"},
		"without limits": {spoil: func(r *fact.Reading) { r.Region = "360602" }},
	})
}

func TestPeriodParsed(t *testing.T) {
	period := func(indicator, period, date string) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Indicator, r.Period, r.Date = indicator, period, date }
	}
	lastEnded := func(indicator string) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Indicator, r.Period, r.LastEnded = indicator, "", true }
	}
	inWords := func(indicator, period string) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Indicator, r.Period, r.Dimensions = indicator, period, "age=old,sex=male" }
	}
	is := func(want string) func(fact.Fact) bool {
		return func(f fact.Fact) bool { return f.Period.String() == want }
	}
	testStage(t, "period-parsed", map[string]readingCase{
		"month":                {spoil: period("grids", "2025-12", ""), check: is("2025-12")},
		"padded":               {spoil: period("grids", " 2025-12\t", ""), check: is("2025-12")},
		"week":                 {spoil: period("service_hours", "2026-W01", ""), check: is("2026-W01")},
		"date in a month":      {spoil: period("grids", "", "2025-12-31"), check: is("2025-12")},
		"padded date":          {spoil: period("grids", "", "2025-12-31 "), check: is("2025-12")},
		"date in a week":       {spoil: period("service_hours", "", "2026-01-01"), check: is("2026-W01")},
		"date in a quarter":    {spoil: period("net_moves", "", "2025-10-01"), check: is("2025-Q4")},
		"period before date":   {spoil: period("grids", "2025-12", "2025-01-01"), check: is("2025-12")},
		"last ended month":     {spoil: lastEnded("grids"), check: is("2026-02")},
		"last ended quarter":   {spoil: lastEnded("net_moves"), check: is("2025-Q4")},
		"last ended week":      {spoil: lastEnded("service_hours"), check: is("2026-W10")},
		"in words":             {spoil: period("grids", "2025年12月", ""), check: is("2025-12")},
		"quarter in words":     {spoil: period("net_moves", "2025年四季度", ""), check: is("2025-Q4")},
		"year in words":        {spoil: inWords("volunteers", "２０２５ 年度"), check: is("2025")},
		"end of a year":        {spoil: period("grids", "截至2025年底", ""), check: is("2025-12")},
		"dots":                 {spoil: period("grids", "2025.12", ""), check: is("2025-12")},
		"date in words":        {spoil: period("net_moves", "", "2025年12月31日"), check: is("2025-Q4")},
		"span of a stock":      {spoil: period("grids", "2025年1-12月", ""), check: is("2025-12")},
		"span since January":   {spoil: period("cases", "2025年1-11月", ""), check: is("2025-11")},
		"since January":        {spoil: period("cases", "2025年11月（累计）", ""), check: is("2025-11")},
		"span of a flow":       {spoil: period("net_moves", "2025年10-12月", ""), check: is("2025-Q4")},
		"first span of a flow": {spoil: period("net_moves", "2025年1-3月", ""), check: is("2025-Q1")},
		"too wide for a flow": {
			spoil:  period("net_moves", "2025年1-9月", ""),
			reason: `"2025年1-9月" is cumulative, but indicator net_moves (kind: flow) wants each period's own amount, by quarter: deliver that, for a period such as 2025-Q4; where`,
		},
		"quarters of a flow":   {spoil: period("net_moves", "2025年前三季度", ""), reason: "is cumulative"},
		"a flow since January": {spoil: period("net_moves", "2025年四季度累计", ""), reason: "is cumulative"},
		"a weekly flow's span": {spoil: period("service_hours", "2025.01-2025.12", ""), reason: "is cumulative"},
		"January or October":   {spoil: period("grids", "2025.1", ""), reason: `"2025.1" can be January or October, because 2025.10 loses its last 0 where it is kept as a number: write 2025-01 or 2025-10.`},
		"so for a flow":        {spoil: period("net_moves", "２０２５．１", ""), reason: "write 2025-01 or 2025-10"},
		"February":             {spoil: period("grids", "2025.2", ""), check: is("2025-02")},
		"without its year":     {spoil: period("grids", "12月", ""), reason: `"12月" is no period: indicator grids is reported by month, so write it with its year, in the form 2026-02 or 2026年2月.`},
		"quarter, no year":     {spoil: period("net_moves", "四季度", ""), reason: "in the form 2025-Q4 or 2025年第4季度."},
		"year, no year":        {spoil: period("volunteers", "去年", ""), reason: "in the form 2025 or 2025年."},
		"week, no year":        {spoil: period("service_hours", "上周", ""), reason: "in the form 2026-W10."},
		"half-year, no year":   {spoil: period("meetings", "上半年", ""), reason: "in the form 2025-H2 or 2025年下半年."},
		"no such month":        {spoil: period("grids", "2025-13", ""), reason: `"2025-13" is no period`},
		"no such week":         {spoil: period("service_hours", "2025-W53", ""), reason: `"2025-W53" is no period`},
		"no such day":          {spoil: period("grids", "", "2025-02-29"), reason: `"2025-02-29" is no date: write it in the form 2026-03-09 or 2026年3月9日.`},
		"month as date":        {spoil: period("grids", "", "2025-12"), reason: `"2025-12" is no date`},
		"midnight":             {spoil: period("grids", "", "2025-12-31 00:00:00"), check: is("2025-12")},
		"time with the date":   {spoil: period("grids", "", "2025-12-31 08:30:00"), reason: "is no date"},
		"neither":              {spoil: period("grids", " ", ""), reason: "No period is named: give it, in the form 2026-02"},
		"before all calendar":  {spoil: period("volunteers", "1899", ""), reason: `"1899" is no period`},
	})
}

// A phrase is read once for the rows that repeat it, and again where the cadence
// of the indicator gives it another meaning.
func TestPeriodPhrasesRepeat(t *testing.T) {
	const phrase = "截至2025年底"
	facts, rejections := deliver(t, &ledger{},
		of("grids", phrase, 1), of("cases", phrase, 1), of("net_moves", phrase, 1), of("forms_cut", phrase, 1), of("meetings", phrase, 1),
	)
	var got []string
	for _, f := range facts {
		got = append(got, f.Period.String())
	}
	if diff := cmp.Diff([]string{"2025-12", "2025-12", "2025-12"}, got); diff != "" {
		t.Errorf("periods (-want +got):\n%s%+v", diff, rejections)
	}
	for _, r := range rejections { // flows, which want a quarter's and a half-year's own amount
		if r.Reading.Indicator != "net_moves" && r.Reading.Indicator != "meetings" || !strings.Contains(r.Reason.EN, "is cumulative") {
			t.Errorf("%+v", r)
		}
	}
	if len(rejections) != 2 {
		t.Errorf("%d rejections, want those of the two flows", len(rejections))
	}
}

// The same phrase is another thing to a stock than to a flow.
func TestPeriodPhrasesOfKinds(t *testing.T) {
	const phrase = "2025年1-12月"
	readings := []fact.Reading{of("grids", phrase, 1), of("net_moves", phrase, 1), of("cases", phrase, 1), of("net_moves", phrase, 1), of("meetings", "2025年1-6月", 1)}
	v := example{readings: readings}.pass(t)
	if diff := cmp.Diff("1 accepted\n2 period-parsed\n3 accepted\n4 period-parsed\n5 accepted\n", told(v)); diff != "" {
		t.Errorf("verdict (-want +got):\n%s%+v", diff, v.Rejections)
	}
}

func TestPeriodCadence(t *testing.T) {
	period := func(p string) func(*fact.Reading) { return func(r *fact.Reading) { r.Period = p } }
	testStage(t, "period-cadence", map[string]readingCase{
		"its own":   {spoil: period("2025-12")},
		"longer":    {spoil: period("2025-Q4"), reason: "2025-Q4 is a quarter, but indicator grids is reported by month: deliver a figure for each, such as 2026-02"},
		"longest":   {spoil: period("2025"), reason: "2025 is a year"},
		"half-year": {spoil: period("2025-H2"), reason: "2025-H2 is a half-year"},
		"shorter":   {spoil: period("2025-12-31"), reason: "2025-12-31 is a day"},
	})
}

func TestPeriodEnded(t *testing.T) {
	period := func(indicator, p string) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Indicator, r.Period = indicator, p }
	}
	testStage(t, "period-ended", map[string]readingCase{
		"last month":    {spoil: period("grids", "2026-02")},
		"this month":    {spoil: period("grids", "2026-03"), reason: "Period 2026-03 does not end before 2026-04-01 00:00: deliver it after its end; the newest that can be delivered now is 2026-02"},
		"far ahead":     {spoil: period("grids", "2999-12"), reason: "3000-01-01 00:00"},
		"last week":     {spoil: period("service_hours", "2026-W10")},
		"this week":     {spoil: period("service_hours", "2026-W11"), reason: "does not end before 2026-03-16 00:00"},
		"last quarter":  {spoil: period("net_moves", "2025-Q4")},
		"this quarter":  {spoil: period("net_moves", "2026-Q1"), reason: "does not end before 2026-04-01 00:00"},
		"date this day": {spoil: func(r *fact.Reading) { r.Period, r.Date = "", "2026-03-10" }, reason: "Period 2026-03 does not end"},
	})
}

func TestDimensionsDeclared(t *testing.T) {
	split := func(d fact.Dimensions) func(*fact.Reading) {
		return func(r *fact.Reading) { r.Indicator, r.Period, r.Dimensions = "volunteers", "2025", d }
	}
	testStage(t, "dimensions-declared", map[string]readingCase{
		"all":              {spoil: split("age=old,sex=female"), check: func(f fact.Fact) bool { return f.Dimensions == "age=old,sex=female" }},
		"in another order": {spoil: split("sex=female,age=old"), check: func(f fact.Fact) bool { return f.Dimensions == "age=old,sex=female" }},
		"total":            {spoil: split(""), reason: "Dimension sex is missing: indicator volunteers is delivered separately for each of female, male"},
		"one missing":      {spoil: split("sex=male"), reason: "Dimension age is missing"},
		"wrong value":      {spoil: split("age=old,sex=女"), reason: `Dimension sex can't be "女": write one of female, male`},
		"empty value":      {spoil: split("age=old,sex="), reason: `Dimension sex can't be ""`},
		"one too many":     {spoil: split("age=old,party=yes,sex=male"), reason: `Indicator volunteers has no dimension "party"`},
		"twice":            {spoil: split("age=old,sex=female,sex=male"), reason: "Dimension sex is given twice"},
		"none declared":    {spoil: func(r *fact.Reading) { r.Dimensions = "sex=male" }, reason: `Indicator grids has no dimension "sex"`},
	})
}

func valued(indicator, period string, v fact.Value) func(*fact.Reading) {
	return func(r *fact.Reading) { r.Indicator, r.Period, r.Value = indicator, period, v }
}

func TestValuePresent(t *testing.T) {
	testStage(t, "value-present", map[string]readingCase{
		"number":    {spoil: valued("grids", "2025-12", fact.NumberValue(0))},
		"text":      {spoil: valued("grids", "2025-12", fact.TextValue("0"))},
		"NULL":      {spoil: valued("grids", "2025-12", fact.Value{}), reason: "The value is empty"},
		"empty":     {spoil: valued("grids", "2025-12", fact.TextValue("")), reason: "The value is empty"},
		"only tabs": {spoil: valued("grids", "2025-12", fact.TextValue(" \t\u3000")), reason: "The value is empty"},
	})
}

func TestValueNumber(t *testing.T) {
	is := func(want float64) func(fact.Fact) bool {
		return func(f fact.Fact) bool { return f.Value == want && !math.Signbit(f.Value) }
	}
	testStage(t, "value-number", map[string]readingCase{
		"number":        {spoil: valued("service_hours", "2026-W01", fact.NumberValue(12.5)), check: is(12.5)},
		"text":          {spoil: valued("service_hours", "2026-W01", fact.TextValue("12.50")), check: is(12.5)},
		"minus nothing": {spoil: valued("grids", "2025-12", fact.TextValue("-0.00")), check: is(0)},
		"negative zero": {spoil: valued("grids", "2025-12", fact.NumberValue(math.Copysign(0, -1))), check: is(0)},
		"thousands":     {spoil: valued("grids", "2025-12", fact.TextValue("1,234")), check: is(1234)},
		"ten thousands": {spoil: valued("grids", "2025-12", fact.TextValue("1.2万")), check: is(12000)},
		"percent":       {spoil: valued("service_hours", "2026-W01", fact.TextValue("1250%")), check: is(12.5)},
		"full width":    {spoil: valued("grids", "2025-12", fact.TextValue("１２３４")), check: is(1234)},
		"words":         {spoil: valued("grids", "2025-12", fact.TextValue("约1200")), reason: `"约1200" is no number: write it as 1234, 1,234.5, 1.2万 or 85%, without the unit`},
		"a unit":        {spoil: valued("grids", "2025-12", fact.TextValue("12个")), reason: `"12个" is no number`},
		"odd groups":    {spoil: valued("grids", "2025-12", fact.TextValue("1,23")), reason: `"1,23" is no number`},
		"NaN":           {spoil: valued("grids", "2025-12", fact.TextValue("NaN")), reason: `"NaN" is no number`},
	})
}

func TestValueFinite(t *testing.T) {
	testStage(t, "value-finite", map[string]readingCase{
		"large":        {spoil: valued("service_hours", "2026-W01", fact.NumberValue(math.MaxFloat64))},
		"not a number": {spoil: valued("grids", "2025-12", fact.NumberValue(math.NaN())), reason: `"NaN" is not a finite number`},
		"infinite":     {spoil: valued("grids", "2025-12", fact.NumberValue(math.Inf(1))), reason: `"+Inf" is not a finite number`},
		"overflowing":  {spoil: valued("grids", "2025-12", fact.TextValue("1e999")), reason: `"1e999" is not a finite number`},
	})
}

func TestValueWhole(t *testing.T) {
	testStage(t, "value-whole", map[string]readingCase{
		"whole":          {spoil: valued("grids", "2025-12", fact.TextValue("1.2e3"))},
		"part":           {spoil: valued("grids", "2025-12", fact.NumberValue(3.5)), reason: "3.5 is not a whole number, but indicator grids counts whole things"},
		"tiny part":      {spoil: valued("grids", "2025-12", fact.NumberValue(1e-9)), reason: "1e-09 is not a whole number"},
		"part, measured": {spoil: valued("service_hours", "2026-W01", fact.NumberValue(12.5))},
		"most":           {spoil: valued("cases", "2025-12", fact.NumberValue(1<<53))},
		"beyond":         {spoil: valued("cases", "2025-12", fact.NumberValue(1<<54)), reason: "is beyond what can be counted exactly (9.007199254740992e+15)"},
	})
}

func TestValueNotNegative(t *testing.T) {
	testStage(t, "value-not-negative", map[string]readingCase{
		"zero":                   {spoil: valued("grids", "2025-12", fact.NumberValue(0))},
		"negative":               {spoil: valued("grids", "2025-12", fact.NumberValue(-1)), reason: "-1 is negative, but indicator grids can't be less than 0"},
		"no bounds":              {spoil: valued("cases", "2025-12", fact.NumberValue(-1)), reason: "-1 is negative"},
		"positive lowest":        {spoil: valued("service_hours", "2026-W01", fact.NumberValue(-1)), reason: "-1 is negative"},
		"catalogue permits them": {spoil: valued("net_moves", "2025-Q4", fact.NumberValue(-500))},
	})
}

func TestValueInBounds(t *testing.T) {
	testStage(t, "value-in-bounds", map[string]readingCase{
		"highest":        {spoil: valued("grids", "2025-12", fact.NumberValue(100000))},
		"above":          {spoil: valued("grids", "2025-12", fact.NumberValue(100001)), reason: "100001 is above 100000, the most that is believed of indicator grids: check the figure and that it is in things"},
		"lowest":         {spoil: valued("service_hours", "2026-W01", fact.NumberValue(10))},
		"below":          {spoil: valued("service_hours", "2026-W01", fact.NumberValue(9.5)), reason: "9.5 is below 10, the least that is believed of indicator service_hours"},
		"below negative": {spoil: valued("net_moves", "2025-Q4", fact.NumberValue(-501)), reason: "-501 is below -500"},
		"no bounds":      {spoil: valued("cases", "2025-12", fact.NumberValue(1e12))},
	})
}
