# Names only: what a target does is written in `xtask`, in Rust, file by noun.
.DEFAULT_GOAL := help
.PHONY: help run test playground playground-down bench docs clean

# Everything else is found or installed by what cargo starts.
ifeq (, $(shell command -v cargo))
$(error Rust 1.95 or newer is missing: install it with rustup, see https://rustup.rs)
endif

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up what is missing, build, start the playground and Slipway on it; Ctrl-C stops both
	@cargo xtask run

test: ## set up what is missing and run every test
	@cargo xtask test

playground: ## start the playground alone: engine, registry, Kubernetes, the shop's images
	@cargo xtask playground up

playground-down: ## stop the playground; its data stays in .playground
	@cargo xtask playground down

bench: ## measure a release build and print the table
	@cargo xtask bench

docs: ## write the generated references anew
	@cargo xtask docs

clean: ## stop the playground and delete what was built, its data too
	@cargo xtask playground down
	rm -rf .playground server/site
	cargo clean
