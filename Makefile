# Everything runs in .venv, made from the hash-pinned locks. Needs Python 3.11+ and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help install install-dev demo serve test test-nightly test-fast check bench bench-model bench-detection lock clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# --no-deps: the locks are complete, and a resolver would trip over an extra (coverage[toml]) once a newer release is out.
$(VENV)/.runtime: requirements.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing from requirements.lock (the first time takes about a minute)"
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --require-hashes -r requirements-build.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.runtime pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	@echo "installing from requirements-dev.lock"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed  ## Make .venv/bin/ai-gateway

install-dev: $(VENV)/.dev  ## The same, with what tests and checks need

demo: install  ## Both features on sample data, on the embedded default; ends by itself
	@$(BIN)/ai-gateway demo

serve: install  ## The gateway on http://127.0.0.1:8080, embedded default
	@$(BIN)/ai-gateway serve

test: install-dev  ## Everything, against a real PostgreSQL and Valkey from wheels
	@command -v node > /dev/null && command -v npm > /dev/null || \
		echo "node and npm are not installed: the test of the JavaScript client is left out (make test REQUIRE_NODE=1 fails instead)"
	@command -v openssl > /dev/null || \
		echo "openssl is not installed: the tests of time stamps are left out (make test REQUIRE_OPENSSL=1 fails instead)"
	@command -v chromium > /dev/null || command -v google-chrome > /dev/null || \
		echo "chromium is not installed: the browser tests of the console are left out (make test REQUIRE_CHROMIUM=1 fails instead)"
	@REQUIRE_NODE=$(REQUIRE_NODE) REQUIRE_OPENSSL=$(REQUIRE_OPENSSL) $(BIN)/python -m pytest --ignore tests/browser
	@REQUIRE_CHROMIUM=$(REQUIRE_CHROMIUM) $(BIN)/python -m pytest tests/browser  # apart: the browser's driver brings a loop of its own

test-nightly: install-dev  ## The laws alone, on forty times as many examples; takes an hour
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest tests/properties --timeout 7200

test-fast: install-dev  ## Unit, property and journey tests only
	@$(BIN)/python -m pytest tests/unit tests/properties tests/journeys

check: install-dev  ## Style, types, layers, dependencies: everything static
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/ai-gateway policies check
	@$(BIN)/ai-gateway prompts check
	@$(BIN)/ai-gateway prompts lint --fast --strict
	@$(BIN)/python tools/check_dependencies.py

bench: install-dev  ## Ratios within one run against a local vendor (ARGS=--with-litellm-proxy for the comparison)
	@$(BIN)/python -m benchmarks.gateway $(ARGS)
	@$(BIN)/python -m benchmarks.share_log

bench-log: install-dev  ## Sizes of the share log: bytes, verifying, disclosing (ARGS=--full for a log of 5,000,000 entries)
	@$(BIN)/python -m benchmarks.share_log $(ARGS)

bench-model: install-dev  ## A small language model behind the gateway: restored pseudonyms, and the task with and without treatment
	@$(BIN)/python -m benchmarks.small_model $(ARGS)

bench-detection: install-dev  ## What detection leaves, takes and costs (ARGS="--sets FOLDER --presidio")
	@$(BIN)/python -m benchmarks.detection --write $(ARGS)

lock:  ## Resolve again and write the locks (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml -o requirements.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group build -c requirements-dev.lock -o requirements-build.lock

clean:  ## Remove what the targets above made
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .cache artifacts
