# Every target sets up what it needs by itself and needs only Python 3.11 or newer.
.PHONY: demo test faults coverage screenshots lint fix revision requirements clean
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from
# One more than the cores that it is made for: a test that drives a server also waits for it.
WORKERS ?= 3

help:
	@echo 'make demo          open a page with a Slack of your own and the bot in it'
	@echo 'make setup         install it, which the others do by themselves'
	@echo 'make test          run the tests on SQLite and PostgreSQL'
	@echo 'make coverage      the same, and what the tests do not reach (slower)'
	@echo 'make faults        make everything fail that can, and write docs/faults.md (about fifteen minutes)'
	@echo 'make screenshots   make the pictures of the README again (needs Chromium)'
	@echo 'make lint          check style and types        make fix   repair what can be repaired'
	@echo 'make revision m=…  write the migration for changed tables'
	@echo 'make requirements  lock the dependencies again (needs uv)'
.PHONY: help setup

setup:
	@sh .ci/setup $(VENV) $(STAMP)

demo: setup
	@$(BIN)/safe-to-fail demo $(ARGS)

test: setup
	@echo 'Running every test on SQLite and PostgreSQL (about ten minutes on two cores)…'
	@rm -f build/slack-calls.jsonl && mkdir -p build
	@$(BIN)/python -m pytest -q -n $(WORKERS) $(ARGS)

coverage: setup
	@rm -rf build/slack-calls.jsonl .coverage .coverage.* && mkdir -p build
	@$(BIN)/coverage run -m pytest -q -n $(WORKERS) $(ARGS)
	@$(BIN)/coverage combine -q && $(BIN)/coverage report

faults: setup
	@$(BIN)/python -m faults $(ARGS)

screenshots: setup
	@mkdir -p docs/pictures
	@$(BIN)/python -m pytest -q tests/browser/test_story.py --pictures docs/pictures
	@ls -l docs/pictures

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fix: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

revision: setup
	@test -n "$(m)" || { echo 'Say what changes: make revision m="add a table"' >&2; exit 1; }
	@rm -f build/revision.db*
	@$(BIN)/alembic upgrade head
	@$(BIN)/alembic revision --autogenerate -m "$(m)"

UV ?= uv
COMPILE := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
requirements:
	@command -v $(UV) >/dev/null || { echo 'uv is not installed: see https://docs.astral.sh/uv/' >&2; exit 1; }
	@$(COMPILE) pyproject.toml --extra postgres -o requirements/run.txt
	@$(COMPILE) pyproject.toml --extra postgres --group dev -c requirements/run.txt -o requirements/dev.txt

clean:
	@rm -rf $(VENV) build dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
