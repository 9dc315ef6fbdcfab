package exposition

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/common/expfmt"
)

// formats are those we write, most wanted first.
var formats = [...]expfmt.Format{
	expfmt.FmtOpenMetrics_1_0_0,
	expfmt.FmtOpenMetrics_0_0_1,
	expfmt.FmtProtoDelim,
	expfmt.FmtText,
}

// negotiateFormat chooses as client_golang does. The escaping scheme that it
// agrees on concerns names that are not plain ASCII; we have none, so every
// scheme gives the same bytes.
func negotiateFormat(h http.Header) expfmt.Format {
	return expfmt.NegotiateAccept(h, formats[:]...)
}

// acceptsGzip reads Accept-Encoding as RFC 9110 defines it: a coding that is
// not listed is refused, "*" stands for all that are not, and a quality of 0
// refuses.
func acceptsGzip(h http.Header) bool {
	all := false
	for _, line := range h.Values("Accept-Encoding") {
		for element := range strings.SplitSeq(line, ",") {
			coding, parameters, _ := strings.Cut(element, ";")
			switch strings.ToLower(strings.TrimSpace(coding)) {
			case "gzip", "x-gzip":
				return wanted(parameters)
			case "*":
				all = wanted(parameters)
			}
		}
	}
	return all
}

// wanted reads the parameters of a coding; one that can't be read refuses.
func wanted(parameters string) bool {
	name, value, found := strings.Cut(parameters, "=")
	if !found {
		return strings.TrimSpace(parameters) == ""
	}
	quality, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && strings.EqualFold(strings.TrimSpace(name), "q") && quality > 0
}
