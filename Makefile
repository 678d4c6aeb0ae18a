# Every way to build, try, test and measure Seaworthy. `make` alone lists them.
# Needed: Rust (rustup takes the version that rust-toolchain.toml names) and Go 1.26 for the embedded control plane.

CARGO ?= cargo
CLUSTER_TESTS ?=

.DEFAULT_GOAL := help

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build the program (target/release/seaworthy)
	$(CARGO) build --release --locked

demo: ## Show the main job: a cluster, an online shop, a policy, reports, a fix
	$(CARGO) build --locked --workspace
	$(CARGO) run --locked --quiet -p e2e -- demo

test: lint test-core test-live ## Run every test; the first run builds a control plane (about 8 minutes)

lint: ## Formatting, lints, and the documentation's links
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked --no-default-features --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --quiet

# Without the feature `operator` the same checks judge in the same way: what is tried again is what is compiled otherwise.
test-core: ## The tests that need no cluster: pages, engine, manifests, house rules
	$(CARGO) test --locked
	$(CARGO) test --locked --no-default-features --lib --test pages --test audit --test policy

test-live: ## The tests against a real control plane (CLUSTER_TESTS=NAME runs one module of e2e/tests/live)
	$(CARGO) build --locked --workspace
	$(CARGO) run --locked --quiet -p e2e -- tools
	$(CARGO) test --locked -p e2e $(if $(CLUSTER_TESTS),--test live $(CLUSTER_TESTS)::)

bench: ## Measure: offline against kube-score, and the controller with 1,000 Deployments (about 15 minutes)
	$(CARGO) build --release --locked --workspace
	$(CARGO) run --release --locked --quiet -p e2e -- bench

generate: ## Write what is generated: CRDs, RBAC rules, the pages in docs/checks
	SEAWORTHY_UPDATE=1 $(CARGO) test --locked --test generated

new-check: ## Scaffold a check: make new-check ID=too-many-cooks CATEGORY=scaling
	@scripts/new-check "$(ID)" "$(CATEGORY)"

deny: ## Licenses, advisories and sources of the dependencies (needs cargo-deny)
	$(CARGO) deny check

clean: ## Remove what was built here (not the cached control plane)
	$(CARGO) clean

.PHONY: help build demo test lint test-core test-live bench generate new-check deny clean
