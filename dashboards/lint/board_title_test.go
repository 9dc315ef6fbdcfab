package lint_test

import "testing"

func TestBoardTitle(t *testing.T) {
	breaks(t, "board-title", map[string]fault{
		"none":    {func(b object) { b["title"] = " " }, "it has no title"},
		"a slash": {func(b object) { b["title"] = "a/b" }, "a slash"},
	})
}

func TestBoardTitleTwice(t *testing.T) {
	again := sound()
	again["uid"] = "govkpi-wall-b"
	findings := check(t, sound(), again)
	if len(findings) != 1 || findings[0].Rule != "board-title" {
		t.Errorf("found %v, want one title that stands twice", findings)
	}
}
