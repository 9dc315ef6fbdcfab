package exposition

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// processCollector shows what the operating system knows of this process, under
// the names that every Prometheus client gives it. On a system without Linux's
// /proc it shows nothing.
//
// The collector of client_golang shows the same and the traffic of the whole
// machine, for which it reads the machine's statistics at every scrape: half as
// long as 176,000 figures take.
type processCollector struct {
	start float64 // seconds since the Unix epoch; 0 is no /proc
	limit float64 // of open files

	cpu, resident, virtual, started, open, maximum *prometheus.Desc
}

// userHertz is the unit of processor times in /proc, the same on every
// architecture that Linux shows to programs.
const userHertz = 100

func newProcessCollector() *processCollector {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }
	c := &processCollector{
		cpu:      desc("process_cpu_seconds_total", "Processor time spent by user and system (进程占用处理器时间)"),
		resident: desc("process_resident_memory_bytes", "Memory of the process that is held in RAM (常驻内存)"),
		virtual:  desc("process_virtual_memory_bytes", "Address space of the process (虚拟内存)"),
		started:  desc("process_start_time_seconds", "When the process started, in seconds since the Unix epoch (进程启动时间)"),
		open:     desc("process_open_fds", "Open file descriptors (已打开文件描述符数)"),
		maximum:  desc("process_max_fds", "File descriptors that may be open at once (文件描述符上限)"),
	}
	boot, err := numberAfter("/proc/stat", "\nbtime ")
	if err != nil {
		return c
	}
	stat, err := readProcessStat()
	if err != nil {
		return c
	}
	c.start = boot + stat.start
	// Without a limit the word "unlimited" stands there, and no series here.
	c.limit, _ = numberAfter("/proc/self/limits", "\nMax open files ")
	return c
}

// Describe implements prometheus.Collector.
func (c *processCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.cpu, c.resident, c.virtual, c.started, c.open, c.maximum} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *processCollector) Collect(to chan<- prometheus.Metric) {
	if c.start == 0 {
		return
	}
	stat, err := readProcessStat()
	if err != nil {
		to <- prometheus.NewInvalidMetric(c.cpu, err)
		return
	}
	to <- prometheus.MustNewConstMetric(c.cpu, prometheus.CounterValue, stat.cpu)
	to <- prometheus.MustNewConstMetric(c.resident, prometheus.GaugeValue, stat.resident)
	to <- prometheus.MustNewConstMetric(c.virtual, prometheus.GaugeValue, stat.virtual)
	to <- prometheus.MustNewConstMetric(c.started, prometheus.GaugeValue, c.start)
	if n, err := openFiles(); err != nil {
		to <- prometheus.NewInvalidMetric(c.open, err)
	} else {
		to <- prometheus.MustNewConstMetric(c.open, prometheus.GaugeValue, float64(n))
	}
	if c.limit > 0 {
		to <- prometheus.MustNewConstMetric(c.maximum, prometheus.GaugeValue, c.limit)
	}
}

// processStat is a part of /proc/self/stat, in seconds and bytes.
type processStat struct {
	cpu      float64
	start    float64 // after the machine's
	resident float64
	virtual  float64
}

func readProcessStat() (processStat, error) {
	const file = "/proc/self/stat"
	content, err := os.ReadFile(file)
	if err != nil {
		return processStat{}, fmt.Errorf("read process statistics: %w", err)
	}
	// The command's name may hold anything; the last parenthesis ends it. The
	// fields after it are counted from 3 in proc_pid_stat(5).
	fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:])
	const first, user, system, start, virtual, resident = 3, 14, 15, 22, 23, 24
	if len(fields) <= resident-first {
		return processStat{}, fmt.Errorf("%s has %d fields after the command's name: expected more than %d", file, len(fields), resident-first)
	}
	var numbers [resident - first + 1]float64
	for _, field := range []int{user, system, start, virtual, resident} {
		n, err := strconv.ParseInt(string(fields[field-first]), 10, 64)
		if err != nil {
			return processStat{}, fmt.Errorf("%s, field %d: %w", file, field, err)
		}
		numbers[field-first] = float64(n)
	}
	return processStat{
		cpu:      (numbers[user-first] + numbers[system-first]) / userHertz,
		start:    numbers[start-first] / userHertz,
		virtual:  numbers[virtual-first],
		resident: numbers[resident-first] * float64(os.Getpagesize()),
	}, nil
}

func openFiles() (int, error) {
	directory, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0, fmt.Errorf("count open files: %w", err)
	}
	names, err := directory.Readdirnames(-1)
	if err := errors.Join(err, directory.Close()); err != nil {
		return 0, fmt.Errorf("count open files: %w", err)
	}
	return len(names) - 1, nil // but for the folder itself
}

// numberAfter returns the first number after a text in a file.
func numberAfter(file, text string) (float64, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("read process statistics: %w", err)
	}
	_, after, found := bytes.Cut(content, []byte(text))
	if fields := bytes.Fields(after); found && len(fields) > 0 {
		n, err := strconv.ParseFloat(string(fields[0]), 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		return n, nil
	}
	return 0, fmt.Errorf("%s has no line %q", file, text)
}
