// Package sample is read by a test.
package sample

import (
	"fmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// Print has a body of three lines.
func Print(l fact.Level) {
	if l == fact.City {
		fmt.Println(l)
	}
}

var _ = fmt.Sprint
