# Every way to build, try, test and measure Seaworthy. `make` alone lists them.
# Needed: Rust (rustup takes the version that rust-toolchain.toml names) and Go 1.26 for the embedded control plane.

CARGO ?= cargo
CLUSTER_TESTS ?=
# The program e2e is called by its name: `cargo run -p e2e` would compile half of its libraries again, with the features
# of e2e alone.
TARGET = $(or $(CARGO_TARGET_DIR),target)

.DEFAULT_GOAL := help

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build the program (target/release/seaworthy)
	$(CARGO) build --release --locked

demo: ## Show the main job: a cluster, an online shop, a policy, reports, a fix
	$(CARGO) build --locked --workspace
	$(TARGET)/debug/e2e demo

# The control plane is built beside what needs none: the compilers of the one use what those of the other leave idle.
test: ## Run every test; the first run builds a control plane as well
	@$(MAKE) --no-print-directory -j2 tools lint-and-test-core
	@$(MAKE) --no-print-directory test-live

lint-and-test-core: lint
	@$(MAKE) --no-print-directory test-core

tools: ## Build the control plane that tests run against, unless it is in the cache
	$(CARGO) build --locked --workspace
	$(TARGET)/debug/e2e tools

lint: ## Formatting, lints, and the documentation's links
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked --no-default-features --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --quiet

# All of the workspace at once, so that nothing is compiled again with other features for the tests with a cluster.
# Without the feature `operator` the same checks judge in the same way: what is tried again is what is compiled otherwise.
test-core: ## The tests that need no cluster: pages, engine, manifests, house rules
	$(CARGO) test --locked --workspace
	$(CARGO) test --locked --no-default-features --lib --test pages --test audit --test policy

# Kubernetes' servers have memory to spare here: collected less often, they leave more of the machine to the tests. And
# tests wait for much of their time: three of them fill two cores.
test-live: tools ## The tests against a real control plane (CLUSTER_TESTS=NAME runs one module of e2e/tests/live)
	GOGC=400 RUST_TEST_THREADS=3 $(CARGO) test --locked --workspace --test live $(if $(CLUSTER_TESTS),$(CLUSTER_TESTS)::)

bench: ## Measure: offline against kube-score, and the controller with 1,000 Deployments (about 15 minutes)
	$(CARGO) build --release --locked --workspace
	$(TARGET)/release/e2e bench

generate: ## Write what is generated: CRDs, RBAC rules, the pages in docs/checks
	SEAWORTHY_UPDATE=1 $(CARGO) test --locked --test generated

new-check: ## Scaffold a check: make new-check ID=too-many-cooks CATEGORY=scaling
	@scripts/new-check "$(ID)" "$(CATEGORY)"

deny: ## Licenses, advisories and sources of the dependencies (needs cargo-deny)
	$(CARGO) deny check

clean: ## Remove what was built here (not the cached control plane)
	$(CARGO) clean

.PHONY: help build demo test lint-and-test-core lint test-core tools test-live bench generate new-check deny clean
