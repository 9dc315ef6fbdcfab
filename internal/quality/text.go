package quality

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// say writes a reason in both languages. An argument that is a fact.Text gives
// each language its own words.
func say(zh, en string, args ...any) *fact.Text {
	inZH, inEN := make([]any, len(args)), make([]any, len(args))
	for i, arg := range args {
		if text, ok := arg.(fact.Text); ok {
			inZH[i], inEN[i] = text.ZH, text.EN
		} else {
			inZH[i], inEN[i] = arg, arg
		}
	}
	return &fact.Text{ZH: fmt.Sprintf(zh, inZH...), EN: fmt.Sprintf(en, inEN...)}
}

// figure writes a number as people write it, unless it would be a row of
// zeros.
func figure(v float64) string {
	if size := math.Abs(v); size >= 1e15 || size < 1e-6 && size != 0 {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// percent writes a share with at most one decimal.
func percent(share float64) string {
	return figure(math.Round(share*1000)/10) + "%"
}

// called names an indicator.
func called(i *fact.Indicator) fact.Text {
	return fact.Text{ZH: "“" + i.Title.ZH + "”（" + i.ID + "）", EN: i.ID}
}

func either(items []string) fact.Text {
	return fact.Text{ZH: strings.Join(items, "、"), EN: strings.Join(items, ", ")}
}

// cadenceText names a cadence.
func cadenceText(c fact.Cadence) fact.Text {
	zh := [...]string{fact.Daily: "日", fact.Weekly: "周", fact.Monthly: "月", fact.Quarterly: "季度", fact.HalfYearly: "半年", fact.Yearly: "年"}
	return fact.Text{ZH: zh[c], EN: c.String()}
}

// levelText names a level.
func levelText(l fact.Level) fact.Text {
	zh := [...]string{fact.Province: "省级", fact.City: "地级", fact.County: "县级", fact.Township: "乡级", fact.Village: "村级", fact.Grid: "网格"}
	return fact.Text{ZH: zh[l], EN: l.String()}
}

// enumerated puts the first few of many items one after another.
func enumerated(items []fact.Text, many bool) fact.Text {
	var zh, en []string
	for _, item := range items {
		zh, en = append(zh, item.ZH), append(en, item.EN)
	}
	if many {
		zh, en = append(zh, "…"), append(en, "…")
	}
	return fact.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

// located says where in the source a fact stood.
func located(p fact.Place) fact.Text {
	text := fact.Text{EN: p.String()}
	if p.Part != "" {
		text.ZH = p.Part
	}
	if p.Row > 0 {
		text.ZH += "第" + strconv.Itoa(int(p.Row)) + "行"
	}
	if p.Field != "" {
		text.ZH += p.Field + "列"
	}
	if text.EN == "" {
		return fact.Text{ZH: "未注明位置", EN: "place unknown"}
	}
	return text
}

// names says what regions are called.
type names struct{ regions Regions }

// of returns the name and the code of a region.
func (n names) of(code string) string {
	if r, ok := byCode(n.regions, code); ok && r.Name != "" {
		return r.Name + " (" + code + ")"
	}
	return code
}
