# `make demo` and `make test` set up what they need; `make help` lists the rest.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
FAULT ?= idle
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start the program some thousand times: it is compiled once.
unexport PYTHONDONTWRITEBYTECODE

FIND_PYTHON = for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	  "$$p" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  && command -v "$$p" && exit; done; \
	echo 'needs Python 3.11 or newer with its venv module' >&2; exit 1

.PHONY: help demo test lab bench soak pictures check lint format setup wheel bundle bundle-test clean

help:
	@echo 'make demo [FAULT=idle|packet|crash|restart|kill]   a real fault, found by the wizard'
	@echo 'make test      every test, on real servers'
	@echo 'make lab       stage every fault, decoy and remedy; write tests/lab/MATRIX.md and RESTAGED.md'
	@echo 'make bench     the first paint, and what reading logs costs, here and over SSH'
	@echo 'make soak [SOAK=--seconds=3600]   random faults, kills, keys and cuts for an hour'
	@echo 'make pictures  the pictures of the README, drawn by the wizard'
	@echo 'make lint      ruff and mypy'
	@echo 'make check     lint and test'
	@echo 'make format    ruff format'
	@echo 'make setup     what the tests need, without running them'
	@echo 'make wheel     dist/*.whl'
	@echo 'make bundle    dist/goneaway-wizard.pyz: one file with everything, for any Linux'
	@echo 'make bundle-test  runs that file in bare Debian 12 and 13 trees'
	@echo 'make clean     remove what make made here'

demo: $(VENV)/.program
	@$(BIN)/goneaway-wizard demo $(FAULT)

# Most tests wait for servers more than they compute, so two at a time take half as long.
test: setup
	$(BIN)/python -m pytest -n 2 --no-loadscope-reorder

bench: $(VENV)/.dev
	$(BIN)/python -m tests.pty.bench_first_paint
	$(BIN)/python -m tests.servers.bench_error_log
	$(BIN)/python -m tests.benches.bench_logs
	$(BIN)/python -m tests.benches.bench_far_log
	$(BIN)/python -m tests.benches.bench_far_log --kind general --size 100
	$(BIN)/python -m tests.benches.bench_far_log --kind slow --size 100
	$(BIN)/python -m tests.servers.bench_capture
	$(BIN)/python -m tests.servers.bench_slow_digest
	$(BIN)/python -m tests.servers.bench_fleet
	$(BIN)/python -m tests.servers.bench_recorder
	$(BIN)/python -m tests.servers.bench_conditions

# An hour: not part of the tests, which judge what it recorded.
lab: setup
	@.ci/system-packages lab
	$(BIN)/python -m tests.lab --write $(LAB)
	$(BIN)/python -m tests.servers.restage --write

pictures: $(VENV)/.dev
	$(BIN)/python -m tests.screens.pictures

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test

# An hour, one product after the other; a failure prints the seed that repeats it.
soak: setup
	$(BIN)/python -m tests.soak --product mariadb $(SOAK)
	$(BIN)/python -m tests.soak --product mysql $(SOAK)
	$(BIN)/python -m tests.pty.soak
	GONEAWAY_HOSTILE=all $(BIN)/python -m pytest -q tests/hostile tests/servers/test_hostile_host.py -k "check_ends or nonsense"
	$(BIN)/python -m tests.servers.soak_capture --rounds 200
	$(BIN)/python -m tests.servers.soak_recorder
	GONEAWAY_SEARCH=2000 $(BIN)/python -m pytest -q tests/unit/test_parsers_hold.py -k answers
	GONEAWAY_KILLS=300 $(BIN)/python -m pytest -q tests/servers/test_fix_killed.py -k moment
	GONEAWAY_KILLS=1800 $(BIN)/python -m pytest -q tests/servers/test_fix_killed.py -k ssh

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The trees with further servers are built once; where they cannot be, the tests say so.
setup: $(VENV)/.dev
	@.ci/system-packages test
	@$(BIN)/python -m tests.servers.harness.server_trees || true

wheel: $(VENV)/.dev
	$(BIN)/python -m pip wheel -q --no-deps -w dist .

bundle: $(VENV)/.dev
	$(BIN)/python -m tests.bundle.pack

bundle-test: bundle
	@.ci/system-packages test
	GONEAWAY_BUNDLE=$(CURDIR)/dist/goneaway-wizard.pyz \
	  $(BIN)/python -m pytest -q -s tests/bundle

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(VENV)/bin/python:
	@.ci/system-packages demo
	@python=$$($(FIND_PYTHON)) && "$$python" -m venv $(VENV)

# The extra `fast` has no wheels for every platform; all works without it.
$(VENV)/.program: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(BIN)/python -m pip install -q --only-binary=hyperscan,numpy -e '.[fast]' || \
	  $(BIN)/python -m pip install -q -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(BIN)/python -m pip install -q --only-binary=hyperscan,numpy -e '.[dev,fast]' || \
	  $(BIN)/python -m pip install -q -e '.[dev]'
	@touch $@ $(VENV)/.program
