SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

FUZZ_SECONDS ?= 5
FUZZ_SECONDS_IN_ALL ?= 600

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: binary ## Compile everything, and the service as ./sparkbridge
	go build ./...

# The version that the binary tells; without one it tells what the go command knows of the source.
VERSION ?=

.PHONY: binary
binary: ## Build the service as a static binary, ./sparkbridge
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.release=$(VERSION)' -o sparkbridge ./cmd/sparkbridge

.PHONY: test
test: ## Run the tests
	go test ./...

# The repository's own checks start other programs and gain nothing from the race detector: verify runs them without.
.PHONY: race
race: ## Run the tests with the race detector in random order; a skipped test fails
	go test -race -shuffle=on -timeout 20m -json $$(go list ./... | grep -v '/internal/repocheck$$') | go run ./internal/repocheck/testreport

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

# Not a part of verify: the tests run the known inputs, and a second for each target would find nothing new.
.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZ_SECONDS, at most FUZZ_SECONDS_IN_ALL together
	scripts/fuzz $(FUZZ_SECONDS) $(FUZZ_SECONDS_IN_ALL)

.PHONY: lint
lint: ## Run golangci-lint at the pinned version (installs it if need be)
	scripts/golangci-lint run

.PHONY: fmt
fmt: ## Format: gofumpt, imports in three groups
	scripts/golangci-lint fmt

.PHONY: tidy
tidy: ## Tidy go.mod and tools/go.mod
	go mod tidy
	go -C tools mod tidy

.PHONY: generate
generate: ## Write the generated files anew
	go generate ./...

.PHONY: examples
examples: ## Run the examples and compare what they print; check the README's code
	go test -count=1 -v -run 'TestExamples|TestMarkdown' ./internal/repocheck

.PHONY: verify
verify: check-tidy check-generated check-format vet lint race check-repository ## Everything that CI checks; with -k, all of it in spite of failures

.PHONY: clean
clean: ## Remove what the targets above have built
	rm -rf .bin sparkbridge

# The parts of verify that are of little use alone.

.PHONY: check-tidy
check-tidy:
	go mod tidy -diff
	go -C tools mod tidy -diff

.PHONY: check-generated
check-generated:
	scripts/unchanged go generate ./...

.PHONY: check-format
check-format:
	scripts/golangci-lint fmt --diff

.PHONY: vet
vet:
	go vet ./...

.PHONY: check-repository
check-repository:
	go test ./internal/repocheck
