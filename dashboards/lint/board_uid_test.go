package lint_test

import (
	"strings"
	"testing"
)

func TestBoardUID(t *testing.T) {
	breaks(t, "board-uid", map[string]fault{
		"none":     {func(b object) { delete(b, "uid") }, "the uid \"\""},
		"too long": {func(b object) { b["uid"] = strings.Repeat("a", 41) }, "1 to 40 letters"},
		"Chinese":  {func(b object) { b["uid"] = "大屏" }, "1 to 40 letters"},
	}, "link-target")
}

func TestBoardUIDTwice(t *testing.T) {
	again := sound()
	again["title"] = "Another"
	findings := check(t, sound(), again)
	if len(findings) != 1 || findings[0].Rule != "board-uid" || !strings.Contains(findings[0].Message, "another board has this uid") {
		t.Errorf("found %v, want one uid that stands twice", findings)
	}
}
