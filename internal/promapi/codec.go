package promapi

import (
	"net/http"

	jsoniter "github.com/json-iterator/go"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// boundedJSON encodes answers as Prometheus does, byte by byte, and gives up
// as soon as one grows longer than it may be: an answer is never cut off. It
// looks after every entry of a list, so that it may hold one entry more than it
// is allowed to.
type boundedJSON struct{ limit int }

// ContentType implements v1.Codec.
func (boundedJSON) ContentType() v1.MIMEType {
	return v1.MIMEType{Type: "application", SubType: "json"}
}

// CanEncode implements v1.Codec.
func (boundedJSON) CanEncode(*v1.Response) bool { return true }

// Encode implements v1.Codec. It panics with a refusal: as an error, the answer
// would become an internal one.
func (c boundedJSON) Encode(response *v1.Response) ([]byte, error) {
	e := &encoding{limit: c.limit, Stream: jsoniter.NewStream(jsoniter.ConfigCompatibleWithStandardLibrary, nil, 4096)}
	e.WriteObjectStart()
	e.field("status", response.Status)
	if response.Data != nil {
		e.WriteMore()
		e.WriteObjectField("data")
		e.data(response.Data)
	}
	if len(response.Warnings) > 0 {
		e.WriteMore()
		e.field("warnings", response.Warnings)
	}
	if len(response.Infos) > 0 {
		e.WriteMore()
		e.field("infos", response.Infos)
	}
	e.WriteObjectEnd()
	e.check()
	return e.Buffer(), e.Error
}

type encoding struct {
	*jsoniter.Stream
	limit int
}

func (e *encoding) check() {
	if e.Buffered() > e.limit {
		panic(tooLong(e.limit))
	}
}

// tooLong is also what a list of series comes to that grows too long before it
// is encoded.
func tooLong(limit int) *refusal {
	return overLimit(http.StatusUnprocessableEntity, execution, limitResponse,
		"the answer would be longer than the %d bytes that promql.response_bytes allows: "+
			"ask for fewer series (match more labels, aggregate, take topk), a shorter range or a larger step", limit)
}

func (e *encoding) field(name string, value any) {
	e.WriteObjectField(name)
	e.WriteVal(value)
}

// data writes what may be long entry by entry, and everything else at once.
func (e *encoding) data(data any) {
	switch data := data.(type) {
	case *v1.QueryData:
		e.WriteObjectStart()
		e.field("resultType", data.ResultType)
		e.WriteMore()
		e.WriteObjectField("result")
		e.data(data.Result)
		if data.Stats != nil {
			e.WriteMore()
			e.field("stats", data.Stats)
		}
		e.WriteObjectEnd()
	case promql.Matrix:
		writeList(e, data)
	case promql.Vector:
		writeList(e, data)
	case []labels.Labels:
		writeList(e, data)
	case []string:
		writeList(e, data)
	default:
		e.WriteVal(data)
	}
}

func writeList[T any](e *encoding, list []T) {
	e.WriteArrayStart()
	for i := range list {
		if i > 0 {
			e.WriteMore()
		}
		e.WriteVal(list[i])
		e.check()
	}
	e.WriteArrayEnd()
}
