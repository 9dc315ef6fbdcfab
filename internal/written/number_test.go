package written_test

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/written"
)

func TestNumber(t *testing.T) {
	cases := map[string]float64{
		// As databases write them.
		"0": 0, "7": 7, "1234": 1234, "+7": 7, "-7": -7, "007": 7,
		"12.50": 12.5, ".5": 0.5, "5.": 5, "-.5": -0.5,
		"1e3": 1000, "1.5E+3": 1500, "25e-1": 2.5, "1e-400": 0,
		" 7 ": 7, "\t7\r\n": 7, "\u30007": 7, "\u00a07": 7,
		"176000.0000000000000000": 176000,
		"9007199254740993":        9007199254740992, // the nearest that a float64 holds
		"0.84999999999999998":     0.85,             // as Excel stores 85%
		// As people write them.
		"１２": 12, "１２．５": 12.5, "－７": -7, "＋７": 7, "−7": -7, "１，２３４": 1234,
		"1,234": 1234, "12,345": 12345, "123,456": 123456, "1,234,567": 1234567, "1，234": 1234, "1,234.5": 1234.5, "-1,234": -1234,
		"1.2万": 12000, "1.2 万": 12000, "1.2\u3000万": 12000, "3百": 300, "3千": 3000, "3十万": 300000, "3百万": 3e6, "3千万": 3e7, "3亿": 3e8,
		"3十亿": 3e9, "3百亿": 3e10, "3千亿": 3e11, "1.5万亿": 1.5e12, "1,234万": 12340000, "１．２万": 12000, "-0.1万": -1000, "0万": 0,
		"85%": 0.85, "85％": 0.85, "８５％": 0.85, "85 %": 0.85, "100%": 1, "0.5%": 0.005, "-3%": -0.03, "5‰": 0.005, "120%": 1.2,
		"8.3%": 0.083, "1,250%": 12.5, ".5%": 0.005, "5.万": 50000,
		// Multiplied as floats, these would be off by a bit.
		"1.005万": 10050, "4.35亿": 435000000, "57%": 0.57, "29%": 0.29, "1.1千": 1100, "7‰": 0.007,
	}
	for text, want := range cases {
		t.Run(text, func(t *testing.T) {
			if got, err := written.Number(text); err != nil || got != want {
				t.Errorf("Number(%q) = %v, %v; want %v", text, got, err, want)
			}
		})
	}
}

func TestNumberRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "-", "+", ".", "-.", "e", "e5", ".e5", "1e", "1e+", "--1", "+-1", "1-", "1.2.3", "1e2e3", "1e2.5",
		"1 234", "1_234", "1'234", "12 个", "12个", "约12", "十二", "12人", "0x1F", "0x1p-2", "1p4", "0b1", "1f",
		"NaN", "nan", "inf", "-Infinity", "infinity", "∞", "NULL", "true", "12\x00", "٣", "①", "⒈", "²",
		"1,23", "12,34", "1,2345", "0,123", "00,123", "-0,123", ",123", "1,,234", "1234,567", "1,234,", "1.234,567", "1,234.5,678", "1,234e3", "+-1,234", "1, 234",
		"(123)", "（123）", "123-", "万", "%", "-%", "1.2万元", "1.2万人", "1e3万", "85%%", "1万%", "1%万", "2万5千", "1万2", "万2", "1..2万", "十万",
		"5–10", "5~10", "5-10", "1/2", "=1+1", "#REF!", "1,234 567", "百分之五", "5个百分点", "12?", "≥12", "-", "—", "无",
	} {
		t.Run(text, func(t *testing.T) {
			got, err := written.Number(text)
			if err == nil || got != 0 || errors.Is(err, strconv.ErrRange) {
				t.Fatalf("Number(%q) = %v, %v; want 0 and an error of form", text, got, err)
			}
			if !strings.Contains(err.Error(), strconv.Quote(text)+" is no number: expected digits such as 1234") {
				t.Errorf("error %q", err)
			}
		})
	}
}

func TestNumberTooLarge(t *testing.T) {
	for text, want := range map[string]float64{"1e999": math.Inf(1), "-1e999": math.Inf(-1), strings.Repeat("9", 305) + "亿": math.Inf(1)} {
		if got, err := written.Number(text); got != want || !errors.Is(err, strconv.ErrRange) {
			t.Errorf("Number(%q) = %v, %v; want %v and strconv.ErrRange", text, got, err, want)
		}
	}
}

func TestNumberQuotesWhatIsShort(t *testing.T) {
	_, err := written.Number(strings.Repeat("县", 100))
	if err == nil || len(err.Error()) > 200 || !strings.Contains(err.Error(), "县…\"") {
		t.Errorf("error %q", err)
	}
}

// FuzzNumber holds what a multiplier means against exact arithmetic.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"0", "-12.50", ".5", "5.", "1e3", "1E-3", "1e999", "1,234", "0x1F", "NaN", "1_000", " 7 ", "１２",
		"1.2万", "85%", "1,234.5亿", "-3‰", "１，２３４", "1.5万亿", "3千万", "(123)", "1e3万",
	} {
		f.Add(seed)
	}
	powers := map[string]int64{"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "万亿": 1_000_000_000_000}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := written.Number(text)
		if err != nil {
			if got != 0 && !errors.Is(err, strconv.ErrRange) {
				t.Fatalf("Number(%q) = %v, %v", text, got, err)
			}
			return
		}
		if again, err := written.Number(strconv.FormatFloat(got, 'g', -1, 64)); err != nil || again != got {
			t.Errorf("Number of %v as it is written = %v, %v", got, again, err)
		}
		exact, ok := new(big.Rat).SetString(strings.TrimSpace(text))
		if !ok || len(text) > 30 || strings.ContainsAny(text, "eE/_xXoObBpP") {
			return
		}
		for name, power := range powers {
			want, _ := new(big.Rat).Mul(exact, new(big.Rat).SetInt64(power)).Float64()
			if got, err := written.Number(strings.TrimSpace(text) + name); err != nil || got != want {
				t.Errorf("Number(%q) = %v, %v; want %v", text+name, got, err, want)
			}
		}
	})
}

func BenchmarkNumber(b *testing.B) {
	for name, text := range map[string]string{"plain": "1234.5", "people": "1，234.5万"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := written.Number(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
