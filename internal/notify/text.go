package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostLines is how many lines a digest has at most.
const mostLines = 20

// How long the parts of a line may be, in characters: what comes from outside
// must not push everything else out of a message.
const (
	longestName     = 40
	longestSentence = 100
	longestNotice   = 120
)

// Wording is what a digest says beside the alerts.
type Wording struct {
	// Title returns an indicator's Chinese title; "" where it is unknown.
	Title  func(indicator string) string
	Notice string // such as that the figures are synthetic; empty is none
	Link   string // empty is none
}

// subject is the first line.
func (d Digest) subject() string {
	return fmt.Sprintf("%s治理指标提醒 %s", plain(d.Region.Name, longestName), d.Day)
}

// text writes the digest so that it fits the format: within 20 lines and within
// the channel's bytes. What has no room is counted; a line is there whole or not
// at all.
func (d Digest) text(f Format, w Wording, mention []string) string {
	foot := d.foot(f, w, mention)
	room := mostLines - 1 - len(foot)
	if len(d.New) > 0 {
		room--
	}
	if len(d.Chronic) > 0 {
		room--
	}
	fresh, chronic := len(d.New), len(d.Chronic)
	if fresh+chronic > room {
		fresh, chronic = share(fresh, chronic, room-1) // one line counts the rest
	}
	for {
		body := strings.Join(d.lines(f, w, fresh, chronic, foot), "\n")
		switch {
		case f.Bytes == 0 || len(body) <= f.Bytes || fresh+chronic == 0:
			return body
		case fresh > chronic:
			fresh--
		default:
			chronic--
		}
	}
}

// share divides room between two lists: half for each, and what one does not
// need for the other.
func share(a, b, room int) (ofA, ofB int) {
	room = max(0, room)
	ofA = min(a, max(room-room/2, room-b))
	return ofA, min(b, room-ofA)
}

func (d Digest) lines(f Format, w Wording, fresh, chronic int, foot []string) []string {
	lines := []string{f.bold(d.subject())}
	if len(d.New)+len(d.Chronic) == 0 {
		lines = append(lines, "今日无滞后指标")
	}
	add := func(heading string, items []Item, shown int) {
		if len(items) == 0 {
			return
		}
		lines = append(lines, f.bold(fmt.Sprintf("%s%d 项", heading, len(items))))
		for i, item := range items[:shown] {
			lines = append(lines, fmt.Sprintf("%d. %s", i+1, d.line(item, w)))
		}
	}
	add("新增滞后 ", d.New, fresh)
	add(fmt.Sprintf("长期滞后（超过 %d 天）", d.ChronicAfter), d.Chronic, chronic)
	if rest := len(d.New) + len(d.Chronic) - fresh - chronic; rest > 0 {
		lines = append(lines, fmt.Sprintf("另有 %d 条", rest))
	}
	return append(lines, foot...)
}

// foot is what ends every digest.
func (d Digest) foot(f Format, w Wording, mention []string) []string {
	var lines []string
	if !d.AsOf.IsZero() {
		lines = append(lines, "数据截至 "+d.AsOf.Format("2006-01-02 15:04"))
	}
	if w.Notice != "" {
		lines = append(lines, plain(w.Notice, longestNotice))
	}
	switch {
	case w.Link != "" && f.Markdown:
		lines = append(lines, "[查看详情]("+w.Link+")")
	case w.Link != "":
		lines = append(lines, "查看详情："+w.Link)
	}
	if f.Mention == nil || len(mention) == 0 || len(d.New)+len(d.Chronic) == 0 {
		return lines
	}
	var names []string
	for _, name := range mention {
		names = append(names, f.Mention(name))
	}
	return append(lines, strings.Join(names, " "))
}

// line says what is the matter with one indicator in one region, as in
// 余江区 老年助餐点：逾期未报、落后于目标，现12个，目标20个，差8个，第 93/100，已5天.
func (d Digest) line(item Item, w Wording) string {
	lead := item.lead()
	about := plain(lead.who(), longestName)
	if about == d.Region.Name || about == "" {
		about = "" // the heading says it
	}
	if id := lead.Labels[LabelIndicator]; id != "" {
		title := id
		if w.Title != nil {
			title = cmp.Or(w.Title(id), id)
		}
		about = strings.TrimSpace(about + " " + plain(title, longestName))
	}
	says := strings.Join(append([]string{strings.Join(kinds(item), "、")}, facts(item)...), "，")
	if about == "" {
		return says
	}
	return about + "：" + says
}

// kinds says in words what is the matter, each thing once.
func kinds(item Item) []string {
	var words []string
	for _, a := range item.Alerts {
		word := cmp.Or(kindOf(a.Name), plain(a.ZH, longestSentence), plain(a.Name, longestName))
		if kindOf(a.Name) != "" && a.Labels[LabelIndicator] == "" {
			word = cmp.Or(plain(a.ZH, longestSentence), word) // only the sentence says of which source
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	const mostWords = 3
	return words[:min(len(words), mostWords)]
}

// facts are the figures behind it: the first that any of the alerts has.
func facts(item Item) []string {
	var list []string
	add := func(prefix string, of func(Alert) string) {
		for _, a := range item.Alerts {
			if text := plain(of(a), longestName); text != "" {
				list = append(list, prefix+text)
				return
			}
		}
	}
	add("现", func(a Alert) string { return a.Value })
	add("目标", func(a Alert) string { return a.Target })
	add("差", func(a Alert) string { return a.Gap })
	add("", func(a Alert) string { return a.Rank })
	if item.DaysLate > 0 {
		list = append(list, fmt.Sprintf("已%d天", item.DaysLate))
	}
	return list
}

// bold writes a heading.
func (f Format) bold(s string) string {
	if f.Markdown {
		return "**" + s + "**"
	}
	return s
}

// plain makes one line of what came from outside, without anything that a robot
// would take for markup or for a call to somebody, and cuts it at a character.
func plain(s string, longest int) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	s = markup.Replace(s)
	if utf8.RuneCountInString(s) > longest {
		s = string([]rune(s)[:longest-1]) + "…"
	}
	return s
}

// markup writes the signs of markdown, HTML, mentions and addresses as their
// full-width twins, which look alike and mean nothing.
var markup = strings.NewReplacer(
	"<", "＜", ">", "＞", "[", "［", "]", "］", "*", "＊", "_", "＿", "`", "｀", "#", "＃", "~", "～", "@", "＠", "&", "＆", "\\", "＼", "://", "：／／",
)
