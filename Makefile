# make run     sets up what is missing, builds, and serves the tutor on http://127.0.0.1:8080
# make test    runs every check and test; its last line says how many passed
# make setup   only sets up what is missing
# make build   only sets up and builds
# make bench   measures Docktutor beside docker, nginx, HAProxy and others
#
#   ARGS="--listen 127.0.0.1:9000"   arguments for `docktutor serve`
#   PARTS="unit browser"             parts of the tests or measurements
#   YES=1                            installs what is missing without asking

.DEFAULT_GOAL := help
.PHONY: run setup build front test bench clean help

# rustup puts cargo there, and a shell that was open before does not know it yet.
export PATH := $(PATH):$(HOME)/.cargo/bin
export YES

TARGET := $(or $(CARGO_TARGET_DIR),target)

run: build
	@exec $(TARGET)/release/docktutor serve $(ARGS)

setup:
	@scripts/setup.sh run

# The page is embedded in the binary, so it is built first.
build: setup
	@scripts/front.sh
	@cargo build --release --bin docktutor

front:
	@scripts/front.sh

test:
	@exec scripts/test.sh $(PARTS)

bench:
	@exec scripts/bench.sh $(PARTS)

clean:
	cargo clean
	rm -rf src/web/frontend/dist src/web/frontend/node_modules

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile
