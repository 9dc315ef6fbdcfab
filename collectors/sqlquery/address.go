package sqlquery

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/govkpi/govkpi/collectors"
)

// address is where a source's URL leads, which may differ from target to
// target.
type address struct {
	driver   driver
	template collectors.Template
	fixed    source // where the URL is the same for all
}

// sample stands for a target where a URL is checked before there is one.
func sample() collectors.Target {
	return collectors.Target{Code: "360603", Name: "余江区", ParentCode: "360600", ParentName: "鹰潭市"}
}

// readAddress reads a URL with placeholders. It reaches for nothing outside.
// Its errors show nothing of the URL but the placeholders of a target.
func readAddress(written string, fanOut bool) (address, error) {
	template, err := collectors.ParseTemplate(written, collectors.TargetPlaceholders()...)
	if err != nil {
		return address{}, fmt.Errorf("the URL has an unknown placeholder in braces; there are {%s}; where braces are meant, write %%7B and %%7D",
			strings.Join(collectors.TargetPlaceholders(), "}, {"))
	}
	if template.OfTarget() && !fanOut {
		_, err := collectors.ParseTemplate(written)
		return address{}, fmt.Errorf("the URL: %w", err)
	}
	expanded, err := expandURL(template, sample())
	if err != nil {
		return address{}, err
	}
	d, ok := driverOf(expanded)
	if !ok {
		return address{}, fmt.Errorf("the URL has an unknown scheme: expected one of %s", examples())
	}
	located, err := d.locate(expanded)
	if err != nil {
		return address{}, fmt.Errorf("%w; expected a URL such as %s", err, d.example)
	}
	return address{driver: d, template: template, fixed: located}, nil
}

// of returns the source of a target.
func (a *address) of(target collectors.Target) (source, error) {
	if !a.template.OfTarget() {
		return a.fixed, nil
	}
	expanded, err := expandURL(a.template, target)
	if err != nil {
		return source{}, err
	}
	located, err := a.driver.locate(expanded)
	if err != nil {
		return source{}, fmt.Errorf("with the values of %s in its place: %w", target, err)
	}
	return located, nil
}

// expandURL puts a target's values into a URL, escaped so that each stays a
// part of what it was written into. One that could still lead elsewhere, such
// as .. in the path of a file, is refused.
func expandURL(template collectors.Template, target collectors.Target) (string, error) {
	var faults []error
	expanded := template.Expand(func(placeholder string) string {
		value, _ := target.Value(placeholder)
		if err := refusePart(value); err != nil {
			faults = append(faults, fmt.Errorf("{%s} of %s can't be a part of the URL: %w", placeholder, target, err))
		}
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	})
	return expanded, errors.Join(faults...)
}

func refusePart(value string) error {
	switch {
	case value == "":
		return errors.New("it is empty")
	case strings.Trim(value, ".") == "", strings.ContainsAny(value, `/\`), strings.ContainsFunc(value, unicode.IsControl):
		return fmt.Errorf("it is %q", value)
	}
	return nil
}
