package promapi

import (
	"errors"
	"net/http"
	"strconv"

	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// described is what metadata says of a family.
type described struct {
	Type string `json:"type"`
	Unit string `json:"unit"`
	Help string `json:"help"`
}

// metadata lists the families, as a Prometheus lists those of its targets.
func (s *apiServer) metadata(w http.ResponseWriter, r *http.Request) {
	limit, err := countParam(r, "limit")
	_, errPerMetric := countParam(r, "limit_per_metric") // each has one description
	if err := errors.Join(err, errPerMetric); err != nil {
		s.refuse(w, refuse(http.StatusBadRequest, badData, "%v", err))
		return
	}
	metric := r.Form.Get("metric")
	found := map[string][]described{}
	for _, f := range s.Metadata() {
		if limit >= 0 && len(found) >= limit {
			break
		}
		if metric == "" || metric == f.Name {
			found[f.Name] = []described{{Type: f.Type, Help: f.Help}}
		}
	}
	s.write(w, r, found)
}

// targetsMetadata lists the families as those of the one target that there is:
// the program itself, which has no labels.
func (s *apiServer) targetsMetadata(w http.ResponseWriter, r *http.Request) {
	type ofTarget struct {
		Target map[string]string `json:"target"`
		Metric string            `json:"metric,omitempty"`
		Type   string            `json:"type"`
		Help   string            `json:"help"`
		Unit   string            `json:"unit"`
	}
	limit, err := countParam(r, "limit")
	if err != nil {
		s.refuse(w, refuse(http.StatusBadRequest, badData, "%v", err))
		return
	}
	matches := true
	if target := r.Form.Get("match_target"); target != "" {
		matchers, err := s.parser.ParseMetricSelector(target)
		if err != nil {
			s.refuse(w, refuse(http.StatusBadRequest, badData, "invalid parameter %q: %v", "match_target", err))
			return
		}
		for _, m := range matchers {
			matches = matches && m.Matches("")
		}
	}
	metric := r.Form.Get("metric")
	found := []ofTarget{}
	for _, f := range s.Metadata() {
		switch {
		case !matches || metric != "" && metric != f.Name:
		case limit >= 0 && len(found) >= limit:
		case metric == "":
			found = append(found, ofTarget{Target: map[string]string{}, Metric: f.Name, Type: f.Type, Help: f.Help})
		default:
			found = append(found, ofTarget{Target: map[string]string{}, Type: f.Type, Help: f.Help})
		}
	}
	s.write(w, r, found)
}

// countParam reads how many there may be at most; -1 is any number.
func countParam(r *http.Request, name string) (int, error) {
	text := r.Form.Get(name)
	if text == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errors.New(name + " must be a number")
	}
	return n, nil
}

// write answers with what is not from Prometheus' handlers.
func (s *apiServer) write(w http.ResponseWriter, r *http.Request, data any) {
	body, err := boundedJSON{s.Limits.ResponseBytes}.Encode(&v1.Response{Status: "success", Data: data})
	if err != nil {
		s.Log.ErrorContext(r.Context(), "an answer can't be encoded", "endpoint", r.URL.Path, "err", err)
		s.refuse(w, refuse(http.StatusInternalServerError, internal, "the answer can't be encoded; the log says why"))
		return
	}
	w.Header().Set("Content-Type", boundedJSON{}.ContentType().String())
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // whoever went away needs no answer
}
