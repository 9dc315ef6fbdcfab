package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// How large files may be, in bytes: far above what anybody writes by hand, and
// above a register of every grid of several provinces.
const (
	longestYAML = 4 << 20
	longestCSV  = 1 << 30
)

// loader reads one tree into config.
type loader struct {
	tree    fs.FS
	root    string
	folder  string // the root file's
	options Options
	config  *Config

	files    []*file // in the order they were read
	read     map[string]*file
	problems problems
	secrets  secretsBuilder
	// incomplete says that a file could not be read or parsed. What is missing
	// may be in it, so references are not refused then.
	incomplete bool

	register register
	units    map[string]fact.Unit
	themes   map[string]*node
	// indicators are by id, sources by name.
	indicators map[string]*indicatorBlock
	sources    map[string]*sourceBlock
}

// document is one YAML file. All have the same shape.
type document struct {
	Self       *node            `yaml:",self"`
	Site       *siteBlock       `yaml:"site"`
	Ledger     *ledgerBlock     `yaml:"ledger"`
	Schedule   *scheduleBlock   `yaml:"schedule"`
	PromQL     *promQLBlock     `yaml:"promql"`
	Telemetry  *telemetryBlock  `yaml:"telemetry"`
	Regions    *regionsBlock    `yaml:"regions"`
	Calendar   *calendarBlock   `yaml:"calendar"`
	Outlines   *outlinesBlock   `yaml:"outlines"`
	Grafana    *grafanaBlock    `yaml:"grafana"`
	Include    []string         `yaml:"include,optional"`
	Units      []unitBlock      `yaml:"units,optional"`
	Themes     []themeBlock     `yaml:"themes,optional"`
	Indicators []indicatorBlock `yaml:"indicators,optional"`
	Targets    []overlayBlock   `yaml:"targets,optional"`
	Milestones []milestoneBlock `yaml:"milestones,optional"`
	Sources    []sourceBlock    `yaml:"sources,optional"`
	Collectors []collectorBlock `yaml:"collectors,optional"`
	Notify     *notifyBlock     `yaml:"notify"`

	Alerts        *alertsBlock        `yaml:"alerts"`
	Alertmanagers []alertmanagerBlock `yaml:"alertmanagers,optional"`
}

// load fills config; what is wrong is in problems.
func (l *loader) load() {
	documents := l.readTree()
	if len(documents) == 0 {
		return
	}
	if b := only(l, documents, "regions", func(d *document) *regionsBlock { return d.Regions }); b != nil {
		l.regions(b)
	}
	if b := only(l, documents, "site", func(d *document) *siteBlock { return d.Site }); b != nil {
		l.config.Site = l.site(b)
	}
	l.calendar(atMostOne(l, documents, "calendar", func(d *document) *calendarBlock { return d.Calendar }))
	if b := only(l, documents, "ledger", func(d *document) *ledgerBlock { return d.Ledger }); b != nil {
		l.config.Ledger = l.ledger(b)
	}
	if b := only(l, documents, "schedule", func(d *document) *scheduleBlock { return d.Schedule }); b != nil {
		l.config.Schedule = l.schedule(b)
	}
	l.config.PromQL = l.promQL(atMostOne(l, documents, "promql", func(d *document) *promQLBlock { return d.PromQL }))
	l.config.Telemetry = l.telemetry(atMostOne(l, documents, "telemetry", func(d *document) *telemetryBlock { return d.Telemetry }))
	l.loadUnits(concat(documents, func(d *document) []unitBlock { return d.Units }))
	l.loadThemes(concat(documents, func(d *document) []themeBlock { return d.Themes }))
	l.loadIndicators(concat(documents, func(d *document) []indicatorBlock { return d.Indicators }))
	l.loadOverlay(concat(documents, func(d *document) []overlayBlock { return d.Targets }))
	l.checkRankings()
	l.config.Outlines = l.outlines(atMostOne(l, documents, "outlines", func(d *document) *outlinesBlock { return d.Outlines }))
	l.config.Grafana = l.grafana(atMostOne(l, documents, "grafana", func(d *document) *grafanaBlock { return d.Grafana }))
	l.loadMilestones(concat(documents, func(d *document) []milestoneBlock { return d.Milestones }))
	l.loadSources(concat(documents, func(d *document) []sourceBlock { return d.Sources }))
	l.loadCollectors(concat(documents, func(d *document) []collectorBlock { return d.Collectors }))
	if b := atMostOne(l, documents, "notify", func(d *document) *notifyBlock { return d.Notify }); b != nil {
		l.config.Notify = l.notify(b)
	}
	l.config.Alerts = l.alerts(atMostOne(l, documents, "alerts", func(d *document) *alertsBlock { return d.Alerts }))
	l.loadAlertmanagers(concat(documents, func(d *document) []alertmanagerBlock { return d.Alertmanagers }))
}

// only returns the one block of a kind that a tree must have; nil where there is
// none.
func only[T any](l *loader, documents []*document, key string, block func(*document) *T) *T {
	found := atMostOne(l, documents, key, block)
	if found == nil && !l.incomplete {
		l.problems.at(documents[0].Self.key, "%q is missing: no file has it", key)
	}
	return found
}

// atMostOne returns the one block of a kind that a tree may have; nil where there
// is none.
func atMostOne[T any](l *loader, documents []*document, key string, block func(*document) *T) *T {
	var found *T
	var first *node
	for _, d := range documents {
		b := block(d)
		switch n := d.Self.child(key); {
		case n == nil:
		case first != nil:
			l.problems.refuseKey(n, "stands already at %s:%d; a configuration has one", first.key.file.name, first.key.line)
		default:
			found, first = b, n
		}
	}
	return found
}

// concat puts the sections of all files together.
func concat[T any](documents []*document, section func(*document) []T) []*T {
	var all []*T
	for _, d := range documents {
		s := section(d)
		for i := range s {
			all = append(all, &s[i])
		}
	}
	return all
}

// open reads a file of the tree. Refusals of the file as a whole stand at the
// place that names it. It returns nil where there is nothing to go on with.
func (l *loader) open(name string, longest int64, named position, label string) *file {
	content, err := readLimited(l.tree, name, longest)
	if err != nil {
		l.incomplete = true
		l.problems.at(named, "%s%v", label, err)
		return nil
	}
	f := &file{name: name, order: len(l.files), content: content}
	l.files = append(l.files, f)
	l.read[name] = f
	return f
}

func readLimited(tree fs.FS, name string, longest int64) ([]byte, error) {
	opened, err := tree.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", name, err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be opened: %w", name, err)
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder, not a file", name)
	}
	tooLong := fmt.Errorf("%s is longer than %d MiB", name, longest>>20)
	if info.Size() > longest {
		return nil, tooLong
	}
	content := make([]byte, 0, info.Size()+1)
	for {
		n, err := opened.Read(content[len(content):cap(content)])
		content = content[:len(content)+n]
		switch {
		case errors.Is(err, io.EOF):
			return content, nil
		case err != nil:
			return nil, fmt.Errorf("%s cannot be read: %w", name, err)
		case int64(len(content)) > longest:
			return nil, tooLong
		case len(content) == cap(content):
			content = append(content, 0)[:len(content)]
		}
	}
}

// decode puts a file's nodes into a document.
func (l *loader) decode(root *node) *document {
	d := &document{}
	if err := (decoder{&l.problems}).decode(root, reflect.ValueOf(d).Elem()); err != nil {
		l.problems.at(root.at, "%v", err)
	}
	return d
}

func (l *loader) contents() []File {
	files := make([]File, len(l.files))
	for i, f := range l.files {
		files[i] = File{Name: f.name, Content: f.content}
	}
	return files
}

// digest puts the length before every part, so that no two trees look alike.
func digest(files []File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d:%s%d:", len(f.Name), f.Name, len(f.Content))
		h.Write(f.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// positive refuses a duration of zero.
func (l *loader) positive(in *node, key string, d time.Duration) {
	if l.problems.has(in, key) && d == 0 {
		l.problems.refuse(in.child(key), "must be longer than 0s")
	}
}

// unique refuses the second of two list entries with one id, and remembers the
// first in known.
func (l *loader) unique(in *node, key, id string, known map[string]*node) {
	if id == "" {
		return
	}
	if first, ok := known[id]; ok {
		l.problems.refuse(in.child(key), "%s stands already at %s:%d", in.child(key).quote(), first.at.file.name, first.at.line)
		return
	}
	known[id] = in.child(key)
}

// oneLine refuses a text with line breaks.
func (l *loader) oneLine(in *node, key string) {
	if n := in.child(key); n != nil && n.kind == text && strings.ContainsAny(n.value, "\r\n") {
		l.problems.refuse(n, "must be one line")
	}
}
