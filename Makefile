# `make` prints what there is. Needs Python 3.11 or newer and make; everything else goes into .venv.
.DEFAULT_GOAL := help
.PHONY: help install run test torture audit lint fmt lock lowest bench repin clean
SHELL := /bin/sh

PORT ?= 8000
PYTHON ?=
SOURCE ?=
INDEX ?= $(if $(SOURCE),data/index,data/sample-index)
FLAGS ?=
ALLOW_LOWER ?=
export PORT PYTHON SOURCE INDEX ALLOW_LOWER

SAMPLE := docs/sample/notebook/feed.xml docs/sample/kettle-hill/atom.xml docs/sample/til.md
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
LOCKED := --require-hashes --no-deps --requirement
TORCH := --requirement requirements-torch.txt

help:
	@echo "make run                   try it: search the sample blogs in docs/sample at http://127.0.0.1:$(PORT)"
	@echo "make run SOURCE=ADDRESS    follow a feed, page, link page, OPML file, folder or file of yours, and search it"
	@echo "                           (PORT=8000, INDEX=data/index, FLAGS=--allow-private, OPEN=0 for no browser)"
	@echo "make install               only install, into .venv (PYTHON=python3.12 picks the interpreter)"
	@echo "make test                  install the development tools too; run ruff, mypy, the import contracts and all tests"
	@echo "make torture               the long form of the tests in tests/torture: kills, floods, hostile input (an hour)"
	@echo "make audit                 ask PyPI whether a locked dependency has a known weakness"
	@echo "make lint | fmt | bench    ruff and mypy | format the code | print the benchmarks' figures"
	@echo "                           (a large archive: .venv/bin/python tests/benchmarks/scale.py --scale 1000000 --at DIR)"
	@echo "make repin                 raise the floors of tests/quality to what is measured now"
	@echo "make lock                  write the lock files anew from pyproject.toml"
	@echo "make lowest                run the tests with the oldest versions that pyproject.toml allows, in .venv-lowest"
	@echo "make clean                 remove .venv and caches; your index in data/ stays"

install: .venv/.installed

.venv/bin/python:
	@set -e; found=; \
	for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Blogsearch needs Python 3.11 or newer, and none was found. Install one, or say where it is:" >&2; \
	  echo "    make PYTHON=/path/to/python3.12 …" >&2; exit 1; \
	fi; \
	if [ -n "$$PYTHON" ] && [ "$$found" != "$$PYTHON" ]; then \
	  echo "PYTHON=$$PYTHON is not a Python 3.11 or newer." >&2; exit 1; \
	fi; \
	"$$found" -m venv --clear .venv || { \
	  echo "$$found cannot make a virtual environment; on Debian and Ubuntu: sudo apt install python3-venv" >&2; \
	  rm -rf .venv; exit 1; }

# torch comes first and apart: its CPU build is published on an index of its own. Without an NVIDIA GPU that
# index gets one short try, then whatever the configured index offers is taken. Its plain Python
# dependencies are in the lock file, so it brings none; only a CUDA build needs those it names itself.
.venv/.installed: .venv/bin/python requirements.lock requirements-torch.txt pyproject.toml
	@echo "Installing into .venv (about 500 MB to fetch the first time: a few minutes)"
	@$(PIP) install $(LOCKED) requirements.lock
	@if [ "$$(uname -s)" != Linux ]; then $(PIP) install --no-deps $(TORCH); \
	elif command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi >/dev/null 2>&1; then $(PIP) install $(TORCH); \
	elif $(PIP) install --no-deps --timeout 15 --retries 0 \
	  --index-url https://download.pytorch.org/whl/cpu $(TORCH) 2>/dev/null; then :; \
	else echo "PyTorch's own index did not answer: taking torch from the usual one"; $(PIP) install $(TORCH); fi
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.developing: .venv/.installed requirements-dev.lock
	@echo "Installing the development tools"
	@$(PIP) install $(LOCKED) requirements-dev.lock
	@touch $@

# A source that fails is reported by `add` itself (exit code 1) and the rest is served all the same, as is an
# index from an earlier run when nothing could be added (no network, or an update is at work). A browser is
# opened only where there is a screen: `webbrowser` would else start a text browser in this very terminal.
run: .venv/.installed
	@if [ -z "$$SOURCE" ]; then set -- $(SAMPLE); \
	elif [ -e "$$SOURCE" ]; then set -- "$$SOURCE"; \
	else set -f; set -- $$SOURCE; set +f; fi; \
	$(BIN)/blog-indexer add "$$@" --index "$$INDEX" $(FLAGS) || [ $$? -eq 1 ] || \
	  $(BIN)/blog-indexer status --index "$$INDEX" >/dev/null 2>&1 || exit 1; \
	if [ "$${OPEN-1}" = 1 ] && { [ "$$(uname -s)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; }; then \
	  $(BIN)/python -c "$$OPEN_WHEN_READY" "http://127.0.0.1:$$PORT" >/dev/null 2>&1 & \
	fi; \
	$(BIN)/blog-web --index "$$INDEX" --port "$$PORT" || [ $$? -eq 130 ]

define OPEN_WHEN_READY
import sys, time, urllib.request, webbrowser
for _ in range(100):
    time.sleep(0.3)
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1] + "/healthz", timeout=5)
    except OSError:
        continue
    webbrowser.open(sys.argv[1])
    break
endef
export OPEN_WHEN_READY

test: .venv/.developing
	@failed=0; \
	$(BIN)/ruff check . || failed=1; \
	$(BIN)/ruff format --check . || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/lint-imports --no-logo || failed=1; \
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal || failed=1; \
	exit $$failed

# The same tests as in `make test`, each with its full number of rounds (tests/torture/scale.py), and each
# property with 1,000 examples.
torture: .venv/.developing
	@failed=0; export BLOGSEARCH_TORTURE=1; \
	$(BIN)/python -m pytest --durations=20 tests/torture || failed=1; \
	$(BIN)/python -m pytest -m hypothesis --ignore=tests/torture tests || failed=1; \
	exit $$failed

# torch has no hash in its file (see above), and pip-audit takes either all lines with hashes or none. --strict:
# an index without data on weaknesses (many mirrors have none) must not look like a clean bill of health.
AUDIT = $(BIN)/pip-audit --strict --progress-spinner off --disable-pip
audit: .venv/.developing
	@failed=0; \
	$(AUDIT) --require-hashes --requirement requirements-dev.lock || failed=1; \
	$(AUDIT) --no-deps --requirement requirements-torch.txt || failed=1; \
	[ $$failed = 0 ] || echo "The audit found a weakness or could not be done in full, see above; nothing is known to be well." >&2; \
	exit $$failed

lint: .venv/.developing
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

fmt: .venv/.developing
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: .venv/.developing
	@for script in tests/benchmarks/*.py; do $(BIN)/python "$$script" || exit 1; done

# The reason reaches the script through the environment, so that a quotation mark in it does no harm.
repin: .venv/.developing
	@$(BIN)/python -m tests.quality.repin --allow-lower "$$ALLOW_LOWER"

# The development lock is the running one and more, with the same versions. Neither names an index, so that
# anybody's own mirror works; torch and its CUDA companions are left out (see pyproject.toml).
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-emit-package torch --custom-compile-command "make lock" --group build --constraints requirements-torch.txt
lock: .venv/.installed
	@$(PIP) install uv
	@$(COMPILE) --upgrade --output-file requirements.lock
	@$(COMPILE) --upgrade --group dev --extra postgres --extra mcp --constraints requirements.lock --output-file requirements-dev.lock
	@git diff --stat -- requirements.lock requirements-dev.lock

# A lower bound in pyproject.toml is true as long as this passes. What the libraries themselves need comes in its
# newest version, and torch in the version of its file. ruff, mypy, pip-audit and import-linter aren't run here:
# their lower bound is the minor version that is locked.
LOWEST := .venv-lowest
LOWEST_PIP := $(LOWEST)/bin/python -m pip --disable-pip-version-check --no-input -qq
lowest: .venv/bin/python
	@rm -rf $(LOWEST) && .venv/bin/python -m venv $(LOWEST) && $(LOWEST_PIP) install uv
	@$(LOWEST)/bin/uv pip compile pyproject.toml --resolution lowest-direct --group build --group dev --extra postgres --extra mcp --quiet \
	  --python $(LOWEST)/bin/python --no-emit-package torch --constraints requirements-torch.txt \
	  --output-file $(LOWEST)/requirements.txt
	@$(LOWEST_PIP) install --no-deps --requirement $(LOWEST)/requirements.txt
	@$(LOWEST_PIP) install --timeout 15 --retries 0 --extra-index-url https://download.pytorch.org/whl/cpu $(TORCH)
	@$(LOWEST_PIP) install --no-deps --no-build-isolation --editable .
	@$(LOWEST)/bin/python -m pytest --numprocesses 2 --dist worksteal

clean:
	rm -rf .venv .venv-lowest .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find indexer search web tests -name __pycache__ -type d -prune -exec rm -rf {} +
