# govkpi. `make help` lists what can be made.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION ?= $(shell git rev-parse --verify -q HEAD 2>/dev/null || echo unknown)
# Static, and without symbol tables: one file that runs everywhere.
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.revision=$(REVISION)
BUILD   := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'
LINT    := $(GO) tool -modfile=tools/go.mod golangci-lint
CODE    := $(wildcard cmd collectors config dashboards grafana internal)

# Two packages at once suit two cores: some of them start database servers.
TESTFLAGS  ?= -race -p 2 -timeout 20m
BENCHFLAGS ?= -benchmem -timeout 30m
# How many inputs each fuzz target tries. A number, not a time: when the time is up
# while a worker is busy, go test can report that as a failure.
FUZZTIME   ?= 20000x
DEMOFLAGS  ?=

# The largest stripped linux/amd64 binary, in bytes: 70 MB.
BINARY_LIMIT := 70000000

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Packages that have a test file with such a text, as ./paths.
packages_with = $(sort $(dir $(addprefix ./,$(shell grep -rlF --include='*_test.go' '$(1)' $(CODE)))))
comma := ,

##@ Use

.PHONY: run
run: build ## Build and run the demo; DEMOFLAGS='--listen ADDR --data DIR --now TIME'
	bin/govkpi demo $(DEMOFLAGS)

.PHONY: build
build: ## Build bin/govkpi
	$(BUILD) -o bin/govkpi ./cmd/govkpi

##@ Check

.PHONY: test
test: setup ## Run all tests with the race detector (TESTFLAGS)
	$(GO) test $(TESTFLAGS) ./...

.PHONY: lint
lint: ## Run the linters of .golangci.yml
	$(LINT) run

.PHONY: fuzz
fuzz: ## Run every fuzz target on so many inputs (FUZZTIME)
	@grep -roE --include='*_test.go' '^func Fuzz\w+' $(CODE) | sort | while IFS=: read -r file target; do \
		$(GO) test -run '^$$' -fuzz "^$${target#func }\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1000x "./$$(dirname "$$file")"; \
	done

.PHONY: bench
bench: setup ## Run all benchmarks (BENCHFLAGS)
	$(GO) test -run '^$$' -bench . -p 1 $(BENCHFLAGS) $(call packages_with,func Benchmark)

.PHONY: boards-check
boards-check: ## Check the dashboards against Grafana's own types (needs node and npm)
	@cd tools/dashboards && npm ci --ignore-scripts --no-progress
	@boards=$$(mktemp -d) && trap 'rm -rf "$$boards"' EXIT && \
		$(GO) test -count=1 -run '^TestWriteShippedBoards$$' ./dashboards -boards "$$boards" && \
		node tools/dashboards/check.mjs "$$boards"

.PHONY: cross
cross: ## Build for arm64 and loong64, and check the size of the amd64 binary
	@for arch in amd64 arm64 loong64; do \
		echo "linux/$$arch"; \
		GOOS=linux GOARCH=$$arch $(BUILD) -o bin/govkpi-linux-$$arch ./cmd/govkpi; \
	done
	@size=$$(stat -c %s bin/govkpi-linux-amd64); \
	echo "bin/govkpi-linux-amd64: $$size bytes of at most $(BINARY_LIMIT)"; \
	test "$$size" -le $(BINARY_LIMIT)

##@ Change

.PHONY: format
format: ## Format all Go files
	$(LINT) fmt

.PHONY: golden
golden: setup ## Rewrite the golden files from what the program gives now; read the diff
	$(GO) test -count=1 $(call packages_with,"update"$(comma)) -update

.PHONY: grafana
grafana: build ## Write grafana/jiangxi anew from the shipped configuration
	bin/govkpi grafana generate --config config/jiangxi/govkpi.yaml --out grafana/jiangxi

.PHONY: setup
setup: ## Install what the tests need beside Go (Debian packages, where missing)
	@.ci/packages

.PHONY: clean
clean: ## Delete what was built
	rm -rf bin

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
