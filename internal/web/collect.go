package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// collect answers /-/collect/NAME, with since=PERIOD for history and dry_run=1
// to keep nothing.
func (s *server) collect(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	var since fact.Period
	if written := r.FormValue("since"); written != "" {
		var err error
		if since, err = fact.ParsePeriod(written); err != nil {
			s.text(w, http.StatusBadRequest, "since: "+err.Error())
			return
		}
	}
	if written := r.FormValue("dry_run"); written != "" {
		dry, err := strconv.ParseBool(written)
		if err != nil { // a word that is misread would store what nobody wanted stored
			s.text(w, http.StatusBadRequest, fmt.Sprintf("dry_run: expected 1 or 0, found %q", written))
			return
		}
		if dry {
			s.dryRun(w, r, name, since)
			return
		}
	}
	run, err := s.Operations.Collect(r.Context(), name, since)
	switch {
	case errors.Is(err, ErrUnknownCollector):
		s.unknown(w, name)
	case run.Outcome == fact.Partial:
		// What the others delivered is taken; still a script has to notice.
		s.text(w, http.StatusBadGateway, fmt.Sprintf("%s It succeeded in part: %s", counted(&run, name), run.Error))
	case run.Error != "":
		s.text(w, http.StatusBadGateway, fmt.Sprintf("Run %d of %s failed: %s", run.ID, name, run.Error))
	case err != nil:
		s.text(w, http.StatusConflict, err.Error())
	default:
		s.text(w, http.StatusOK, counted(&run, name))
	}
}

func counted(run *fact.Run, name string) string {
	return fmt.Sprintf("Run %d of %s: %d rows, %d accepted, %d new or changed, %d rejected%s.",
		run.ID, name, run.Rows, run.Accepted, run.Changed, run.Rejected, run.HeldNote())
}

// mostPreviewed is how much of each delivery a dry run shows.
const mostPreviewed = 10

func (s *server) dryRun(w http.ResponseWriter, r *http.Request, name string, since fact.Period) {
	var written bytes.Buffer
	err := s.Operations.DryRun(r.Context(), name, since, &written, mostPreviewed)
	preview := strings.TrimRight(written.String(), "\n")
	switch {
	case errors.Is(err, ErrUnknownCollector):
		s.unknown(w, name)
	case err == nil:
		s.text(w, http.StatusOK, preview)
	case preview == "":
		s.text(w, http.StatusBadGateway, err.Error())
	default:
		s.text(w, http.StatusBadGateway, preview+"\n"+err.Error())
	}
}

func (s *server) unknown(w http.ResponseWriter, name string) {
	s.text(w, http.StatusNotFound, fmt.Sprintf("There is no collector %q; the landing page lists those there are.", name))
}
