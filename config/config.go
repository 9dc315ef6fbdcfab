package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/fact"
)

// Config is a validated configuration. It is plain data, safe for concurrent
// reading; nobody may change it.
type Config struct {
	Site     Site
	Ledger   Ledger
	Schedule Schedule
	// PromQL and Telemetry have defaults for all that the configuration leaves out.
	PromQL    PromQL
	Telemetry Telemetry
	// Calendar is in the site's zone, and never nil. Without a section in the
	// configuration it knows of weekends only.
	Calendar *calendar.Calendar
	// Themes, Units and Indicators are in the order of their files. Indicators
	// have the targets of the overlay merged in, after their own, and the site's
	// first expected period where they name none.
	Themes     []fact.Theme
	Units      []fact.Unit
	Indicators []fact.Indicator
	// Regions, Changes and Aliases are the registers, in the order of their
	// files. Every Parent and every Code of a change or an alias is the code of
	// one of Regions, and every parent's level is above its child's.
	Regions    []fact.Region
	Changes    []fact.RegionChange
	Aliases    []fact.RegionAlias
	Sources    []Source
	Collectors []Collector
	// Notify is nil where nobody is told of alerts.
	Notify *Notify
	// Alerts is nil where the configuration has no such section: no alert then.
	Alerts        *fact.AlertPolicy
	Alertmanagers []Alertmanager
	// Outlines are the shapes for maps; nil is none.
	Outlines *Outlines
	// Milestones are in the order of their files.
	Milestones []fact.Milestone
	// Grafana is nil where the site has none.
	Grafana *Grafana
	// Digest is SHA-256, in hex, over the names and contents of Files: of what
	// was written, so that it holds no secret and does not change with one.
	Digest string
	// Files are all files that were read, YAML and CSV, as they were, root
	// first. A large register makes them as large as it is.
	Files []File
	// Secrets is never nil.
	Secrets *Secrets
}

// File is one file of a configuration. Name is its slash path in the tree.
type File struct {
	Name    string
	Content []byte
}

// Options say where a configuration gets its secrets from.
type Options struct {
	// Env looks up the ${NAME} of a value, as os.LookupEnv does; nil is an empty
	// environment, in which every reference is refused.
	Env func(name string) (value string, ok bool)
	// ReadSecret reads the file that a key ending in _file names, as os.ReadFile
	// does; nil refuses every such key. Load hands it the name as written,
	// LoadFile a relative one joined to the root file's folder.
	ReadSecret func(file string) ([]byte, error)
	// Folder is what Block.Path takes relative paths from; empty leaves them
	// relative to the working directory. LoadFile sets it to the root file's,
	// made absolute.
	Folder string
}

// Load reads the configuration whose root file is the slash path root in tree.
// The error joins an *Error for everything that was refused, in the order of
// the files and the lines in them. Ledger.Path stays as it was written.
func Load(tree fs.FS, root string, o Options) (*Config, error) {
	if o.Env == nil {
		o.Env = func(string) (string, bool) { return "", false }
	}
	if o.ReadSecret == nil {
		o.ReadSecret = func(string) ([]byte, error) { return nil, errors.New("this configuration may read no secret files") }
	}
	config := &Config{Secrets: &Secrets{}}
	l := &loader{tree: tree, root: root, folder: path.Dir(root), options: o, config: config, read: map[string]*file{}}
	l.load()
	l.secrets.build(config.Secrets)
	if err := l.problems.err(config.Secrets); err != nil {
		return nil, err
	}
	config.Files = l.contents()
	config.Digest = digest(config.Files)
	return config, nil
}

// LoadFile reads the configuration whose root file is at a path of the operating
// system; the tree is the root file's folder, and errors name files relative to
// it. A relative Ledger.Path is taken from that folder.
func LoadFile(name string, o Options) (*Config, error) {
	folder := filepath.Dir(name)
	if read := o.ReadSecret; read != nil {
		o.ReadSecret = func(file string) ([]byte, error) {
			if !filepath.IsAbs(file) {
				file = filepath.Join(folder, file)
			}
			return read(file)
		}
	}
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("find the folder of the configuration %s: %w", name, err)
	}
	o.Folder = absolute
	config, err := Load(os.DirFS(folder), filepath.Base(name), o)
	if err != nil {
		return nil, fmt.Errorf("configuration %s is refused:\n%w", name, err)
	}
	if !filepath.IsAbs(config.Ledger.Path) {
		config.Ledger.Path = filepath.Join(folder, filepath.FromSlash(config.Ledger.Path))
	}
	return config, nil
}
