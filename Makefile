# Two commands do everything: `make plan` and `make test`. PYTHON picks the interpreter.
PYTHON ?= python3.11
PYTHON := $(shell command -v $(PYTHON) 2>/dev/null || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
SCENARIO ?= examples/assistant.yaml

# Installed modules are compiled when they are first used, and kept.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: plan test lint bench validate docs lock clean

plan: .venv/run  ## Install, then answer the shipped scenario
	$(BIN)/wattpath plan $(SCENARIO)

test: .venv/dev  ## All tests
	$(BIN)/python -m pytest

lint: .venv/dev  ## Style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev  ## Speed of the kernels and of whole plans
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

validate: .venv/run  ## The signed error ledger on the shipped measurements
	$(BIN)/wattpath validate

docs: .venv/run  ## The pages that are generated from data, and the studies with their numbers
	$(BIN)/python -m wattpath.catalog.manual > docs/catalog.new && mv docs/catalog.new docs/catalog.md
	$(BIN)/python -m wattpath.plan.reference > docs/scenario.new && mv docs/scenario.new docs/scenario.md
	$(BIN)/python -m wattpath.projects.kept docs/projects/replans.json
	$(BIN)/python -m wattpath.report.project_pages docs
	$(BIN)/python -m wattpath.cli.studies docs/studies

lock:  ## Pin anew (needs pip-tools or uv as `pip-compile`)
	pip-compile --quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url --extra build -o requirements/run.txt pyproject.toml
	pip-compile --quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url --extra build --extra lint --extra test -o requirements/dev.txt pyproject.toml

clean:  ## Remove what was built
	rm -rf .venv out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run: requirements/run.txt pyproject.toml | .venv/bin/python
	$(PIP) install --no-compile --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(PIP) install --no-compile --require-hashes -r requirements/dev.txt
	touch $@
