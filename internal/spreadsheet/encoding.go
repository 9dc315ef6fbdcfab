package spreadsheet

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decodeText turns the content of a text file into UTF-8 without a byte order
// mark. Without one it is UTF-8 if it can be, else GB18030, which Excel writes
// on Chinese Windows.
func decodeText(content []byte) ([]byte, error) {
	if rest, marked := bytes.CutPrefix(content, []byte("\xEF\xBB\xBF")); marked {
		if !utf8.Valid(rest) {
			return nil, brokenUTF8(rest)
		}
		return rest, nil
	}
	if bytes.HasPrefix(content, []byte("\xFF\xFE")) || bytes.HasPrefix(content, []byte("\xFE\xFF")) {
		return decodeUTF16(content)
	}
	switch {
	case utf8.Valid(content):
		return content, nil
	case mostlyUTF8(content):
		return nil, brokenUTF8(content)
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return nil, badEncoding("既不是 UTF-8，也不是 GB18030", "it is neither UTF-8 nor GB18030")
	}
	return bytes.TrimPrefix(decoded, []byte("\uFEFF")), nil
}

func decodeUTF16(content []byte) ([]byte, error) {
	decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(content)
	if err != nil || len(content)%2 != 0 || bytes.ContainsRune(decoded, utf8.RuneError) {
		return nil, badEncoding("UTF-16 不完整", "its UTF-16 is broken")
	}
	return decoded, nil
}

func brokenUTF8(content []byte) *Fault {
	line := 1 + bytes.Count(content[:validUTF8(content)], []byte("\n"))
	return badEncoding(fmt.Sprintf("UTF-8 在第 %d 行损坏", line), fmt.Sprintf("its UTF-8 is broken in line %d", line))
}

// validUTF8 returns how many bytes are UTF-8 before the first that is not.
func validUTF8(content []byte) int {
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(content)
}

// mostlyUTF8 tells UTF-8 that was cut or damaged from GB18030, as which it would
// decode to other Chinese characters: in GB18030, hardly any three bytes happen
// to form one character of UTF-8.
func mostlyUTF8(content []byte) bool {
	good, bad := 0, 0
	for len(content) > 0 {
		r, n := utf8.DecodeRune(content)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n == 3:
			good++
		}
		content = content[n:]
	}
	return good > bad
}
