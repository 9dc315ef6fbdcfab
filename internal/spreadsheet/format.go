package spreadsheet

import (
	"strings"
	"unicode/utf8"
)

// Format is what the number format of a cell makes of a number.
type Format uint8

// The formats that change what a number means. Of a format whose sections differ
// it is the last of these.
const (
	Plain   Format = iota // none of the others; also where the cell holds text
	Worded                // 12 is shown as 12万
	Scaled                // 120000 is shown as 12.0, with or without a 万 behind it
	Percent               // 0.85 is shown as 85%
	Date                  // 46022 is shown as a day; SerialDate reads it
)

// readFormats returns the format of every style that cells refer to.
func readFormats(a *archive, part string) ([]Format, error) {
	var styles struct {
		Codes []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			ID int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := a.decode(part, &styles); err != nil {
		return nil, err
	}
	codes := make(map[int]Format, len(styles.Codes))
	for _, c := range styles.Codes {
		codes[c.ID] = formatOf(c.Code)
	}
	formats := make([]Format, len(styles.Cells))
	for i, cell := range styles.Cells {
		format, own := codes[cell.ID]
		if !own {
			format = builtIn(cell.ID)
		}
		formats[i] = format
	}
	return formats, nil
}

// builtIn returns the formats that have numbers instead of codes. Those from 27
// to 58 are dates in Chinese, Japanese and Korean versions.
func builtIn(id int) Format {
	switch {
	case id == 9 || id == 10:
		return Percent
	case 14 <= id && id <= 17, id == 22, 27 <= id && id <= 31, id == 36, 50 <= id && id <= 54, id == 57 || id == 58:
		return Date
	}
	return Plain
}

// formatOf reads a code such as yyyy"年"m"月" or [=0]"-";0.0%. What any of its
// sections does counts: which of them a value falls into is not asked.
func formatOf(code string) Format {
	format := Plain
	for code != "" {
		var s section
		s, code = nextSection(code)
		format = max(format, s.format())
	}
	return format
}

// section is what is told apart in one of the sections of a code.
type section struct {
	signs   string // placeholders, in small letters
	literal string // text that is shown as it stands
	dotted  bool   // a literal dot between digits: 0\.0 shows 12 as 1.2
}

func (s section) format() Format {
	digits := strings.LastIndexAny(s.signs, "0#?")
	point := strings.IndexByte(s.signs, '.')
	scaled := s.dotted || digits >= 0 && strings.Contains(s.signs[digits:], ",") || point > 0 && s.signs[point-1] == ','
	switch {
	case strings.ContainsAny(s.signs, "yd"), strings.Contains(s.signs, "m") && !strings.ContainsAny(s.signs, "hs0#"):
		return Date
	case strings.Contains(s.signs, "%"):
		return Percent
	case scaled:
		return Scaled
	case digits >= 0 && strings.ContainsAny(s.literal, "万千亿"):
		return Worded
	}
	return Plain
}

// nextSection cuts a code behind its first section. Colours, languages and
// conditions are left out.
func nextSection(code string) (s section, rest string) {
	var signs, literal strings.Builder
	dot, digit := false, false // a literal dot behind a digit
	show := func(text string) {
		literal.WriteString(text)
		dot = dot || digit && strings.Contains(text, ".")
	}
	for code != "" {
		first, n := utf8.DecodeRuneInString(code)
		text := code[:n]
		code = code[n:]
		switch {
		case first == ';':
			return section{signs.String(), literal.String(), s.dotted}, code
		case first == '"':
			text, code, _ = strings.Cut(code, `"`)
			show(text)
		case first == '[':
			text, code, _ = strings.Cut(code, "]")
			if text != "" && strings.Trim(text, "hHmMsS") == "" {
				signs.WriteByte('h') // the hours, minutes or seconds that passed
			}
		case strings.ContainsRune(`\!_*`, first):
			_, n = utf8.DecodeRuneInString(code)
			if first == '\\' || first == '!' {
				show(code[:n])
			}
			code = code[n:]
		case first >= utf8.RuneSelf:
			show(text)
		default:
			if strings.ContainsRune("0#?", first) {
				digit = true
				s.dotted = s.dotted || dot
			}
			signs.WriteString(strings.ToLower(text))
		}
	}
	return section{signs.String(), literal.String(), s.dotted}, ""
}
