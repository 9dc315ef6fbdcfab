package config

import (
	"reflect"
	"slices"
)

// Keys lists every key that the decoder knows, for the test of the reference.
func Keys() []string {
	keys := keysOf(reflect.TypeFor[document]())
	slices.Sort(keys)
	return slices.Compact(keys)
}

// ReservedCollectors lists the names that no collector can have.
func ReservedCollectors() []string { return reservedCollectors() }

func keysOf(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	s, err := shapeOf(t)
	if err != nil {
		panic(err)
	}
	keys := s.keys()
	for _, f := range s.fields {
		keys = append(keys, keysOf(t.Field(f.index).Type)...)
	}
	return keys
}
