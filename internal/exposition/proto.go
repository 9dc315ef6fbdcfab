package exposition

import (
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// protoWire writes delimited io.prometheus.client.MetricFamily messages, as
// metrics.proto of prometheus/client_model numbers their fields.
type protoWire struct{}

// Fields and values of metrics.proto.
const (
	familyNameField   = 1
	familyHelpField   = 2
	familyTypeField   = 3
	familyMetricField = 4
	metricLabelField  = 1
	metricGaugeField  = 2
	labelNameField    = 1
	labelValueField   = 2
	gaugeValueField   = 1
	typeGauge         = 1
)

// gaugeSize is the size of a Gauge message, which always holds its value, and
// gaugeFieldSize that of the field around it.
const (
	gaugeSize      = 1 + 8
	gaugeFieldSize = 1 + 1 + gaugeSize
)

func (protoWire) begin(p *pages, f family) {
	var b []byte
	b = protowire.AppendTag(b, familyNameField, protowire.BytesType)
	b = protowire.AppendString(b, f.name)
	b = protowire.AppendTag(b, familyHelpField, protowire.BytesType)
	b = protowire.AppendString(b, validUTF8(f.help))
	b = protowire.AppendTag(b, familyTypeField, protowire.VarintType)
	b = protowire.AppendVarint(b, typeGauge)
	p.beginFrame(b)
}

func (protoWire) appendLabel(labels []byte, name, value string) []byte {
	if !utf8.ValidString(value) {
		value = validUTF8(value)
	}
	const tags = 2 // all our field numbers fit one byte with their type
	labels = protowire.AppendTag(labels, metricLabelField, protowire.BytesType)
	labels = protowire.AppendVarint(labels, uint64(tags+protowire.SizeBytes(len(name))+protowire.SizeBytes(len(value))))
	labels = protowire.AppendTag(labels, labelNameField, protowire.BytesType)
	labels = protowire.AppendString(labels, name)
	labels = protowire.AppendTag(labels, labelValueField, protowire.BytesType)
	return protowire.AppendString(labels, value)
}

func (w protoWire) sample(p *pages, name string, labels []byte, value float64) {
	metric := p.room(len(labels) + longestHead + longestValue)
	p.keep(w.appendValue(w.appendStem(metric, name, labels), value))
}

func (protoWire) appendStem(metric []byte, _ string, labels []byte) []byte {
	metric = protowire.AppendTag(metric, familyMetricField, protowire.BytesType)
	metric = protowire.AppendVarint(metric, uint64(len(labels)+gaugeFieldSize))
	metric = append(metric, labels...)
	metric = protowire.AppendTag(metric, metricGaugeField, protowire.BytesType)
	metric = protowire.AppendVarint(metric, gaugeSize)
	return protowire.AppendTag(metric, gaugeValueField, protowire.Fixed64Type)
}

func (protoWire) appendValue(metric []byte, value float64) []byte {
	return protowire.AppendFixed64(metric, math.Float64bits(value))
}

// end knows the message's length before all of it is there: a value has the same
// size whatever it is.
func (protoWire) end(p *pages, samples, stems int) {
	p.endFrame(stems + samples*protowire.SizeFixed64())
}
