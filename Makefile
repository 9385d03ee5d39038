# Everything here needs only Python 3.11 or newer: `make demo` first.
# Another interpreter: make PYTHON=/path/to/python demo

VENV := .venv
BIN := $(VENV)/bin
CODE := src tests examples benchmarks

# A name on the PATH proves little (a pyenv shim can be there and not run), so each candidate has to answer.
SUITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
CANDIDATES := python3.14 python3.13 python3.12 python3.11 python3 python
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c "$(SUITS)" >/dev/null 2>&1 && echo $$p && break; done)

.PHONY: help demo test smoke bench lint format wheel clean
.NOTPARALLEL:

help:
	@echo "make demo     train a classifier on the breast-cancer data and draw its losses"
	@echo "make test     lint, types and all tests"
	@echo "make smoke    a five-second tour through every layer"
	@echo "make bench    time Flambeau by itself; against PyTorch where that is installed"
	@echo "make lint     ruff and mypy        make format  let ruff rewrite"
	@echo "make wheel    build dist/*.whl     make clean   remove what make made"

demo: $(VENV)/.examples
	$(BIN)/flambeau run examples/breast_cancer.py

# A complaint about style must not hide what the tests say, so both run.
test: $(VENV)/.test
	@status=0; $(MAKE) --no-print-directory lint || status=1; $(BIN)/python -m pytest || status=1; exit $$status

smoke: $(VENV)/.test
	$(BIN)/python -m pytest -q -m smoke

# .ci/run leaves an environment with PyTorch behind; without one there is nothing to compare with.
bench: $(VENV)/.examples
	@if $(VENV)/oracle/bin/python -c "import torch" >/dev/null 2>&1; then $(VENV)/oracle/bin/python benchmarks/run.py; \
	else echo "No PyTorch in $(VENV)/oracle: timing Flambeau alone."; $(BIN)/python benchmarks/run.py --alone; fi

lint: $(VENV)/.test
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

format: $(VENV)/.test
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

wheel: $(BIN)/python
	rm -rf dist
	$(BIN)/python -m pip wheel -qq --no-deps --wheel-dir dist .
	@ls -l dist

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache examples/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The link to an interpreter that was removed since counts as absent, and the environment is made anew.
$(BIN)/python:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c "$(SUITS)" 2>/dev/null; then \
	  echo "Flambeau needs Python 3.11 or newer with its venv module; $(if $(PYTHON),$(PYTHON) is not,none was found)."; \
	  echo "Tried: $(CANDIDATES). Name one: make PYTHON=/path/to/python $(or $(MAKECMDGOALS),demo)"; \
	  echo "On Debian and Ubuntu: apt install python3-venv. Elsewhere: https://www.python.org/downloads/"; \
	  exit 1; fi
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@"$(PYTHON)" -m venv --clear $(VENV)

# One stamp for each set of extras; both are installed again when pyproject.toml changes.
$(VENV)/.%: pyproject.toml | $(BIN)/python
	@echo "Installing Flambeau with its $* extra into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[$*]'
	@touch $@
