# `make help` lists everything. Every target brings what it needs: the virtual
# environment first, then the containers.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# What the life-cycle targets act on, e.g. make stop INVENTORY=inventories/staging
INVENTORY ?= inventories/local
# More options for ansible-playbook, e.g. ARGS='--check --diff'
ARGS ?=
# Inventory host of `make psql`, and the database; that of the host's system when empty
HOST ?= db1
DB ?=
# One system that `make up` brings up; all of them when empty
SYSTEM ?=
# One molecule scenario; all of them when empty
SCENARIO ?=
# What `make bench` measures
SUITE ?= transactions
# Whether others write to the terminal, too: what SQL tests say is then shown as a whole when they have ended.
BESIDE ?=

PYTHON := .venv/bin/python
PGOPS := .venv/bin/pgops
# Stamps: what is installed is renewed when its lock changes.
RUNTIME := .venv/runtime.installed
TEST := .venv/test.installed
# ansible-lint resolves against whatever lies in its Ansible home, so it gets one of its own.
LINT_HOME := $(CURDIR)/.pgops/ansible-lint
# Each process has servers of its own; the tests of a file stay together, as they share what the file prepares.
PARALLEL := --numprocesses=auto --maxprocesses=4 --dist=loadfile

export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

$(RUNTIME): requirements/runtime.txt requirements/bootstrap.txt requirements/bootstrap pyproject.toml
	@requirements/bootstrap runtime
	@touch $@

$(TEST): requirements/test.txt $(RUNTIME)
	@requirements/bootstrap test
	@touch $@

.PHONY: venv
venv: $(TEST) ## Make or renew .venv with everything for development

##@ The local system

.PHONY: up
up: $(RUNTIME) ## Bring up all systems on containers of this machine, or one: make up SYSTEM=operations
	@$(PGOPS) local up $(if $(SYSTEM),--system $(SYSTEM)) $(ARGS)

.PHONY: status
status: $(RUNTIME) ## Show hosts, rows, totals, jobs and replication of the local system
	@$(PGOPS) local status

.PHONY: psql
psql: $(RUNTIME) ## Open a shell in a local database: make psql HOST=db1 [DB=transactions]
	@$(PGOPS) local psql $(HOST) $(if $(DB),--database $(DB))

##@ Any inventory

.PHONY: deploy
deploy: $(RUNTIME) ## Run site.yml: make deploy INVENTORY=inventories/staging [ARGS='--check --diff']
	@$(PGOPS) play site.yml --inventory $(INVENTORY) $(ARGS)

.PHONY: stop start cleanup
stop: $(RUNTIME) ## Stop the servers of INVENTORY
start: $(RUNTIME) ## Start the servers of INVENTORY
cleanup: $(RUNTIME) ## Remove database objects and data of INVENTORY, keep its servers
stop start cleanup:
	@$(PGOPS) play playbooks/$@.yml --inventory $(INVENTORY) $(ARGS)

.PHONY: destroy
destroy: $(RUNTIME) ## Remove the servers of INVENTORY and their data (local: the containers too)
ifeq ($(INVENTORY),inventories/local)
	@$(PGOPS) local destroy $(ARGS)
else
	@$(PGOPS) play playbooks/destroy.yml --inventory $(INVENTORY) $(ARGS)
endif

##@ Tests

.PHONY: test
test: lint unit ## Run all tests of a change: lint and unit, then SQL and molecule side by side
	@$(MAKE) --jobs=2 sql molecule BESIDE=1

.PHONY: lint
lint: $(TEST) ## Check style: ruff, yamllint, ansible-lint, SQL
	ruff check .
	ruff format --check .
	yamllint --strict .
	ANSIBLE_HOME=$(LINT_HOME) ansible-lint --offline --strict
	$(MAKE) lint-sql

.PHONY: lint-sql
lint-sql: $(TEST) ## Check the style and the dangers of SQL files
	sqlfluff lint --disable-progress-bar --processes 2 files/sql src/pgops/reports
	squawk --config .squawk.toml $$(find files/sql -name '*.sql' | sort)

.PHONY: sanity
sanity: $(TEST) ## Run ansible-test's sanity tests
	tests/sanity/run

.PHONY: unit
unit: $(TEST) ## Run unit tests
	pytest $(PARALLEL) tests/unit

.PHONY: sql
sql: $(TEST) ## Test SQL and modules on real servers
ifeq ($(BESIDE),)
	pytest $(PARALLEL) tests/sql tests/modules
else
	@$(MAKE) --output-sync=target sql BESIDE=
endif

.PHONY: molecule
molecule: $(TEST) ## Test deployments on containers: make molecule [SCENARIO=default]
	pytest tests/molecule --capture=no $(if $(SCENARIO),-k '$(SCENARIO)',-m 'not long')

.PHONY: test-long
test-long: $(TEST) sanity ## Run what is too long for every change: ansible-test, all of SQL and molecule, the tutorials
	PGOPS_LONG=1 pytest $(PARALLEL) tests/sql tests/modules
	PGOPS_LONG=1 pytest tests/molecule --capture=no
	$(PYTHON) tests/docs/run_tutorial.py docs/tutorial/*.md

.PHONY: bench
bench: $(TEST) ## Measure: make bench SUITE=transactions [ARGS='--rows 5000000']
	@$(PGOPS) bench $(SUITE) $(ARGS)

##@ Upkeep

LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

.PHONY: lock
lock: $(RUNTIME) ## Lock the Python requirements anew: make lock [ARGS=--upgrade]
	cd requirements && ../$(LOCK) $(ARGS) bootstrap.in --output-file bootstrap.txt
	cd requirements && ../$(LOCK) $(ARGS) runtime.in --output-file runtime.txt
	cd requirements && ../$(LOCK) $(ARGS) test.in --constraint runtime.txt --output-file test.txt

.PHONY: docs
docs: $(TEST) ## Write the generated pages of docs/reference anew
	$(PYTHON) -m docs.generator

.PHONY: changelog
changelog: $(TEST) ## Write CHANGELOG.md anew from changelogs/fragments
	antsibull-changelog lint
	antsibull-changelog release --update-existing --refresh --reload-plugins

.PHONY: build
build: $(RUNTIME) ## Build the collection's archive
	ansible-galaxy collection build --force

.PHONY: clean
clean: ## Remove the virtual environment, links and caches (not the containers)
	rm -rf .venv .pgops ansible_collections .pytest_cache .ruff_cache .hypothesis
