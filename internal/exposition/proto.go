package exposition

import (
	"encoding/binary"
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

func (protoWire) sample(p *pages, _ string, labels []byte, value float64) {
	size := len(labels) + gaugeFieldSize
	b := p.room(1 + binary.MaxVarintLen64 + size)
	b = protowire.AppendTag(b, familyMetricField, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	b = append(b, labels...)
	b = protowire.AppendTag(b, metricGaugeField, protowire.BytesType)
	b = protowire.AppendVarint(b, gaugeSize)
	b = protowire.AppendTag(b, gaugeValueField, protowire.Fixed64Type)
	p.keep(protowire.AppendFixed64(b, math.Float64bits(value)))
}

func (protoWire) end(p *pages) { p.endFrame() }
