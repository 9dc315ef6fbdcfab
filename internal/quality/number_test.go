package quality_test

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/quality"
)

func TestParseNumber(t *testing.T) {
	cases := map[string]float64{
		"0": 0, "7": 7, "1234": 1234, "+7": 7, "-7": -7, "007": 7,
		"12.50": 12.5, ".5": 0.5, "5.": 5, "-.5": -0.5,
		"1e3": 1000, "1.5E+3": 1500, "25e-1": 2.5, "1e-400": 0,
		" 7 ": 7, "\t7\r\n": 7, "\u30007": 7,
		"176000.0000000000000000": 176000,
		"9007199254740993":        9007199254740992, // the nearest that a float64 holds
	}
	for text, want := range cases {
		t.Run(text, func(t *testing.T) {
			if got, err := quality.ParseNumber(text); err != nil || got != want {
				t.Errorf("ParseNumber(%q) = %v, %v; want %v", text, got, err, want)
			}
		})
	}
}

func TestParseNumberRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "-", "+", ".", "-.", "e", "e5", ".e5", "1e", "1e+", "--1", "+-1", "1-", "1.2.3", "1e2e3", "1e2.5",
		"1,234", "1 234", "1_234", "1'234", "1，234", "12 个", "12%", "约12", "十二", "１２", "12人", "0x1F", "0x1p-2", "1p4", "0b1", "1f",
		"NaN", "nan", "inf", "-Infinity", "infinity", "∞", "NULL", "true", "12\x00", "٣",
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := quality.ParseNumber(text); err == nil || got != 0 || errors.Is(err, strconv.ErrRange) {
				t.Errorf("ParseNumber(%q) = %v, %v; want 0 and an error of form", text, got, err)
			}
		})
	}
}

func TestParseNumberTooLarge(t *testing.T) {
	for text, want := range map[string]float64{"1e999": math.Inf(1), "-1e999": math.Inf(-1)} {
		if got, err := quality.ParseNumber(text); got != want || !errors.Is(err, strconv.ErrRange) {
			t.Errorf("ParseNumber(%q) = %v, %v; want %v and strconv.ErrRange", text, got, err, want)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"0", "-12.50", ".5", "5.", "1e3", "1E-3", "1e999", "1,234", "0x1F", "NaN", "1_000", " 7 ", "１２"} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := quality.ParseNumber(text)
		trimmed := strings.TrimSpace(text)
		if wellFormed := err == nil || errors.Is(err, strconv.ErrRange); wellFormed != form.MatchString(trimmed) {
			t.Fatalf("ParseNumber(%q) = %v, %v", text, got, err)
		}
		if err != nil {
			return
		}
		if want, _ := strconv.ParseFloat(trimmed, 64); got != want {
			t.Errorf("ParseNumber(%q) = %v, want %v", text, got, want)
		}
		if again, err := quality.ParseNumber(strconv.FormatFloat(got, 'g', -1, 64)); err != nil || again != got {
			t.Errorf("ParseNumber of %v as it is written = %v, %v", got, again, err)
		}
	})
}
