# `make` lists what there is. Everything prepares its own environment first (tools/bootstrap.sh).
DATA ?= ../shared/data
SPLIT ?= 1
JOBS ?= 2
MYSQL ?= 8.4 9
WITH_SERVER := tests/integration/sync tests/faults/sync tests/gui/centre
BIN := .venv/bin
TRAIN := .venv-train/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test lint bench evaluate cards compare train test-train test-mysql test-long lock clean env env-test env-long env-train

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: env ## open Clinic App; with no display, run its demo
	@$(BIN)/python main.py

test: lint ## lint, types, layers and the tests
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

lint: env-test ## ruff, mypy, import-linter
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports >build/layers.log || { cat build/layers.log; exit 1; }

bench: env-test ## measure reading, start-up, a large clinic, sync, learning and the studio; write docs/benchmarks.md
	$(BIN)/python -m tests.bench

evaluate: env data ## accuracy of the shipped models on labelled data (DATA=folder SPLIT=number)
	$(BIN)/clinic-app evaluate $(DATA)/fer2013_ferplus.npz --split $(SPLIT)

cards: env-train data ## measure the shipped models at length; write models/cards and into docs
	$(TRAIN) -m clinic_app.training.report --data $(DATA) --out build/train

compare: env-train data ## train the nets of the papers and the Johnson net for the same time beside ours, for the cards (an hour and a half)
	$(TRAIN) -m clinic_app.training compare --data $(DATA) --out build/train --minutes 15

train: env-train data ## train the models anew into build/train, and hold their figures against the shipped (DATA=folder)
	$(TRAIN) -m clinic_app.training train --data $(DATA) --out build/train
	$(TRAIN) -m clinic_app.training.reproduced --again build/train/models

test-train: env-train data ## a short training run on the real data, and the tests of training
	$(TRAIN) -m clinic_app.training train --quick --data $(DATA) --out build/train-quick
	$(TRAIN) -m clinic_app.training studio --quick --data $(DATA) --out build/train-quick
	$(TRAIN) -m pytest -q -m training tests/training

test-mysql: env-test ## the tests of sync on MySQL 8.4 and 9 (downloads the servers, see tools/mysql.py)
	@$(BIN)/python tools/mysql.py $(MYSQL)
	for version in $(MYSQL); do CLINIC_APP_TEST_SERVER=mysql-$$version \
		$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal $(WITH_SERVER) || exit 1; done

test-long: env-long ## the tests that take minutes
	$(BIN)/python -m pytest -q -m long -n $(JOBS) --dist worksteal || [ $$? -eq 5 ]

lock: ## write the lock files anew (needs the network)
	tools/lock.sh

clean: ## remove build outputs, caches and environments
	rm -rf build dist out *.egg-info .venv .venv-train .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

env:
	@tools/bootstrap.sh run

env-test:
	@tools/bootstrap.sh test

env-long:
	@tools/bootstrap.sh long

env-train: data
	@tools/bootstrap.sh train

.PHONY: data
data:
	@[ -d "$(DATA)" ] || { echo "The training data is not in $(DATA). Name its folder: make DATA=/path ..." >&2; exit 1; }
