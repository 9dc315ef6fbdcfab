package spreadsheet

import "strings"

// Format is what the number format of a cell makes of a number.
type Format uint8

// The formats that change what a number means.
const (
	Plain   Format = iota // none of the others; also where the cell holds text
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

// formatOf reads the first section of a code such as yyyy"年"m"月" or 0.0%.
func formatOf(code string) Format {
	text := placeholders(code)
	switch {
	case strings.ContainsAny(text, "yd"), strings.Contains(text, "m") && !strings.ContainsAny(text, "hs0#"):
		return Date
	case strings.Contains(text, "%"):
		return Percent
	}
	return Plain
}

// placeholders returns what is left of a code's first section without literal
// text, colours and languages, in small letters.
func placeholders(code string) string {
	var left strings.Builder
	for code != "" {
		first := code[0]
		code = code[1:]
		switch first {
		case ';':
			return left.String()
		case '"':
			_, code, _ = strings.Cut(code, `"`)
		case '[':
			var inner string
			inner, code, _ = strings.Cut(code, "]")
			if inner != "" && strings.Trim(inner, "hHmMsS") == "" {
				left.WriteByte('h') // the hours, minutes or seconds that passed
			}
		case '\\', '_', '*':
			if code != "" {
				code = code[1:] // half a character is no placeholder either
			}
		default:
			left.WriteByte(first | 0x20)
		}
	}
	return left.String()
}
