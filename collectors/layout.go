package collectors

import (
	"maps"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// LayoutBlock is the part of a collector's block that all kinds have in common:
// which column, or field, of the source holds what. A kind decodes its keys
// among its own and passes them on.
type LayoutBlock struct {
	Period    string         // last_ended, or nothing
	Indicator string         // of all rows
	Columns   ColumnsBlock   // of figures; or
	Register  *RegisterBlock // of a register of regions
	Totals    []string       // how the source's own totals are named where other rows have a region
}

// ColumnsBlock is the key columns.
type ColumnsBlock struct {
	Region     string            `yaml:"region,omitempty"`
	Within     []string          `yaml:"within,omitempty"`
	Period     string            `yaml:"period,omitempty"`
	Date       string            `yaml:"date,omitempty"`
	Indicator  string            `yaml:"indicator,omitempty"`
	Value      string            `yaml:"value,omitempty"`
	Figures    map[string]string `yaml:"figures,omitempty"`
	Dimensions map[string]string `yaml:"dimensions,omitempty"`
}

func (c *ColumnsBlock) isEmpty() bool {
	return c.Region == "" && len(c.Within) == 0 && c.Period == "" && c.Date == "" && c.Indicator == "" && c.Value == "" &&
		len(c.Figures) == 0 && len(c.Dimensions) == 0
}

// RegisterBlock is the key register: the columns of a register of regions.
type RegisterBlock struct {
	Code   string `yaml:"code,omitempty"`
	Name   string `yaml:"name,omitempty"`
	Parent string `yaml:"parent,omitempty"`
	// Level is the level of all rows; LevelColumn the column that has it.
	Level       string `yaml:"level,omitempty"`
	LevelColumn string `yaml:"level_column,omitempty"`
}

// Layout says which column holds what. Empty names are columns not used.
type Layout struct {
	Region     string // empty: all rows are of the target
	Within     []string
	Period     string
	Date       string
	LastEnded  bool
	Indicator  string            // a column; or
	Fixed      string            // the indicator of all rows
	Value      string            // long form: the column of the figure
	Figures    map[string]string // wide form: column to indicator
	Dimensions map[string]string // name to column
	// Totals are the texts that stand in the column of the region where a row
	// is the source's own total.
	Totals []string
	// Register is set where rows are entries of a register instead of figures.
	Register *RegisterLayout
}

// RegisterLayout says which column of a register holds what.
type RegisterLayout struct {
	Code        string
	Name        string // empty: the regions, grids, have none
	Parent      string // empty: it follows from the code
	LevelColumn string
	Level       string // of all rows, where LevelColumn is empty
}

// LayoutRules say in what a kind differs.
type LayoutRules struct {
	FanOut bool // rows need no region of their own
	// Indicator is Blocks.Indicator.
	Indicator func(id string) error
	// PeriodKey names the key that the period can come from in place of a
	// column; empty is period, with last_ended.
	PeriodKey string
	// PeriodElsewhere says that the kind can learn the period from something
	// else than a column, and has.
	PeriodElsewhere bool
}

// CheckIndicator adds a fault where an indicator that stands at the path can't
// be collected.
func (r LayoutRules) CheckIndicator(f *Faults, path, indicator string) {
	if r.Indicator == nil {
		return
	}
	if err := r.Indicator(indicator); err != nil {
		f.Add(path, "%s: %w", path, err)
	}
}

// ReadLayout checks the block and adds what is wrong with it to the faults.
func ReadLayout(f *Faults, block *LayoutBlock, rules LayoutRules) Layout {
	if block.Register != nil {
		return readRegister(f, block)
	}
	columns := &block.Columns
	if columns.Region == "" && !rules.FanOut {
		f.Add("columns.region", "columns.region is missing: name the column that holds the region's code or name")
	}
	if len(block.Totals) > 0 && columns.Region == "" {
		f.Add("totals", "totals is given without columns.region: it says what stands in that column where a row is a total")
	}
	if slices.Contains(block.Totals, "") {
		f.Add("totals", "totals has an empty text")
	}
	readPeriod(f, block, rules)
	switch {
	case columns.Value != "" && len(columns.Figures) > 0:
		f.Add("columns.figures", "columns.value and columns.figures are both given: value is for rows of one figure each, figures for rows of several")
	case columns.Value != "":
		readLong(f, block, rules)
	case len(columns.Figures) > 0:
		readWide(f, block, rules)
	default:
		f.Add("columns", "neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators")
	}
	readNames(f, columns)
	refuseTwice(f, columnUses(columns))
	return Layout{
		Region: columns.Region, Within: columns.Within, Period: columns.Period, Date: columns.Date,
		LastEnded: block.Period != "", Indicator: columns.Indicator, Fixed: block.Indicator,
		Value: columns.Value, Figures: columns.Figures, Dimensions: columns.Dimensions, Totals: block.Totals,
	}
}

func readRegister(f *Faults, block *LayoutBlock) Layout {
	r := block.Register
	for _, key := range []struct {
		path  string
		given bool
	}{
		{"columns", !block.Columns.isEmpty()}, {"period", block.Period != ""},
		{"indicator", block.Indicator != ""}, {"totals", len(block.Totals) > 0},
	} {
		if key.given {
			f.Add(key.path, "%s is given beside register: a collector delivers figures or a register of regions", key.path)
		}
	}
	if r.Code == "" {
		f.Add("register.code", "register.code is missing: name the column that holds the region's code")
	}
	if r.Level != "" && r.LevelColumn != "" {
		f.Add("register.level_column", "register.level and register.level_column are both given: keep level where all rows are of one level")
	}
	if r.Level != "" {
		if _, err := fact.ParseLevel(r.Level); err != nil {
			f.Add("register.level", "register.level: %w", err)
		}
	}
	refuseTwice(f, []columnUse{
		{"register.code", r.Code}, {"register.name", r.Name}, {"register.parent", r.Parent}, {"register.level_column", r.LevelColumn},
	})
	return Layout{Register: &RegisterLayout{Code: r.Code, Name: r.Name, Parent: r.Parent, Level: r.Level, LevelColumn: r.LevelColumn}}
}

func readPeriod(f *Faults, block *LayoutBlock, rules LayoutRules) {
	const choice = "keep one of columns.period, columns.date and period: last_ended"
	if block.Period != "" && block.Period != "last_ended" {
		f.Add("period", "period: %q is unknown: there is last_ended, for sources without a column of the period or date", block.Period)
	}
	given := 0
	for _, written := range []string{block.Columns.Period, block.Columns.Date, block.Period} {
		if written != "" {
			given++
		}
	}
	switch {
	case given == 0 && !rules.PeriodElsewhere:
		otherwise := "write period: last_ended"
		if rules.PeriodKey != "" {
			otherwise = "say in " + rules.PeriodKey + " where else it stands"
		}
		f.Add("columns.period", "the period is missing: name the column in columns.period or columns.date, or %s", otherwise)
	case given > 1 && block.Period != "":
		f.Add("period", "the period comes from more than one place: %s", choice)
	case given > 1:
		f.Add("columns.date", "the period comes from more than one place: %s", choice)
	}
}

func readLong(f *Faults, block *LayoutBlock, rules LayoutRules) {
	switch {
	case block.Columns.Indicator != "" && block.Indicator != "":
		f.Add("indicator", "indicator and columns.indicator are both given: keep indicator where all rows are of one, columns.indicator where each row names its own")
	case block.Columns.Indicator == "" && block.Indicator == "":
		f.Add("columns.value", "it isn't said which indicator columns.value is of: give indicator, or columns.indicator with the column that names it")
	case block.Indicator != "":
		rules.CheckIndicator(f, "indicator", block.Indicator)
	}
}

func readWide(f *Faults, block *LayoutBlock, rules LayoutRules) {
	if block.Indicator != "" {
		f.Add("indicator", "indicator is given, but columns.figures names the indicators: remove it")
	}
	if block.Columns.Indicator != "" {
		f.Add("columns.indicator", "columns.indicator is given, but columns.figures names the indicators: remove it")
	}
	columns := map[string]string{}
	for _, column := range slices.Sorted(maps.Keys(block.Columns.Figures)) {
		indicator := block.Columns.Figures[column]
		switch before, twice := columns[indicator]; {
		case indicator == "":
			f.Add("columns.figures."+column, "columns.figures: column %q has no indicator", column)
		case twice:
			f.Add("columns.figures."+column, "columns.figures: columns %q and %q are both of indicator %s", before, column, indicator)
		default:
			rules.CheckIndicator(f, "columns.figures."+column, indicator)
		}
		columns[indicator] = column
	}
}

func readNames(f *Faults, columns *ColumnsBlock) {
	if slices.Contains(columns.Within, "") {
		f.Add("columns.within", "columns.within has an empty name of a column")
	}
	for _, name := range slices.Sorted(maps.Keys(columns.Dimensions)) {
		if name == "" || columns.Dimensions[name] == "" {
			f.Add("columns.dimensions", "columns.dimensions: %q: %q names no dimension or no column", name, columns.Dimensions[name])
		}
	}
	if _, unnamed := columns.Figures[""]; unnamed {
		f.Add("columns.figures", "columns.figures has an empty name of a column")
	}
}

// columnUse is a key and the column that it names.
type columnUse struct{ path, column string }

func columnUses(columns *ColumnsBlock) []columnUse {
	uses := []columnUse{{"columns.region", columns.Region}}
	for _, column := range columns.Within {
		uses = append(uses, columnUse{"columns.within", column})
	}
	uses = append(uses,
		columnUse{"columns.period", columns.Period}, columnUse{"columns.date", columns.Date},
		columnUse{"columns.indicator", columns.Indicator}, columnUse{"columns.value", columns.Value})
	for _, column := range slices.Sorted(maps.Keys(columns.Figures)) {
		uses = append(uses, columnUse{"columns.figures." + column, column})
	}
	for _, name := range slices.Sorted(maps.Keys(columns.Dimensions)) {
		uses = append(uses, columnUse{"columns.dimensions." + name, columns.Dimensions[name]})
	}
	return uses
}

// refuseTwice refuses a column that is used for two things: one of them must be
// a slip. Names are compared as columns are found, without regard to case.
func refuseTwice(f *Faults, uses []columnUse) {
	before := map[string]string{}
	for _, use := range uses {
		folded := strings.ToLower(use.column)
		if first, twice := before[folded]; twice && use.column != "" {
			f.Add(use.path, "column %q is used twice, for %s and for %s", use.column, first, use.path)
			continue
		}
		before[folded] = use.path
	}
}
