package explain

import "fmt"

// Language is what a document is written in for a person.
type Language uint8

// The languages.
const (
	English Language = iota
	Chinese
)

// ParseLanguage reads "zh" or "en".
func ParseLanguage(s string) (Language, error) {
	switch s {
	case "en":
		return English, nil
	case "zh":
		return Chinese, nil
	}
	return English, fmt.Errorf("language %q is unknown: expected zh or en", s)
}

// in returns an English phrase in the language. Numbers and the like have no
// other one.
func (l Language) in(english string) string {
	if l == Chinese {
		for i := range phrases {
			if phrases[i].en == english {
				return phrases[i].zh
			}
		}
	}
	return english
}

// phrases are all that a document for a person is made of. The Chinese takes the
// same arguments, in an order of its own.
var phrases = [...]struct{ en, zh string }{
	{"%s (%s)", "%s（%s）"},
	{", ", "，"},
	{"%s  %s (%s)", "%[2]s（%[1]s）"},
	{"no figure", "无数据"},
	{"  (the newest period that has one)", "（最近一期）"},
	{"  (the common period)", "（共同统计期）"},
	{"  (the period now due)", "（当前应报的一期）"},
	{"As it was known at %s.", "以 %s 时台账所记为准。"},
	{"%s became a part of %s%s: this is the answer for the whole region of today.", "%[1]s%[3]s并入%[2]s：以下是今天的整个地区的数。"},
	{"%s became a part of %s%s: what was reported for it alone counts for that region today.", "%[1]s%[3]s并入%[2]s：以下是它自己当时报送的数，如今计入后者。"},
	{" in %s", "已于 %s "},

	{"provisional", "待确认"},
	{"confirmed", "已确认"},
	{"confirmed (no sign-off is asked for)", "无需确认"},
	{"corrected", "已更正"},
	{"held", "待核实"},
	{"released", "已放行"},
	{"rejected", "已驳回"},
	{"superseded", "已被来源的新数取代"},
	{"province", "省级"},
	{"city", "市级"},
	{"county", "县级"},
	{"township", "乡级"},
	{"village", "村级"},
	{"grid", "网格"},

	{"Figure", "来源"},
	{"Numerator", "分子"},
	{"Denominator", "分母"},
	{"%s: %s", "%s：%s"},
	{"under the former code %s", "原代码 %s"},
	{"Due before %s", "应于 %s 前报送"},
	{" (weekends counted only: the calendar has no holidays of that year)", "（只按周末推算：日历中没有该年的节假日）"},
	{"; first came %s", "；首次报送于 %s"},
	{": in time.", "，按时。"},
	{": %s late.", "，迟报%s。"},
	{": as history or by import, which is never late.", "，为历史补采或导入，不算迟报。"},
	{"; it was due before the ledger began, so that nobody can say whether it was in time.", "；应报时台账尚未启用，是否按时无从判断。"},
	{"; no report is expected of the region for it.", "；该地区这一期不须报送。"},
	{"; it has not come yet.", "；尚未报送。"},
	{"; it has not come, %s after it was due.", "；至今未报，已逾期%s。"},
	{"less than a working day", "不到 1 个工作日"},
	{"%d working days", " %d 个工作日"},

	{"  revision %d = %s  recorded %s", "  第 %d 版 = %s  %s 记入台账"},
	{"  by %s, run %d of %s", "  %[1]s，%[3]s，运行 %[2]d"},
	{"pull", "采集"},
	{"history", "历史补采"},
	{"import", "导入"},
	{"decision", "人工处理"},
	{"      at %s", "      位置：%s"},
	{"sheet %s", "工作表“%s”"},
	{"row %d", "第 %d 行"},
	{"column %s", "“%s”列"},
	{"      asked for by %s: %s", "      由%s发起：%s"},
	{"      query %s", "      查询摘要 %s"},
	{"      input %s", "      内容摘要 %s"},
	{"      %s %s%s%s: %s (run %d)", "      %[2]s%[3]s%[1]s%[4]s：%[5]s（运行 %[6]d）"},
	{" at %s", "于 %s "},
	{", in the place of %s", "（原为 %s）"},
	{"confirmed by", "确认"},
	{"released by", "放行"},
	{"rejected by", "驳回"},
	{"corrected by", "更正"},
	{"imported by", "导入"},
	{"  held %d = %s  recorded %s  by stage %s, run %d", "  待核实 %d = %s  %s 记入台账  校验 %s 未通过，运行 %d"},
	{": waits for a decision", "：等待处理"},
	{": %s %s", "：%[2]s %[1]s"},

	{"Standing", "比较、排名与应报"},
	{"  period before %s = %s", "  上期 %s = %s"},
	{"  a year before %s = %s", "  去年同期 %s = %s"},
	{"  the same for %d further periods", "  与前 %d 期相同"},
	{"  target %s", "  目标 %s"},
	{", %s attained", "，完成率 %s"},
	{"  rank %d of %d among %s%s  (by %s of %s)", "  %[3]s排名第 %[1]d/%[2]d%[4]s（按 %[6]s 的 %[5]s）"},
	{"%s a village", "每村 %s"},
	{"%s per 10,000 people", "每万人 %s"},
	{"all of the level", "全部同级地区"},
	{"those of the city", "本市"},
	{"those of the class", "同类地区"},
	{", quartile %d", "，第 %d 四分位"},
	{"  now due is %s, before %s: %s", "  当前应报 %s，应于 %s 前报送：%s"},
	{"reported", "已报"},
	{"not reported", "未报"},
	{"  overdue since %s with %s: %s", "  %[2]s 未报，自 %[1]s 起逾期%[3]s"},
	{"  %s is still to come, before %s", "  %s 尚未报送，应于 %s 前报送"},
	{"  %d held figures of the region wait for a decision", "  该地区有 %d 个待核实的数等待处理"},

	{"no value", "无数据"},
	{"  %d of %d reported", "  覆盖 %d/%d"},
	{", %d of %d in the value: they reported the period before too", "，计入 %d/%d（上期也报了的地区）"},
	{", policy %s", "，缺报地区%s"},
	{"leave_out", "不计"},
	{"carry_forward", "沿用旧值"},
	{"like_for_like", "不计，只算两期都报的地区"},
	{" for at most %d periods", "，至多 %d 期"},
	{", %d carried", "，沿用旧值 %d 个"},
	{", before %s", "，上期 %s"},
	{"Part of %s, %s", "计入%s的%s汇总"},
	{"  in it", "  已计入"},
	{"  carried into it", "  沿用旧值计入"},
	{" with %s of %s", "：%[2]s 的 %[1]s"},
	{", a share of %s", "，占 %s"},
	{"  missing from it: the region has not reported %s", "  未计入：该地区未报 %s"},
	{"  missing from it: the region's figure is held", "  未计入：该地区的数待核实"},
	{"  left out of it: the region has no figure of the period before to compare with", "  未计入：该地区没有上期的数可比"},
	{"  not in it: no report is expected of the region", "  未计入：该地区不须报送"},
	{"Roll-up of %s, %s", "%s的%s汇总"},
	{"missing", "缺报"},
	{"carried", "沿用旧值"},
	{"not comparable", "没有上期的数可比"},
	{"  largest parts", "  最大的部分"},
	{" and %d more", "等，另有 %d 个"},

	{"Published for %s", "%s的公布数"},
	{"  %s published %s%s", "  %s 公布：%s%s"},
	{"at least ", "不少于 "},
	{"about ", "约 "},
	{", our total %s", "，台账汇总 %s"},
	{", gap %s", "，相差 %s"},
	{"%s points", "%s 个百分点"},
	{"Another source: %s", "另一来源：%s"},
	{"  %s = %s, the other says %s: %s, tolerance %s", "  %s = %s，另一来源为 %s：%s，容差 %s"},
	{"within what is tolerated", "在容差之内"},
	{"gap %s", "相差 %s"},

	{"Rejections", "未采用的读数"},
	{"  %s  %s, run %d", "  %s  %s，运行 %d"},
	{"  at %s", "  %s"},
	{"last ended", "最近结束的一期"},
	{"      %s  refused by %s", "      %s  校验 %s 未通过"},
	{"  … and at least %d more", "  ……至少另有 %d 条"},
	{"  … and perhaps older ones: not all were read", "  ……可能还有更早的：没有全部读取"},
	{"  … and %d more", "  ……另有 %d 条"},
}
