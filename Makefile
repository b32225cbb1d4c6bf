# Every target makes what it needs: a virtual environment in .venv, with the versions in constraints.txt.
PYTHON ?= python3
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help tune compare test test-slow lint bench docs thumbs hero clean

help:            ## list the targets
	@grep -E '^[a-z-]+: .*##' Makefile | sed -E 's/:.*##/\t/'

tune: .venv/tune            ## tune the classifier on the bundled customers; results in runs/customers
	$(BIN)/bayestuner tune --workers 2

compare: .venv/tune            ## grid, random and Bayesian search on the same splits; results in runs/compare-customers
	OMP_NUM_THREADS=1 $(BIN)/bayestuner compare --workers 2

test: .venv/test            ## the test suite, without the checks that take minutes
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto

test-slow: .venv/test            ## the checks that take minutes
	$(BIN)/python -m pytest -m slow

lint: .venv/test            ## style and types, as CI checks them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/test            ## print time ratios against the references
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks

docs: .venv/docs            ## the tutorials and the reference as a site: build/docs/index.html
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -W --keep-going -q -b html tutorials/site build/docs

thumbs: docs            ## the small pictures in the README, from the site
	$(BIN)/python tutorials/site/thumbs.py

hero: .venv/tune            ## the animation on the first screen
	$(BIN)/bayestuner animate forrester --pace brief --trials 8 --seed 2 -o tutorials/site/_static/hero.gif

clean:            ## remove the environment and all caches; runs/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/tune: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) torch -e ".[classifier]"
	@touch $@

.venv/docs: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) torch -e ".[classifier,docs]"
	@touch $@

.venv/test: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) torch -e ".[test]"
	@touch $@
