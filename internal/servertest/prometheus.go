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
	if scrape != "" {
		scrape = ", " + scrape
	}
	return PrometheusOf(tb, fmt.Sprintf(`{global: {scrape_interval: 1s}, scrape_configs: [{job_name: govkpi, static_configs: [{targets: [%q]}]%s}]}`, target, scrape), flags...)
}

// PrometheusOf is Prometheus with a configuration of one's own.
func PrometheusOf(tb testing.TB, configuration string, flags ...string) string {
	tb.Helper()
	folder := tb.TempDir()
	address := "127.0.0.1:" + strconv.Itoa(freePort(tb))
	configured(tb, "prometheus", "prometheus", filepath.Join(folder, "prometheus.yml"), configuration, append([]string{
		"--storage.tsdb.path=" + filepath.Join(folder, "data"), "--web.listen-address=" + address, "--log.level=warn",
	}, flags...)...)
	return address
}

// Alertmanager starts an Alertmanager that ends with the test, and returns its
// address, host and port. It may not answer yet.
func Alertmanager(tb testing.TB, configuration string) string {
	tb.Helper()
	folder := tb.TempDir()
	address := "127.0.0.1:" + strconv.Itoa(freePort(tb))
	configured(tb, "prometheus-alertmanager", "prometheus-alertmanager", filepath.Join(folder, "alertmanager.yml"), configuration,
		"--storage.path="+filepath.Join(folder, "data"), "--web.listen-address="+address, "--cluster.listen-address=", "--log.level=warn")
	return address
}

// configured starts a program of Prometheus' family, from a package of Debian.
func configured(tb testing.TB, name, install, file, configuration string, flags ...string) {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		tb.Fatalf("%v; install it with: apt-get install -y %s", err, install)
	}
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		tb.Fatal(err)
	}
	var log bytes.Buffer
	// The test's context ends right before its clean-up, and asks it to stop.
	command := exec.CommandContext(tb.Context(), path, append([]string{"--config.file=" + file}, flags...)...)
	command.Stderr = &log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := command.Wait(); tb.Failed() {
			tb.Logf("%s ended: %v\n%s", name, err, &log)
		}
	})
}
