package workbook

import (
	"fmt"
	"strconv"
	"strings"
)

// parseSize reads a number of bytes such as 20MB or 8MiB.
func parseSize(written string) (int64, error) {
	digits := strings.TrimRight(written, "BKMGibkm")
	n, err := strconv.ParseInt(digits, 10, 32)
	factor, known := sizeUnit(written[len(digits):])
	if err != nil || !known || n < 1 {
		return 0, fmt.Errorf("%q is no size: write one such as 20MB", written)
	}
	return n * factor, nil
}

func sizeUnit(s string) (int64, bool) {
	switch s {
	case "B":
		return 1, true
	case "kB", "KB":
		return 1e3, true
	case "MB":
		return 1e6, true
	case "GB":
		return 1e9, true
	case "KiB":
		return 1 << 10, true
	case "MiB":
		return 1 << 20, true
	case "GiB":
		return 1 << 30, true
	}
	return 0, false
}
