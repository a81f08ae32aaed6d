# Every target sets up what it needs; only python3 (3.11 or newer) and make are assumed.
PYTHON ?= python3
BIN := .venv/bin

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

# Most tests wait more than they work, so four run at a time on any machine; then those that
# measure. With ARGS, a path or -k, say, everything runs in one process and in order.
test: setup
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest -m "not alone" --numprocesses 4 --dist worksteal; others=$$?; \
	$(BIN)/python -m pytest -m alone && exit $$others
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
