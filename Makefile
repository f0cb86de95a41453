# Coterie: everything a person does here. `make` alone prints this list.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test soak check bench bench-log bench-invoicing reset

LOCAL := infra/local
BINARY = $${CARGO_TARGET_DIR:-target}/$(1)/coterie
# One selection of packages everywhere, so that Cargo compiles each dependency with one set of features, once.
BUILD := cargo build --workspace --bins

help: ## print this list
	@sed -n 's/^\([a-z-]*\): ## /\1\t/p' Makefile | while IFS=$$'\t' read -r name what; do printf '  make %-15s %s\n' "$$name" "$$what"; done

run: ## build and serve the demo chain on a private PostgreSQL (Ctrl-C stops it, the data stays)
	@$(LOCAL)/compiler.sh
	@echo "Building Coterie. The first build takes several minutes on 2 cores; later ones take seconds."
	@$(BUILD)
	@exec $(LOCAL)/with-postgres.sh .local/demo -- $(call BINARY,debug) demo --data .local/demo

test: ## every test: unit, property, integration and browser journeys, on a private PostgreSQL
	@$(LOCAL)/compiler.sh
	@$(LOCAL)/tools.sh
	@cargo test --workspace --no-run
	@$(BUILD)
	@exec $(LOCAL)/with-postgres.sh --fresh .local/test -- $(LOCAL)/test.sh

soak: ## the tests marked `ignore` because they take long, and every property of the domain with 100,000 cases
	@$(LOCAL)/compiler.sh
	@$(LOCAL)/tools.sh
	@COTERIE_CASES=$${COTERIE_CASES:-100000} cargo test -p coterie-domain --release --lib --no-fail-fast
	@$(BUILD)
	@exec $(LOCAL)/with-postgres.sh --fresh .local/soak -- cargo test --workspace --no-fail-fast -- --ignored

check: ## formatting, lints, and licences and advisories where cargo-deny is installed
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny check; else echo "cargo-deny is not installed: licences and advisories were not checked."; fi

bench: ## measure the release build's workloads on a private PostgreSQL; PART=api measures one part
	@$(LOCAL)/compiler.sh
	@cargo bench --workspace --bench workloads --no-run
	@exec $(LOCAL)/with-postgres.sh --fresh .local/bench -- cargo bench --quiet --workspace --bench workloads -- $(PART)

bench-log: ## measure the log (append, follow, rebuild, verify) beside plain SQL; LOG_PART=append measures one part
	@$(LOCAL)/compiler.sh
	@cargo bench -p coterie-eventlog --bench log --no-run
	@exec $(LOCAL)/with-postgres.sh --fresh .local/bench -- cargo bench --quiet -p coterie-eventlog --bench log -- $(LOG_PART)

bench-invoicing: ## measure invoice runs and single invoices beside plain SQL; COTERIE_BENCH_MEMBERSHIPS=100000 adds a larger run
	@$(LOCAL)/compiler.sh
	@cargo bench -p coterie-app --bench invoicing --no-run
	@exec $(LOCAL)/with-postgres.sh --fresh .local/bench -- cargo bench --quiet -p coterie-app --bench invoicing

reset: ## stop a running demo and forget its data
	@$(LOCAL)/stop.sh --forget .local/demo
