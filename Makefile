# Every target says in one line what it does: make help
SHELL := /bin/bash
VENV := .venv
HOME_OF_DATA := $(abspath $(or $(CCHC_HOME),var))
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := $(VENV)
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help run test test-fast test-postgres lint docs bench detect up down clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

run: $(VENV)/.ready  ## set everything up, close 2023 of the stand-in province through the real DAG, compare with the printed reports
	@python -m quickstart.run

test: $(VENV)/.ready  ## all tests but the PostgreSQL one
	pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not postgres"

test-fast: $(VENV)/.ready  ## the inner loop: no dbt, no Great Expectations, no Airflow
	pytest -n 2 --dist loadfile -m "not slow and not postgres"

test-postgres: $(VENV)/.ready  ## the deployment's processes against a real PostgreSQL
	pytest -m postgres

lint: $(VENV)/.ready  ## ruff, mypy, sqlfluff
	ruff check .
	ruff format --check .
	mypy
	sqlfluff lint --config dbt_project/.sqlfluff --processes 2 dbt_project/models dbt_project/tests expectations/frames

# Of a copy: dbt opens a file for writing, and a close may want it.
docs: $(VENV)/.ready  ## the dbt documentation site (lineage, columns, tests) of the newest build file; after make run
	@mkdir -p $(HOME_OF_DATA)/docs && cp -L $(HOME_OF_DATA)/build/warehouse.duckdb $(HOME_OF_DATA)/docs/
	@cd $(HOME_OF_DATA)/docs && CCHC_BUILD_FILE=warehouse.duckdb dbt docs generate --static --quiet \
		--project-dir $(CURDIR)/dbt_project --profiles-dir $(CURDIR)/dbt_project --target-path $$PWD --log-path $$PWD
	@echo "open $(HOME_OF_DATA)/docs/static_index.html"

bench: $(VENV)/.ready  ## benchmarks (half an hour); the figures seen are in docs/benchmarks.md
	@$(UV) sync --frozen --all-groups --compile-bytecode --quiet
	python -m bench

detect: $(VENV)/.ready  ## what the gate finds and what it does not: faults in made-up provinces, written to docs/detection.md (a quarter of an hour)
	python -m sandbox.detection

up: $(VENV)/.ready  ## a local Airflow with its UI beside the stand-in province, until interrupted or make down
	@python -m quickstart.up

down:  ## stop what make up started
	@python -m quickstart.down

clean:  ## remove everything that was read, built and published, and the environment
	rm -rf var $(VENV) .uv dbt_project/target dbt_project/logs

$(VENV)/.ready: pyproject.toml uv.lock | $(if $(shell command -v uv 2>/dev/null),,.uv/bin/uv)
	@echo "installing the environment into $(VENV) (once) …"
	@$(UV) sync --frozen --all-groups --no-group bench --compile-bytecode --quiet
	@touch $@

.uv/bin/uv:
	@echo "installing uv into .uv (once) …"
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv
