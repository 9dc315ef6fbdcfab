// Command govkpi pulls governance figures on a schedule, keeps every one of them
// in a ledger and exposes them as Prometheus metrics.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
