# Two commands: `make run` and `make test`. Everything happens in .venv, from the lock files.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
SECONDS ?= 300
CLIENTS ?= 8
BIOME := 2.6.8
VENV := .venv
BIN := $(VENV)/bin
LOCKING := --universal --python-version 3.11 --generate-hashes --no-header --quiet

.PHONY: run train-env test check bench scale-test load lock wheel translations clean

run: $(VENV)/run.stamp
	$(BIN)/agelens serve --host $(HOST) --port $(PORT)

# What `agelens train` needs beside: TensorFlow, which has no wheels for Python 3.14 yet.
train-env: $(VENV)/train.stamp

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest $(TESTS)

check: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	@if command -v npx >/dev/null; then npx --yes @biomejs/biome@$(BIOME) ci --colors=off --error-on-warnings static; \
		else echo "biome needs Node: styles and scripts are not checked."; fi

# What is installed is remembered in a stamp, so a second run starts at once.
$(VENV)/run.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
		|| { echo "agelens needs Python 3.11 to 3.14; try: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	-AGELENS_MODELS_DIR=$(VENV)/share/agelens/models $(BIN)/agelens models install retinaface
	touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

$(VENV)/train.stamp: $(VENV)/run.stamp requirements-train.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-train.lock
	touch $@

# `make bench PHOTOS=folder` measures the JPEG files of a folder, too.
bench: $(VENV)/test.stamp
	MALLOC_ARENA_MAX=2 $(BIN)/python -m benchmarks $(PHOTOS)

# nginx, two web machines, two workers, Redis and a bucket on the loopback, killed in the middle.
# Needs the programs nginx and redis-server.
scale-test: $(VENV)/test.stamp
	$(BIN)/python -m tests.scale

# `make load SECONDS=60 CLIENTS=16 PHOTOS=folder`: clients of all kinds against a server of its own.
load: $(VENV)/test.stamp
	$(BIN)/python -m benchmarks.load --seconds $(SECONDS) --clients $(CLIENTS) $(PHOTOS)

wheel: $(VENV)/test.stamp
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

# Needs uv. The files name versions and hashes, never where a package comes from.
lock:
	uv pip compile pyproject.toml $(LOCKING) --output-file requirements.lock
	uv pip compile pyproject.toml $(LOCKING) --extra train --constraint requirements.lock \
		--output-file requirements-train.lock
	uv pip compile pyproject.toml $(LOCKING) --extra train --group test --group check \
		--constraint requirements-train.lock --output-file requirements-dev.lock
	uv pip compile pyproject.toml $(LOCKING) --extra machines --constraint requirements-dev.lock \
		--output-file deploy/requirements.lock

# Puts new sentences of pages and errors into translations/ and removes those that are gone.
translations: $(VENV)/test.stamp
	$(BIN)/python -m tests.catalogues

clean:
	rm -rf $(VENV) build dist
