# Each target sets up what it needs and says what it does. Nothing is installed outside of .venv and .cache, but for
# Debian's packages (the browser, and Python's venv where it is missing), which need root.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .cache/stamps

.PHONY: help demo test check format bench docs screenshots clean

help: ## What can be made.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: $(STAMPS)/package ## Runs the documented example until somebody answers.
	@echo "Running examples/human_in_the_loop.py: open the link that it prints, and answer."
	@$(BIN)/python examples/human_in_the_loop.py

test: check $(STAMPS)/azurite $(STAMPS)/tools ## Passes every check and every test, and prints the coverage by branch of the first two kinds.
	@echo "Running all tests: unit, integration (real stores and servers), acceptance (whole processes, a browser)."
	@scripts/run-tests

check: $(STAMPS)/test ## Checks format, lint and strict types.
	@echo "Checking format, lint and types."
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(STAMPS)/test ## Formats the code.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(STAMPS)/test $(STAMPS)/earlier ## Measures speed beside the earlier plugin and writes docs/benchmarks.md.
	@echo "Measuring; it takes some 12 minutes, on a machine that does nothing else."
	@$(BIN)/python -m benchmarks.run

docs: $(STAMPS)/docs ## Builds the documentation into site/.
	@$(BIN)/mkdocs build --strict
	@echo "Open site/index.html"

screenshots: $(STAMPS)/test $(STAMPS)/tools ## Makes the pictures of the README and of the gallery anew.
	@$(BIN)/python scripts/screenshots.py
	@$(BIN)/python scripts/gallery.py
	@$(BIN)/python scripts/terminal.py

clean: ## Removes all that was set up or made.
	rm -rf .venv .cache .artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis site .coverage .coverage.*

$(BIN)/python:
	@echo "Setting up .venv."
	@$(PYTHON) -m venv .venv 2>/dev/null || { scripts/install-debian python3-venv && $(PYTHON) -m venv .venv; }
	@# Dependency groups need pip 25.1.
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(STAMPS)/package: $(BIN)/python pyproject.toml
	@echo "Installing the package into .venv."
	@$(BIN)/python -m pip install --quiet --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: $(STAMPS)/package
	@echo "Installing what tests and checks need into .venv."
	@$(BIN)/python -m pip install --quiet --group test --group check
	@touch $@

$(STAMPS)/docs: $(STAMPS)/package
	@echo "Installing what the documentation needs into .venv."
	@$(BIN)/python -m pip install --quiet --group docs
	@touch $@

$(STAMPS)/azurite: package.json
	@echo "Installing the Azure emulator into .cache/azurite."
	@mkdir -p .cache/azurite $(STAMPS) && cp package.json .cache/azurite/
	@npm install --prefix .cache/azurite --no-audit --no-fund --no-package-lock --loglevel=error
	@touch $@

$(STAMPS)/tools: $(STAMPS)/test
	@scripts/install-test-tools
	@touch $@

$(STAMPS)/earlier: $(STAMPS)/test scripts/install-earlier
	@scripts/install-earlier $(PYTHON)
	@touch $@
