package workbook

import (
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// Whoever sent a file learns which of its figures wait, and which were left out
// because somebody had found them wrong.
func TestReceiptTellsOfHeldAndOverruledFigures(t *testing.T) {
	held := []fact.HeldFact{{
		Value: 210, Place: fact.Place{Part: "12月", Row: 7}, Stage: "step-plausible", Reason: fact.Text{ZH: "升了十倍", EN: "It is ten times as much."},
	}}
	overruled := []fact.Rejection{{
		Stage: fact.StageNotOverruled, Reading: fact.Reading{Value: fact.NumberValue(12), Place: fact.Place{Row: 3}}, Reason: fact.Text{ZH: "已更正", EN: "It was corrected."},
	}}
	for name, test := range map[string]struct {
		receipt  collectors.Receipt
		want     []string
		unwanted string
	}{
		"beside others": {
			collectors.Receipt{Taken: true, Accepted: 5, Changed: 5, Held: held},
			[]string{"结果：已采用。共 5 个数据", "下列 1 个数据暂不采用，待核实后放行或驳回：", "工作表“12月”，第 7 行", `"210"`, "升了十倍", "It is ten times as much."}, "退回",
		},
		"alone": {
			collectors.Receipt{Taken: true, Held: held}, []string{"结果：已读取，数据均待核实。", "Result: read; all its figures wait to be looked at."}, "没有填报",
		},
		"overruled": {
			collectors.Receipt{Taken: true, Accepted: 4, Rejections: overruled},
			[]string{"结果：已采用。共 4 个数据", "下列 1 个数据已被认定有误，未采用：", "第 3 行", "It was corrected."}, "退回",
		},
		"overruled alone": {
			collectors.Receipt{Taken: true, Rejections: overruled}, []string{"结果：已读取，其中没有可采用的数据。"}, "没有填报",
		},
		"nothing of the kind": {collectors.Receipt{Taken: true, Accepted: 1}, []string{"结果：已采用。"}, "暂不采用"},
	} {
		got := receiptText(&note{name: "a.xlsx", now: time.Unix(0, 0), receipt: test.receipt})
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the receipt lacks %s:\n%s", name, want, got)
			}
		}
		if strings.Contains(got, test.unwanted) {
			t.Errorf("%s: the receipt says %s:\n%s", name, test.unwanted, got)
		}
	}
}
