package exposition_test

import (
	"bytes"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// FuzzLabelsAndHelp sends any string through every place where one can stand, in
// every format, and wants what Prometheus' own encoders make of it.
func FuzzLabelsAndHelp(f *testing.F) {
	for _, s := range []string{"", "余江区", `"`, `\`, "\n", "\\n", "a\r\tb", "\x00", "\xff\xfe", "{}=,#", " ", "\u2028\ufeff", strings.Repeat(`"\`+"\n", 2000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		site, standing := tinySite()
		county := fact.Region{Code: "360102", Name: s, Level: fact.County}
		site.Regions = newRegister([]fact.Region{county})
		indicator := site.Indicators[2]
		indicator.Title.EN = "<" + s + ">"
		site.Indicators = []fact.Indicator{indicator}
		standing.change(indicator.ID, fact.Figure{
			Region: county.Code, Dimensions: fact.MakeDimensions(fact.Pair{Name: "sex", Value: s}), Period: period("2025-12"), Value: 0.5,
		})
		e := expose(t, site)
		want := wantedFamily(strings.ToValidUTF8(s, "\ufffd"))
		for accept, format := range map[string]expfmt.Format{
			acceptText: expfmt.FmtText, acceptOpenMetrics: expfmt.FmtOpenMetrics_1_0_0, acceptProtobuf: expfmt.FmtProtoDelim,
		} {
			var bytesWanted bytes.Buffer
			if err := expfmt.NewEncoder(&bytesWanted, format).Encode(want); err != nil {
				t.Fatal(err)
			}
			if got := get(t, e, "Accept", accept).Body.Bytes(); !bytes.HasPrefix(got, bytesWanted.Bytes()) {
				t.Errorf("%s\n got %q\nwant %q", accept, got[:min(len(got), bytesWanted.Len())], bytesWanted.String())
			}
		}
	})
}

// wantedFamily is the first family of the exposition with s in every place.
func wantedFamily(s string) *dto.MetricFamily {
	metric := &dto.Metric{Gauge: &dto.Gauge{Value: new(0.5)}}
	for _, l := range [][2]string{{"level", "county"}, {"code", "360102"}, {"county", s}, {"sex", s}} {
		if l[1] != "" {
			metric.Label = append(metric.Label, &dto.LabelPair{Name: new(l[0]), Value: new(l[1])})
		}
	}
	return &dto.MetricFamily{
		Name:   new("governance_full_time_grid_staff"),
		Help:   new("<" + s + "> (专职网格员)"),
		Type:   dto.MetricType_GAUGE.Enum(),
		Metric: []*dto.Metric{metric},
	}
}
