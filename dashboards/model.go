package dashboards

// The parts of Grafana's classic model that the boards use. Field names follow
// it; what is left at its zero value is left out of the JSON.

// target is one query.
type target struct {
	RefID        string     `json:"refId"`
	Datasource   datasource `json:"datasource"`
	Expr         string     `json:"expr"`
	Format       string     `json:"format"`
	Instant      bool       `json:"instant"`
	Range        bool       `json:"range"`
	LegendFormat string     `json:"legendFormat"`
	EditorMode   string     `json:"editorMode"`
	Interval     string     `json:"interval,omitempty"`
}

// datasource refers to a data source.
type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// fieldConfig says how values are shown.
type fieldConfig struct {
	Defaults  field      `json:"defaults"`
	Overrides []override `json:"overrides"`
}

type field struct {
	Unit       string      `json:"unit,omitempty"`
	Decimals   *int        `json:"decimals,omitempty"`
	Min        *float64    `json:"min,omitempty"`
	Max        *float64    `json:"max,omitempty"`
	NoValue    string      `json:"noValue,omitempty"`
	Color      *color      `json:"color,omitempty"`
	Thresholds *thresholds `json:"thresholds,omitempty"`
	Mappings   []mapping   `json:"mappings,omitempty"`
	Links      []dataLink  `json:"links,omitempty"`
	Custom     any         `json:"custom,omitempty"`
}

// color is how a value becomes a colour.
type color struct {
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor,omitempty"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

// step begins a colour at a value; the first takes all below as well.
type step struct {
	Color string  `json:"color"`
	Value float64 `json:"value"`
}

// mapping replaces values by texts: by value, or one that is special.
type mapping struct {
	Type    string `json:"type"`
	Options any    `json:"options"`
}

type mapped struct {
	Text  string `json:"text,omitempty"`
	Color string `json:"color,omitempty"`
	Index int    `json:"index"`
}

type special struct {
	Match  string `json:"match"`
	Result mapped `json:"result"`
}

type dataLink struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	TargetBlank bool   `json:"targetBlank,omitempty"`
}

// override changes the fields that a matcher finds.
type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

type transformation struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

// reduceOptions say which value of a series a panel shows.
type reduceOptions struct {
	Values bool     `json:"values"`
	Calcs  []string `json:"calcs"`
	Fields string   `json:"fields"`
}

// sizes are fonts, in pixels.
type sizes struct {
	TitleSize int `json:"titleSize,omitempty"`
	ValueSize int `json:"valueSize,omitempty"`
}

type statOptions struct {
	ReduceOptions reduceOptions `json:"reduceOptions"`
	Orientation   string        `json:"orientation"`
	TextMode      string        `json:"textMode"`
	ColorMode     string        `json:"colorMode"`
	GraphMode     string        `json:"graphMode"`
	JustifyMode   string        `json:"justifyMode"`
	Text          *sizes        `json:"text,omitempty"`
	// Grafana before 10.3 and 10.4 does not know these.
	WideLayout             bool   `json:"wideLayout"`
	ShowPercentChange      bool   `json:"showPercentChange"`
	PercentChangeColorMode string `json:"percentChangeColorMode"`
}

type barGaugeOptions struct {
	ReduceOptions reduceOptions `json:"reduceOptions"`
	Orientation   string        `json:"orientation"`
	DisplayMode   string        `json:"displayMode"`
	ShowUnfilled  bool          `json:"showUnfilled"`
	MinVizWidth   int           `json:"minVizWidth"`
	MinVizHeight  int           `json:"minVizHeight"`
	Text          *sizes        `json:"text,omitempty"`
	// Grafana before 10.3 to 11 does not know these.
	MaxVizHeight  int    `json:"maxVizHeight"`
	NamePlacement string `json:"namePlacement"`
	Sizing        string `json:"sizing"`
	ValueMode     string `json:"valueMode"`
	Legend        legend `json:"legend"`
}

type tableOptions struct {
	ShowHeader bool     `json:"showHeader"`
	FrameIndex int      `json:"frameIndex"`
	CellHeight string   `json:"cellHeight"`
	SortBy     []sortBy `json:"sortBy,omitempty"`
}

type sortBy struct {
	DisplayName string `json:"displayName"`
	Desc        bool   `json:"desc"`
}

type textOptions struct {
	Mode    string `json:"mode"`
	Content string `json:"content"`
}

type timeseriesOptions struct {
	Legend  legend  `json:"legend"`
	Tooltip tooltip `json:"tooltip"`
}

type legend struct {
	DisplayMode string   `json:"displayMode"`
	Placement   string   `json:"placement"`
	ShowLegend  bool     `json:"showLegend"`
	Calcs       []string `json:"calcs"`
}

type tooltip struct {
	Mode string `json:"mode"`
	Sort string `json:"sort"`
}

// link stands at the head of a board.
type link struct {
	title string
	url   string
}

type histogramOptions struct {
	Combine bool    `json:"combine"`
	Legend  legend  `json:"legend"`
	Tooltip tooltip `json:"tooltip"`
}
