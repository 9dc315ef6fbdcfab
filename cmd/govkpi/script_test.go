package main_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
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
//	robot ANSWER         has the robot at $ROBOT answer so from now on; what it takes
//	                     goes to robot.txt, without the dates and times in it
//	grafana VERSION      starts a stand-in for Grafana, at $GRAFANA
//	edited UID           changes a dashboard of it by hand
func TestScripts(t *testing.T) {
	var started sync.Map // stand-ins for Grafana, by the script's folder
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("ADDRESS", freeAddress(t))
			env.Setenv("SOURCE", "sqlite:"+env.WorkDir+"/source.db")
			r := &robot{file: filepath.Join(env.WorkDir, "robot.txt")}
			server := httptest.NewServer(r)
			env.Defer(server.Close)
			env.Setenv("ROBOT", server.URL+"/send?key=693a91f6-key")
			env.Values[robotKey{}] = r
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sqlite": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(runSQL(ts.MkAbs(args[0]), ts.ReadFile(args[1])))
			},
			"robot": func(ts *testscript.TestScript, _ bool, args []string) {
				r, ok := ts.Value(robotKey{}).(*robot)
				if !ok || len(args) != 1 {
					ts.Fatalf("robot wants one answer")
				}
				r.answer.Store(&args[0])
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

// robot is a robot in a group.
type robot struct {
	file   string
	answer atomic.Pointer[string]
}

type robotKey struct{}

// ServeHTTP keeps what it is sent, where it answers with a zero.
func (r *robot) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	answer := r.answer.Load()
	if err != nil || answer == nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if strings.Contains(*answer, `"errcode":0`) {
		body = regexp.MustCompile(`20\d\d-\d\d-\d\d( \d\d:\d\d)?`).ReplaceAll(append(body, '\n'), []byte("DATE"))
		f, err := os.OpenFile(r.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.Write(body)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
	}
	_, _ = io.WriteString(w, *answer)
}
