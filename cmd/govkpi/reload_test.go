package main_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHangup reloads at SIGHUP: a bad file shows as a metric and changes nothing
// else, a good one is taken.
func TestHangup(t *testing.T) {
	configuration := writeKillSite(t, t.TempDir())
	good, err := os.ReadFile(configuration)
	if err != nil {
		t.Fatal(err)
	}
	d := &demoRun{address: freeAddress(t)}
	cmd := exec.CommandContext(t.Context(), buildProgram(t), "serve", "--config", configuration, "--listen", d.address, "--log-level", "error")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "http://"+d.address+"/-/ready")
	for _, step := range []struct {
		file string
		want string
	}{
		{string(good) + "nonsense: true\n", "govkpi_configuration_last_reload_successful 0\n"},
		{strings.ReplaceAll(string(good), "zh: 网格,", "zh: 网格格,"), "(网格格)\n"},
	} {
		if err := os.WriteFile(configuration, []byte(step.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(20 * time.Second)
		body := d.metrics(t)
		for ; !strings.Contains(body, step.want); body = d.metrics(t) {
			if time.Now().After(deadline) {
				t.Fatalf("not within 20 s of a SIGHUP: %q", step.want)
			}
			<-time.After(5 * time.Millisecond)
		}
		if !strings.Contains(body, "governance_grids{") {
			t.Error("a reload lost the figures")
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program did not stop in good order: %v", err)
	}
}
