# Every target sets up what it needs; only python3 (3.11 or newer) and make are assumed.
PYTHON ?= python3
BIN := .venv/bin
FOUR := --numprocesses 4 --dist worksteal

.PHONY: setup demo test lint bench clean
.DEFAULT_GOAL := demo

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "stuncheck needs Python 3.11 or newer; set PYTHON=python3.12, say")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: setup
	@$(BIN)/stuncheck demo $(ARGS)

# Most tests wait more than they work, so four run at a time on any machine; those that must end in
# time keep to themselves, and those that measure run alone. With ARGS, a path or -k, say, it is one
# process.
test: setup
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	@status=0; \
	$(BIN)/python -m pytest $(FOUR) -m "not timed and not alone" || status=$$?; \
	$(BIN)/python -m pytest $(FOUR) -m timed || status=$$?; \
	$(BIN)/python -m pytest -m alone || status=$$?; \
	exit $$status
endif

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
