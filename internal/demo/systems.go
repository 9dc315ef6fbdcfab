package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// What the systems are called in their folder.
const (
	databaseName     = "sources.db"
	civilAffairsName = "civil-affairs"
	localReportsName = "local-reports"
)

// Systems are the sample systems in a folder: the database file and the folders
// of workbooks, and the API, which keeps nothing there. Its methods are safe for
// concurrent use but for Fill and Correct, which are called one after the other.
type Systems struct {
	sample    *Sample
	folder    string
	corrected atomic.Bool // what counties correct, the API answers with
}

// Systems returns the systems that hold the sample in the folder. Fill makes
// them.
func (s *Sample) Systems(folder string) *Systems { return &Systems{sample: s, folder: folder} }

// Fill makes the folder, and in it the database and the workbooks; a folder that
// is already there is an error. What counties correct later stands there as they
// reported it first. When Fill fails, or ctx ends, no folder remains.
func (y *Systems) Fill(ctx context.Context) (err error) {
	if err := os.Mkdir(y.folder, 0o750); err != nil {
		return fmt.Errorf("create the folder of the sample systems (it must not exist yet): %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(y.folder))
		}
	}()
	database := make(chan error, 1)
	go func() { database <- y.sample.fillDatabase(ctx, filepath.Join(y.folder, databaseName)) }()
	err = y.sample.writeWorkbooks(ctx, y.folder) // meanwhile: both take a moment
	return errors.Join(<-database, err)
}

// Correct puts what counties correct right in systems that Fill filled, by this
// program or an earlier one, so that the next pull finds other figures for
// periods it already has: in the database, in workbooks sent a second time under
// the same name, and in what the API answers. A second time changes nothing.
func (y *Systems) Correct(ctx context.Context) error {
	if err := y.sample.correctDatabase(ctx, filepath.Join(y.folder, databaseName)); err != nil {
		return err
	}
	if err := y.sample.correctWorkbooks(ctx, y.folder); err != nil {
		return err
	}
	y.corrected.Store(true)
	return nil
}

// Env answers, as an environment would, for the variables that the shipped
// configuration takes from it: where the sources are that Fill made in the
// folder, and where the API is served, such as http://127.0.0.1:9601.
func Env(folder, api string) func(name string) (value string, ok bool) {
	return func(name string) (string, bool) {
		switch name {
		case "GOVKPI_SOCIAL_WORK_API":
			return strings.TrimSuffix(api, "/") + apiBase, true
		case "GOVKPI_SOCIAL_WORK_TOKEN":
			return Token, true
		case "GOVKPI_CIVIL_AFFAIRS_FOLDER":
			return filepath.Join(folder, civilAffairsName), true
		case "GOVKPI_LOCAL_REPORTS_FOLDER":
			return filepath.Join(folder, localReportsName), true
		case "GOVKPI_ORGANIZATION_URL", "GOVKPI_BURDEN_REDUCTION_URL", "GOVKPI_LOCAL_PRACTICE_URL":
			return "sqlite:" + filepath.ToSlash(filepath.Join(folder, databaseName)), true
		}
		return "", false
	}
}
