# What can be done here. `make` alone builds; `make check` is what a change must pass.
SHELL := /bin/bash -o pipefail
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO ?= go
# Rows of the fault matrix to leave out, as go test -skip takes them: Faults/^(34|50)$$ or Real.
FAULTS_SKIP ?= ^$$
# Where the compiler looks by itself for what is hot (profile-guided optimization).
PROFILE := $(CURDIR)/cmd/agent/default.pgo
# How many inputs each fuzz target is given: 20000x, or a time, as 60s.
FUZZTIME ?= 20000x

.PHONY: $(shell grep -oE '^[a-z][a-z-]*:' $(MAKEFILE_LIST) | tr -d :)

# The profile changes no result, and what is built with it is built once more.
test check vet fuzz: export GOFLAGS := -pgo=off

build: ## bin/tailspan
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/tailspan ./cmd/agent

test: ## everything that needs nothing but Go
	$(GO) test ./...

check: vet gosec ## what a change must pass: vet, staticcheck, gosec, race detector, allocations, architecture, short fuzzing
	$(GO) test ./...
	$(GO) test -race ./...
	GODEBUG=cpu.avx2=off $(GO) test -count 1 ./internal/jsontext ./pkg/event ./pkg/parse/... ./pkg/ship # the ways for processors without these vectors
	$(MAKE) fuzz

vet:
	@test -z "$$(gofmt -l cmd pkg internal test bench examples packaging tools)" || { gofmt -l cmd pkg internal test bench examples packaging tools; echo "run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags elasticsearch,backends,faults,packages,prometheus,traces,docs,incidents ./test/...
	$(GO) -C examples/shop vet ./...
	$(GO) tool staticcheck -checks all,-ST1000,-ST1003,-ST1016 ./...
	for os in darwin windows; do GOOS=$$os $(GO) build -o /dev/null ./cmd/agent || exit 1; done
	GOARCH=arm64 $(GO) build -o /dev/null ./cmd/agent

fuzz: ## each fuzz target for FUZZTIME
	@mkdir -p bin; for dir in $$(grep -rl --include=*_test.go '^func Fuzz' cmd pkg internal | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -h -o '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -d' ' -f2); do \
	    echo "fuzz ./$$dir $$target"; \
	    $(GO) test ./$$dir -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 2 | tail -12 > bin/fuzz.out || { cat bin/fuzz.out; exit 1; }; \
	  done; \
	done

gosec: ## what is dangerous in Go
	$(GO) -C tools build -o ../bin/gosec ./gosec
	bin/gosec ./cmd/... ./internal/... ./pkg/...

test-elasticsearch: ## ships into a real Elasticsearch; needs a JDK 17 and Maven, and nginx and wrk for the web logs
	$(GO) test -tags elasticsearch -count 1 -timeout 20m ./test/...

test-backends: ## ships into each server that it works with: Elasticsearch 7.17, 8.19 with and without security, 9.2, OpenSearch 2.19; five minutes
	$(GO) test -tags backends -count 1 -timeout 15m -v ./test/backends

test-kubernetes: ## the client for the API server of Kubernetes beside client-go
	$(GO) -C test/kubernetes vet ./...
	$(GO) -C test/kubernetes test -count 1 ./...

AXE := axe-core@4.14.1
test-page: build ## walks through the page in Debian's Chromium, also with hostile log lines; axe-core looks for what keeps people from reading it; needs npm
	@command -v chromium >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu >/dev/null; } || echo "there is no chromium to be had: the tests that need one are skipped"
	@[ -f bin/axe/package/axe.min.js ] || { mkdir -p bin/axe && cd bin/axe && npm pack --silent $(AXE) >/dev/null && tar xzf axe-core-*.tgz; } || echo "axe-core cannot be had: nobody looks for what keeps people from reading"
	$(GO) -C test/page vet ./...
	$(GO) -C test/page test -count 1 -timeout 15m -v ./...

page-images: build ## docs/images, anew
	TAILSPAN_IMAGES=$(CURDIR)/docs/images $(GO) -C test/page test -count 1 -run 'Views|Search|Finding|Cause' ./...

# Labelled logs to measure besides the generated ones: a folder with loghub's *.log_structured.csv, which are not ours to keep here.
LOGHUB ?=
WORLDS := Quiet|Injected|Season
test-detect: ## how well log statements are told apart, also in the logs of the folder LOGHUB; precision and recall of detectors in simulated services, quiet days; what detects, under the race detector
	TAILSPAN_LOGHUB='$(abspath $(LOGHUB))' $(GO) test -count 1 -v -skip '$(WORLDS)' ./pkg/detect/...
	$(GO) test -count 1 -v -timeout 30m -run '$(WORLDS)' ./pkg/detect -seeds 10
	$(GO) test -count 1 -race -skip '$(WORLDS)' ./pkg/detect/...

test-prometheus: ## /metrics, rules and dashboards by Prometheus' own checker, and a real one that scrapes an agent and answers every panel; installs it on Debian
	@command -v promtool >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus >/dev/null; }
	$(GO) test -count 1 -v -run 'Promtool|Shipped|Dashboards' ./internal/server
	$(GO) test -tags prometheus -count 1 -v -timeout 10m ./test/prometheus

test-traces: ## sends spans to a real Jaeger and reads them back; needs a JDK 17 and Maven
	$(GO) test -tags traces,elasticsearch -count 1 -timeout 30m ./test/traces

test-incidents: ## fifty incidents of examples/shop, and whether tailspan why names their causes; five minutes
	$(GO) test -tags incidents -count 1 -timeout 15m -v ./test/incidents

test-faults: ## the fault matrix against the built binary, a quarter of an hour; needs root, logrotate, strace, a JDK 17 and Maven
	$(GO) test -tags faults -count 1 -timeout 40m -short -v -skip '$(FAULTS_SKIP)' ./test/faults

test-faults-all: ## all of the fault matrix at its full size: hours
	$(GO) test -tags faults -count 1 -timeout 6h -v -skip '$(FAULTS_SKIP)' ./test/faults

packages: ## dist: deb, rpm, tar, OCI archive, bills of materials, checksums
	$(GO) -C packaging run ./build -out dist

test-packages: packages ## what is in dist, under a real systemd in namespaces; the manifests against Kubernetes' types; needs root
	@missing=; command -v rpm >/dev/null || missing="$$missing rpm"; command -v lintian >/dev/null || missing="$$missing lintian"; \
	  command -v nsenter >/dev/null || missing="$$missing util-linux"; [ -x /lib/systemd/systemd ] || missing="$$missing systemd"; \
	  [ -z "$$missing" ] || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; }
	$(GO) -C packaging vet ./...
	$(GO) -C packaging test -count 1 ./...
	$(GO) test -tags packages -count 1 -timeout 20m -v ./test/packages

docs-test: build packages ## what README.md and docs tell users to type, on machines of its own beside a real Elasticsearch; needs root, a JDK 17 and Maven
	@missing=; command -v nsenter >/dev/null || missing="$$missing util-linux"; [ -x /lib/systemd/systemd ] || missing="$$missing systemd"; \
	  command -v curl >/dev/null || missing="$$missing curl"; command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	  [ -z "$$missing" ] || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; }
	$(GO) test -tags docs -count 1 -timeout 10m -v ./test/docs

bench: build ## Go benchmarks, then tailspan end to end beside the raw bounds
	$(GO) test -pgo=$(PROFILE) -run '^$$' -bench . -benchmem ./pkg/parse/... ./pkg/detect/... ./internal/pipeline
	$(GO) run ./bench/cmd/e2e

# How many times the CPU time of the bounds, fastjson's or for lines that are no JSON the raw one's, tailspan may take: with room for busy machines.
MOST ?= json=2,regex=8
bench-ratio: ## fails when tailspan costs more than MOST times the bounds of the same run, and does so twice; two minutes at most
	$(GO) run ./bench/cmd/e2e -lines 200000 -reps 5 -most $(MOST)

bench-peers: ## tailspan end to end beside rsyslog and syslog-ng, which are unpacked from Debian's packages into bin/peers
	$(GO) run ./bench/cmd/e2e -peers bin/peers

bench-live: build ## from the write of a line to its request, ready after the start, idle: one file, 2,000 of 10,000 files, beside a backlog of 4 GiB
	$(GO) run ./bench/cmd/live -bin bin/tailspan
	ulimit -n $$(ulimit -Hn) && $(GO) run ./bench/cmd/live -bin bin/tailspan -files 10000 -active 2000
	$(GO) run ./bench/cmd/live -bin bin/tailspan -backlog 4294967296

REF ?= HEAD~1
bench-compare: ## the benchmarks of the hot path at REF and here, by turns, through benchstat
	@set -e; mkdir -p bin; old=$$(mktemp -d); trap 'git worktree remove --force '$$old EXIT; git worktree add --detach $$old $(REF) >/dev/null; \
	  rm -f bin/old.txt bin/new.txt; for turn in 1 2 3 4 5 6; do \
	    $(GO) test -C $$old -run '^$$' -bench Line -benchmem ./internal/pipeline >> bin/old.txt; \
	    $(GO) test -run '^$$' -bench Line -benchmem ./internal/pipeline >> bin/new.txt; \
	  done; $(GO) tool benchstat bin/old.txt bin/new.txt

profile: ## bin/cpu.prof and bin/mem.prof of the hot path, for go tool pprof
	@mkdir -p bin; $(GO) test -pgo=$(PROFILE) -run '^$$' -bench Line -benchtime 3s -o bin/profile.test -cpuprofile bin/cpu.prof -memprofile bin/mem.prof ./internal/pipeline
	$(GO) tool pprof -top -nodecount 25 bin/profile.test bin/cpu.prof

pgo: ## what the compiler is told of the hot path: made anew when that has changed
	$(GO) test -run '^$$' -bench Line -benchtime 3s -o bin/profile.test -cpuprofile $(PROFILE) ./internal/pipeline

demo: build ## the OpenTracing shop with a slow bank, tailed into the embedded store, and the page; where nobody sits at a terminal it ends by itself
	@if [ -t 0 ] && [ -t 1 ]; then bin/tailspan demo; else bin/tailspan demo --for 15s --no-browser; fi

demo-traces: build ## the shop with Jaeger's client, which writes only logs, tailspan and a real Jaeger: its traces, beside what its own tracers recorded
	$(GO) run ./examples/traces

clean:
	rm -rf bin dist
