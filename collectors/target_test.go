package collectors_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

func yujiang() collectors.Target {
	return collectors.Target{Code: "360603", Name: "余江区", Level: fact.County, ParentCode: "360600", ParentName: "鹰潭市"}
}

func TestTarget(t *testing.T) {
	for want, target := range map[string]collectors.Target{"余江区 (360603)": yujiang(), "360603": {Code: "360603"}, "": {}} {
		if got := target.String(); got != want {
			t.Errorf("%+v is written %q, want %q", target, got, want)
		}
		if got := target.IsZero(); got != (want == "") {
			t.Errorf("%q is none: %t", want, got)
		}
	}
}

func TestTargetValue(t *testing.T) {
	want := map[string]string{"region.code": "360603", "region.name": "余江区", "region.parent.code": "360600", "region.parent.name": "鹰潭市"}
	got := map[string]string{}
	for _, placeholder := range collectors.TargetPlaceholders() {
		value, ok := yujiang().Value(placeholder)
		if !ok {
			t.Errorf("%s has no value", placeholder)
		}
		got[placeholder] = value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	for _, placeholder := range []string{"", "region", "region.level", "Region.Code", "{region.code}", "since.date"} {
		if value, ok := yujiang().Value(placeholder); ok || value != "" {
			t.Errorf("%q has the value %q", placeholder, value)
		}
	}
}

// targetAnd lists the placeholders of a target and some more.
func targetAnd(more ...string) []string { return append(collectors.TargetPlaceholders(), more...) }

func TestParseTemplate(t *testing.T) {
	tests := map[string]struct {
		text  string
		known []string
		want  string // with the values of yujiang and the names of others in <>
		names []string
		same  bool // for every target
	}{
		"nothing":        {text: "", same: true},
		"no placeholder": {text: "https://api.example.org/v2?a=b", want: "https://api.example.org/v2?a=b", same: true},
		"all of it":      {text: "{region.code}", known: targetAnd(), want: "360603", names: []string{"region.code"}},
		"several, with a repetition": {
			text: "/{region.parent.code}/{region.code}{region.name}-{region.code}/{region.parent.name}", known: targetAnd(),
			want:  "/360600/360603余江区-360603/鹰潭市",
			names: []string{"region.parent.code", "region.code", "region.name", "region.code", "region.parent.name"},
		},
		"of a target and others": {
			text: "{since.month}/{region.code}", known: targetAnd("since.month"), want: "<since.month>/360603", names: []string{"since.month", "region.code"},
		},
		"of others only": {text: "from={since.month}", known: targetAnd("since.month"), want: "from=<since.month>", names: []string{"since.month"}, same: true},
		"JSON": {
			text: `{"county": "{region.code}", "filter": {"a": {}, "b": [{"c":1}]}, "d":{ region.code }}`, known: targetAnd(),
			want: `{"county": "360603", "filter": {"a": {}, "b": [{"c":1}]}, "d":{ region.code }}`, names: []string{"region.code"},
		},
		"braces within braces":    {text: "{{region.code}}", known: targetAnd(), want: "{360603}", names: []string{"region.code"}},
		"braces around others":    {text: "{A}{1}{a1}{a.}{.a}{a..b}{a-b}{余}{}{a b}", want: "{A}{1}{a1}{a.}{.a}{a..b}{a-b}{余}{}{a b}", same: true},
		"environment of a shell":  {text: "${HOME}/{region.code}", known: targetAnd(), want: "${HOME}/360603", names: []string{"region.code"}},
		"no end":                  {text: "{region.code", known: targetAnd(), want: "{region.code", same: true},
		"no beginning":            {text: "region.code}", known: targetAnd(), want: "region.code}", same: true},
		"names with an underline": {text: "{page_token}", known: []string{"page_token"}, want: "<page_token>", names: []string{"page_token"}, same: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			template, err := collectors.ParseTemplate(test.text, test.known...)
			if err != nil {
				t.Fatal(err)
			}
			got := template.Expand(func(placeholder string) string {
				if value, ok := yujiang().Value(placeholder); ok {
					return value
				}
				return "<" + placeholder + ">"
			})
			if got != test.want {
				t.Errorf("expanded to %q, want %q", got, test.want)
			}
			if diff := cmp.Diff(test.names, template.Placeholders()); diff != "" {
				t.Errorf("placeholders (-want +got):\n%s", diff)
			}
			if template.OfTarget() == test.same {
				t.Errorf("differs from target to target: %t", !test.same)
			}
		})
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	tests := map[string]struct {
		text  string
		known []string
		want  string
	}{
		"unknown": {"/{region.cod}", targetAnd("since.date"),
			"the placeholder {region.cod} has no value: there are {region.code}, {region.name}, {region.parent.code}, {region.parent.name}, {since.date}"},
		"unknown among known":      {"{a}{b}{c}", []string{"a", "c"}, "the placeholder {b} has no value: there are {a}, {c}"},
		"unknown where none is":    {"{a}", nil, "the placeholder {a} has no value: there are none here"},
		"target without for_each":  {"{since.date} {region.parent.name}", []string{"since.date"}, "the placeholder {region.parent.name} has no value: it needs for_each, which names the regions to pull for"},
		"target where none is":     {"{region.code}", nil, "the placeholder {region.code} has no value: it needs for_each, which names the regions to pull for"},
		"in JSON as others are":    {`{"a": {b}}`, nil, "the placeholder {b} has no value: there are none here"},
		"the first of two unknown": {"{x.y} {z}", []string{"a"}, "the placeholder {x.y} has no value: there are {a}"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			template, err := collectors.ParseTemplate(test.text, test.known...)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if diff := cmp.Diff([]string(nil), template.Placeholders()); diff != "" {
				t.Errorf("a refused text has placeholders: %s", diff)
			}
		})
	}
}

// What is put in is escaped by who puts it in, and not looked at again.
func TestTemplateExpandsOnce(t *testing.T) {
	template, err := collectors.ParseTemplate("/{region.name}?q={region.name}", collectors.TargetPlaceholders()...)
	if err != nil {
		t.Fatal(err)
	}
	target := collectors.Target{Code: "1", Name: "{region.code}/?&"}
	escaped := template.Expand(func(placeholder string) string {
		value, _ := target.Value(placeholder)
		return url.QueryEscape(value)
	})
	if want := "/%7Bregion.code%7D%2F%3F%26?q=%7Bregion.code%7D%2F%3F%26"; escaped != want {
		t.Errorf("expanded to %q, want %q", escaped, want)
	}
	plain := template.Expand(func(string) string { return target.Name })
	if want := "/{region.code}/?&?q={region.code}/?&"; plain != want {
		t.Errorf("expanded to %q, want %q", plain, want)
	}
}

func FuzzParseTemplate(f *testing.F) {
	for _, text := range []string{
		"", "{region.code}", "{{region.code}}", `{"a":{"b":"{since.date}"}}`, "{unknown}", "{a.}{.a}{}{", "}{region.name}{", "${X}", "余{region.parent.name}江", "\xff{region.code}\xfe",
	} {
		f.Add(text)
	}
	known := targetAnd("since.date")
	f.Fuzz(func(t *testing.T, text string) {
		template, err := collectors.ParseTemplate(text, known...)
		if err != nil {
			if !strings.Contains(err.Error(), " has no value: there are {region.code}") {
				t.Errorf("%q: error %q", text, err)
			}
			return
		}
		if again := template.Expand(func(placeholder string) string { return "{" + placeholder + "}" }); again != text {
			t.Errorf("%q became %q", text, again)
		}
		found := 0
		for _, name := range known {
			found += strings.Count(text, "{"+name+"}")
		}
		names := template.Placeholders()
		if len(names) != found {
			t.Errorf("%q: found %q, but there are %d", text, names, found)
		}
		of := slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "region.") })
		if template.OfTarget() != of {
			t.Errorf("%q: differs from target to target: %t", text, !of)
		}
	})
}
