// Command govkpi pulls governance figures on a schedule, keeps every one of them
// in a ledger and exposes them as Prometheus metrics.
package main

import (
	"os"
	_ "time/tzdata" // the site's zone must be known on machines that have no zones
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
