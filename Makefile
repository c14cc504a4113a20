# Two commands: `make run` starts everything, `make test` checks everything.
# Both install what they need into .venv and web/node_modules.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv --quiet
PAGE := signaling/http/page/index.html
# Tests that work and hardly wait: on two cores at once. The others share a machine's ports and time.
PURE := tests/sfu tests/signaling tests/fuzz
PAGE_SOURCES := $(shell find web -name node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: help run page test check audit unit browser container screenshots bench lock types prerequisites clean

help:
	@echo "make run    install, build the page, start the server and print the address to open"
	@echo "make test   install, then run every check and every test (Chromium included)"
	@echo "make check  format, lint, types and import rules only: seconds"
	@echo "make audit  ask again whether a dependency has a known vulnerability"
	@echo "make container  build the container image as a test, and call through it: minutes, as root"
	@echo "make bench  the quick benchmark set"
	@echo "make screenshots  pictures of every place, in screenshots/"
	@echo "make lock   renew requirements.lock and requirements-dev.lock"
	@echo "make clean  remove everything that was installed or built"

run: .venv/runtime.stamp $(PAGE)
	@exec $(BIN)/python -m signaling serve

page: $(PAGE)

test: check unit browser

check: .venv/dev.stamp web/node_modules/install.stamp
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	npm --prefix web run --silent check
	$(BIN)/python .ci/audit.py --cached

audit: .venv/dev.stamp
	$(BIN)/python .ci/audit.py

unit: .venv/dev.stamp web/node_modules/install.stamp
	npm --prefix web test --silent
	$(BIN)/pytest $(PURE) --numprocesses 2 --dist loadfile --quiet
	$(BIN)/pytest -m "not browser" $(PURE:%=--ignore=%)

browser: .venv/dev.stamp $(PAGE) .venv/chromium.stamp
	$(BIN)/pytest -m browser

# Without Docker: Debian's buildah, podman, runc and debootstrap. In `make test` it is skipped, unless
# CROSSOVER_TEST_CONTAINER=1 is set: it fetches a Debian system, and takes minutes.
container: .venv/dev.stamp
	CROSSOVER_TEST_CONTAINER=1 $(BIN)/pytest -m container

screenshots: .venv/dev.stamp $(PAGE) .venv/chromium.stamp
	$(BIN)/python -m tests.browser.screenshots

bench: .venv/dev.stamp $(PAGE)
	$(BIN)/python -m benchmarks all --quick

# ---- what they stand on ---------------------------------------------------------------------

prerequisites:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is missing: apt-get install python3, or set PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@command -v node >/dev/null || \
	  { echo "Node.js is missing: install Node 20.19 or newer with npm"; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || \
	  { echo "Node.js $$(node --version) is too old: 20.19 or newer is needed"; exit 1; }
	@command -v npm >/dev/null || { echo "npm is missing: it comes with Node.js"; exit 1; }

.venv/bin/uv: | prerequisites
	@echo "Creating .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/runtime.stamp: requirements.lock .venv/bin/uv
	@echo "Installing Python packages …"
	@$(UV) pip install --require-hashes --requirement requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml .venv/bin/uv
	@echo "Installing Python packages for development …"
	@$(UV) pip install --require-hashes --requirement requirements-dev.lock
	@$(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@ .venv/runtime.stamp

web/node_modules/install.stamp: web/package.json web/package-lock.json | prerequisites
	@echo "Installing npm packages …"
	@cd web && npm ci --silent --no-audit --no-fund
	@touch $@

$(PAGE): web/node_modules/install.stamp $(PAGE_SOURCES)
	@echo "Building the page …"
	@npm --prefix web run --silent build >/dev/null
	@touch $@

# Browser tests run Debian's Chromium; the network ones also cut a link between two namespaces.
.venv/chromium.stamp: | .venv/bin/uv
	@if ! command -v chromium >/dev/null || ! command -v ip >/dev/null; then \
	  command -v apt-get >/dev/null || { echo "Chromium is missing: install a package that provides 'chromium', and iproute2"; exit 1; }; \
	  echo "Installing Debian's Chromium …"; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo"; \
	  $$sudo apt-get -qq update; \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get -qq install --no-install-recommends --yes chromium iproute2 fonts-dejavu-core >/dev/null; \
	fi
	@touch $@

types: .venv/dev.stamp
	$(BIN)/python -m signaling.messages.typescript > web/src/signaling/protocol.ts

lock: .venv/bin/uv
	$(UV) pip compile --universal --generate-hashes --no-header --python-version 3.11 \
	  pyproject.toml --output-file requirements.lock >/dev/null
	$(UV) pip compile --universal --generate-hashes --no-header --python-version 3.11 \
	  pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock >/dev/null

clean:
	rm -rf .venv web/node_modules signaling/http/page .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache screenshots
