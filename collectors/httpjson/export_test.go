package httpjson

import (
	"reflect"
	"strings"
)

// KindWaiting is Kind with another way of waiting between two attempts.
var KindWaiting = kindWaiting

// OptionKeys lists the keys of both blocks, those of a mapping with its name
// before them.
func OptionKeys() []string {
	return append(keysOfStruct(reflect.TypeFor[sourceBlock](), ""), keysOfStruct(reflect.TypeFor[collectorBlock](), "")...)
}

func keysOfStruct(t reflect.Type, prefix string) []string {
	var keys []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		inner := field.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case name == "":
		case inner.Kind() == reflect.Struct:
			keys = append(keys, keysOfStruct(inner, prefix+name+".")...)
		default:
			keys = append(keys, prefix+name)
		}
	}
	return keys
}
