# Two commands: `make book` and `make test`. README.md says what else there is.
#   PROFILE   quick (default), cpu or paper
#   NOTEBOOK  only these notebooks (comma-separated) run at PROFILE, the others at quick
#   JOBS      processes at once, one thread each
#   DEVICE    cpu (default) or cuda

PYTHON ?= python3
PROFILE ?= quick
NOTEBOOK ?=
DEVICE ?= cpu
JOBS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() or 1)')
ifneq ($(shell $(PYTHON) -c 'print("$(JOBS)".isdecimal() and int("$(JOBS)") > 0)'),True)
$(error JOBS is a positive number of processes, not "$(JOBS)")
endif

BIN := .venv/bin
# One thread a process and one process a core: small matrices gain nothing from more threads.
export OMP_NUM_THREADS := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONHASHSEED := 0

.PHONY: book test check clean

book: .venv/.installed
	@wsbook build --profile $(PROFILE) --notebook "$(NOTEBOOK)" --device $(DEVICE) --jobs $(JOBS)

test: book
	@wsbook check
	@CI=true pytest -n $(JOBS) --dist loadgroup tests

check: .venv/.installed
	@wsbook check

.venv/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "wsbook needs Python 3.11, 3.12 or 3.13; name one with: make book PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf _build book/executed book/generated .snakemake
