package main_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // the sources of the scripts

	main "github.com/govkpi/govkpi/cmd/govkpi"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"govkpi": main.Main}) }

// TestScripts runs testdata/script: what a user types, and what the program
// answers. Beside the usual commands there are
//
//	sqlite FILE SCRIPT   runs an SQL script on a database
//	ready URL            waits until the URL answers 200
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("ADDRESS", freeAddress(t))
			env.Setenv("SOURCE", "sqlite:"+env.WorkDir+"/source.db")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sqlite": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(runSQL(ts.MkAbs(args[0]), ts.ReadFile(args[1])))
			},
			"ready": func(_ *testscript.TestScript, _ bool, args []string) { waitFor(t, args[0]) },
		},
	})
}

func runSQL(file, script string) error {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	_, err = db.Exec(script) //nolint:noctx // a script has no context
	if closeErr := db.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
