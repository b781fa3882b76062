# The two commands of a fresh machine are `make run` and `make test`. `make help` lists the rest.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test check bench soak fuzz format lock clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/run.stamp: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Broadsheet needs Python 3.11 or newer; set PYTHON=.") if sys.version_info < (3, 11) else None'
	@echo "Building the environment in .venv; this takes a minute the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'broadsheet-checkout.pth').write_text(str(pathlib.Path.cwd()) + '\n')"
	@printf '#!/bin/sh\nexec "$(CURDIR)/$(BIN)/python" -m broadsheet.config.cli "$$@"\n' > $(BIN)/broadsheet
	@chmod +x $(BIN)/broadsheet
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

run: .venv/run.stamp ## the demo paper at http://localhost:8000 (PORT= changes it)
	@$(BIN)/broadsheet demo --port $(PORT)

# The journeys of a file share its paper, so that a file stays on one worker.
test: .venv/dev.stamp ## the whole suite
	$(BIN)/python -m pytest -n auto -m "not soak" --ignore=tests/e2e
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not soak" tests/e2e

soak: .venv/dev.stamp ## the long tests
	$(BIN)/python -m pytest -m soak

fuzz: .venv/dev.stamp ## spoilt feeds of every format, for long
	$(BIN)/python -m pytest --hypothesis-profile=fuzz broadsheet/wire/tests/formats/test_fuzzed_feeds_do_no_harm.py

check: .venv/dev.stamp ## format, lint, types, import contract, migrations, sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/contracts/migrations.py
	$(BIN)/python tests/contracts/sizes.py

bench: .venv/dev.stamp ## side by side with nginx and feedparser, from the wire to the page
	$(BIN)/python -m bench.gate
	$(BIN)/python -m bench.start
	$(BIN)/python -m bench.parse
	$(BIN)/python -m bench.news
	$(BIN)/python -m bench.polling
	$(BIN)/python -m bench.desk
	$(BIN)/python -m bench.money

format: .venv/dev.stamp ## put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## pin what pyproject.toml asks for (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-package pillow-heif -q -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-package pillow-heif -q -o requirements-dev.lock

clean: ## remove the environment and the demo paper
	rm -rf .venv var
