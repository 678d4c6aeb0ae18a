# `make generate` writes every generated file anew: CRDs, RBAC rules, the pages in docs/checks.
.PHONY: generate
generate:
	SEAWORTHY_UPDATE=1 cargo test --quiet --locked --test generated
