package region

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// fold brings what was written into the form in which it is compared: without
// white space and invisible characters, full-width characters as ASCII, ASCII
// letters in lower case. It allocates only where it changes something.
func fold(written string) string { return strings.Map(foldRune, written) }

func foldRune(r rune) rune {
	if r >= '！' && r <= '～' { // the full-width forms of ASCII
		r -= '！' - '!'
	}
	switch {
	case r >= '㐀' && r <= '鿿': // nearly every character that gets here
		return r
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	case r < utf8.RuneSelf && r > ' ' && r != '\x7f':
		return r
	case unicode.IsSpace(r), unicode.In(r, unicode.Cc, unicode.Cf):
		return -1
	}
	return r
}

// allDigits reports whether s could be a code.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// key is a folded name with its class apart, so that names which differ only in
// how an office is written (街道, 街道办事处) have the same key.
type key struct{ base, class string }

// writings are the ways to write a class, each before those that end it.
var writings = [...]struct{ written, class string }{
	{"街道办事处", "街道"},
	{"街道办", "街道"},
	{"街道", "街道"},
	{"村民委员会", "村"},
	{"村委会", "村"},
	{"村", "村"},
	{"居民委员会", "社区"},
	{"居委会", "社区"},
	{"社区", "社区"},
	{"管理委员会", "管委会"},
	{"管委会", "管委会"},
}

// keyOf splits a folded name. 余家村村委会 and 余家村 have one key: an office
// may repeat the word that it is the office of.
func keyOf(folded string) key {
	for _, w := range writings {
		base, ok := strings.CutSuffix(folded, w.written)
		if !ok || base == "" {
			continue
		}
		if w.written != w.class {
			if shorter, ok := strings.CutSuffix(base, w.class); ok && shorter != "" {
				base = shorter
			}
		}
		return key{base, w.class}
	}
	return key{base: folded}
}

// suffixes are what a name of a level may be written without, the longer ones
// before those that end them.
var suffixes = [...][]string{
	fact.Province: {"特别行政区", "自治区", "省", "市"},
	fact.City:     {"自治州", "地区", "盟", "市"},
	fact.County:   {"自治县", "自治旗", "新区", "林区", "特区", "县", "区", "市", "旗"},
	fact.Township: {"街道办事处", "街道办", "街道", "管理处", "苏木", "镇", "乡"},
	fact.Village:  {"村民委员会", "村委会", "村", "居民委员会", "居委会", "社区"},
	fact.Grid:     nil,
}

// peoples are the nationalities as they stand in names of autonomous divisions,
// which are commonly written without them: 恩施 for 恩施土家族苗族自治州.
var peoples = [...]string{
	"蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族", "侗族",
	"瑶族", "白族", "土家族", "哈尼族", "哈萨克族", "傣族", "黎族", "傈僳族", "佤族", "畲族", "高山族",
	"拉祜族", "水族", "东乡族", "纳西族", "景颇族", "柯尔克孜族", "土族", "达斡尔族", "仫佬族", "羌族",
	"布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "阿昌族", "普米族", "塔吉克族", "怒族", "俄罗斯族",
	"鄂温克族", "德昂族", "保安族", "裕固族", "京族", "独龙族", "鄂伦春族", "赫哲族", "门巴族", "珞巴族",
	"基诺族", "各族", "少数民族", "民族",
}

// shortPeoples stand without 族 before 自治.
var shortPeoples = [...]string{"维吾尔", "哈萨克", "蒙古", "柯尔克孜", "塔吉克", "锡伯"}

// stemOf returns a folded name without the suffix of its level and without the
// nationalities before it; it is empty where nothing can be left out. A stem has
// two characters at least: nobody writes 赣 for 赣县.
func stemOf(folded string, level fact.Level) string {
	for _, suffix := range suffixes[level] {
		stem, ok := strings.CutSuffix(folded, suffix)
		if !ok {
			continue
		}
		if k := keyOf(folded); k.class != "" {
			stem = k.base
		}
		if strings.HasPrefix(suffix, "自治") {
			stem = withoutPeople(stem, shortPeoples[:])
		}
		if strings.HasSuffix(stem, "族") {
			stem = withoutPeople(stem, peoples[:])
		}
		if utf8.RuneCountInString(stem) < 2 {
			return ""
		}
		return stem
	}
	return ""
}

// withoutPeople cuts names of peoples off the end while two characters remain.
func withoutPeople(stem string, names []string) string {
	for i := 0; i < len(names); i++ {
		shorter, ok := strings.CutSuffix(stem, names[i])
		if ok && utf8.RuneCountInString(shorter) >= 2 {
			stem, i = shorter, -1
		}
	}
	return stem
}

// near reports whether a becomes b by at most one character put in, left out or
// changed.
func near(a, b string) bool {
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			break
		}
		a, b = a[na:], b[nb:]
	}
	for a != "" && b != "" {
		ra, na := utf8.DecodeLastRuneInString(a)
		rb, nb := utf8.DecodeLastRuneInString(b)
		if ra != rb {
			break
		}
		a, b = a[:len(a)-na], b[:len(b)-nb]
	}
	return atMostOne(a) && atMostOne(b)
}

// alike reports whether the beginnings of a and b, of two characters at least,
// allow a, or anything longer that begins with a's first two characters, to be
// near b. It is a cheap test before a dear one.
func alike(a, b string) bool {
	a1, n := utf8.DecodeRuneInString(a)
	a2, _ := utf8.DecodeRuneInString(a[n:])
	b1, n := utf8.DecodeRuneInString(b)
	b2, _ := utf8.DecodeRuneInString(b[n:])
	return a1 == b1 || a2 == b2 || a1 == b2 || a2 == b1
}

func atMostOne(s string) bool {
	_, n := utf8.DecodeRuneInString(s)
	return n == len(s)
}
