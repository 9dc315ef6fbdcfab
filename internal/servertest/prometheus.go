package servertest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Prometheus starts a Prometheus that scrapes a target once a second and ends with
// the test, and returns its address, host and port. It may not answer yet. scrape
// is further keys of the scrape configuration in YAML's flow style, or empty.
func Prometheus(tb testing.TB, target, scrape string, flags ...string) string {
	tb.Helper()
	path, err := exec.LookPath("prometheus")
	if err != nil {
		tb.Fatalf("%v; install it with: apt-get install -y prometheus", err)
	}
	folder := tb.TempDir()
	config := filepath.Join(folder, "prometheus.yml")
	if scrape != "" {
		scrape = ", " + scrape
	}
	content := fmt.Sprintf(`{global: {scrape_interval: 1s}, scrape_configs: [{job_name: govkpi, static_configs: [{targets: [%q]}]%s}]}`, target, scrape)
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	address := "127.0.0.1:" + strconv.Itoa(freePort(tb))
	var log bytes.Buffer
	// The test's context ends right before its clean-up, and asks it to stop.
	command := exec.CommandContext(tb.Context(), path, append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(folder, "data"), "--web.listen-address=" + address, "--log.level=warn",
	}, flags...)...)
	command.Stderr = &log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := command.Wait(); tb.Failed() {
			tb.Logf("prometheus ended: %v\n%s", err, &log)
		}
	})
	return address
}
