# Everything a developer or an office's IT types. Python 3.11 or later is enough:
# Node comes as a Python package, into the same .venv.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm
PIP := $(BIN)/pip install -qq --disable-pip-version-check --require-hashes
PARALLEL := -n auto --maxprocesses 8 --dist worksteal
TEMPLATES = $(shell find templates -name '*.html')

# What `make run` uses: plain http, this machine only, made-up data.
DEMO := SECRET_KEY=demonstration-only-not-for-a-real-office \
        ALLOWED_HOSTS=127.0.0.1,localhost INSECURE_HTTP=1 LOG_FORMAT=plain \
        OFFICE_NAME="Office of the Police and Crime Commissioner for West Mercia"

# Neither the demonstration nor the tests touch what the caller's environment names.
unexport DEBUG DATABASE_URL DATABASE_OWNER_URL TEST_DB EMAIL_URL DJANGO_SETTINGS_MODULE
# The production start does.
GIVEN = $(foreach name,DATABASE_URL EMAIL_URL,$(if $(value $(name)),$(name)='$(value $(name))'))
# Every worker would compile all tests anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: help run install serve test check units browser format lock clean

help:  ## Say what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/run static/build/app.css  ## Start with demonstration data on http://127.0.0.1:8000 (PORT=...)
	@$(DEMO) $(MANAGE) migrate --verbosity 0
	@$(DEMO) $(MANAGE) createcachetable --verbosity 0
	@$(DEMO) $(MANAGE) collectstatic --no-input --verbosity 0
	@$(DEMO) $(MANAGE) demo_data
	@echo
	@echo "Open http://127.0.0.1:$(PORT)/ and sign in as staff@demo.example,"
	@echo "commissioner@demo.example, liaison@demo.example or administrator@demo.example."
	@echo "The password of each is assurance-demo. Ctrl-C stops the server."
	@$(DEMO) $(BIN)/gunicorn assurance.wsgi --worker-class gthread --workers 2 --threads 4 \
	    --bind 127.0.0.1:$(PORT) --log-level warning --no-control-socket

install: .venv/run static/build/app.css  ## What a real installation needs; see the README
	@SECRET_KEY=none ALLOWED_HOSTS=none DATABASE_URL=sqlite://:memory: \
	    $(MANAGE) collectstatic --no-input --verbosity 0

serve:  ## Start as in production, with the settings of the environment
	@$(GIVEN) $(BIN)/gunicorn -c assurance/deploy/gunicorn_conf.py assurance.wsgi

test: check units browser  ## Everything: lint, types, SQLite, PostgreSQL, browser

check: .venv/dev static/build/app.css  ## Lint, types, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	$(BIN)/mypy
	@DEBUG=1 DATABASE_URL=sqlite://:memory: $(MANAGE) makemigrations --check --dry-run

units: .venv/dev static/build/app.css  ## Tests on SQLite, then on a throw-away PostgreSQL
	$(BIN)/pytest $(PARALLEL) -m "not browser"
	$(BIN)/python -m tests.postgresql $(BIN)/pytest $(PARALLEL) -m "not browser"

browser: .venv/dev static/build/app.css  ## Tests in a real Chromium
	$(BIN)/pytest $(PARALLEL) -m browser

format: .venv/dev  ## Put code and templates in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@$(BIN)/djade --target-version 5.2 $(TEMPLATES)

lock: .venv/dev  ## Choose new versions within pyproject.toml and package.json
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --universal --generate-hashes --no-header \
	    --python-version 3.11 -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --universal --generate-hashes --no-header \
	    --python-version 3.11 --extra dev -c requirements.txt -o requirements-dev.txt
	$(NPM) update --package-lock-only

clean:  ## Remove what was built or installed here; data stays
	rm -rf .venv node_modules static/build var/static

.venv/run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed")'
	@echo "Installing what it needs into .venv (a minute)"
	@$(PYTHON) -m venv .venv
	@$(PIP) -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/run
	@echo "Installing what the tests need into .venv"
	@$(PIP) -r requirements-dev.txt
	@touch $@

node_modules/.done: package.json package-lock.json .venv/run
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

static/build/app.css: node_modules/.done $(wildcard static/scss/*.scss static/js/*.js static/*.svg)
	@$(NPM) run --silent build
	@touch $@
