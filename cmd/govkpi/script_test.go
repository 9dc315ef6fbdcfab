package main_test

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // the sources of the scripts

	main "github.com/govkpi/govkpi/cmd/govkpi"
	"github.com/govkpi/govkpi/grafana/grafanatest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"govkpi": main.Main}) }

// TestScripts runs testdata/script: what a user types, and what the program
// answers. Beside the usual commands there are
//
//	sqlite FILE SCRIPT   runs an SQL script on a database
//	ready URL            waits until the URL answers 200
//	grafana VERSION      starts a stand-in for Grafana, at $GRAFANA
//	edited UID           changes a dashboard of it by hand
func TestScripts(t *testing.T) {
	var started sync.Map // stand-ins for Grafana, by the script's folder
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
			"grafana": func(ts *testscript.TestScript, _ bool, args []string) {
				g := grafanatest.New(t, args[0])
				ts.Setenv("GRAFANA", g.URL)
				started.Store(ts.Getenv("WORK"), g)
			},
			"edited": func(ts *testscript.TestScript, _ bool, args []string) {
				v, _ := started.Load(ts.Getenv("WORK"))
				g, ok := v.(*grafanatest.Grafana)
				if !ok {
					ts.Fatalf("edited goes after grafana")
				}
				g.Edit(args[0], "li", "", func(d map[string]any) { d["title"] = "我的" })
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
