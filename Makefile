# Every target sets up what is missing; README.md says what each is for.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.made
SOFFICE := $(shell command -v soffice || command -v libreoffice)
NGINX := $(shell PATH="$$PATH:/usr/sbin" command -v nginx)
SYSTEMD := $(shell command -v systemd-analyze)
CHROMIUM := $(shell command -v chromium)
FAKETIME := $(wildcard /usr/lib/*/faketime/libfaketimeMT.so.1)

.PHONY: setup demo run test stress broken lint bench audit lock system clean

setup: $(STAMP)

$(STAMP): requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@touch $(STAMP)

demo: $(STAMP)
	$(PY) -m bot demo

run: $(STAMP)
	$(PY) -m bot run

# libfaketime lets the wall clock of a running bot jump, LibreOffice opens the workbooks (about 45 s to install), Chromium
# the demo's chat page, nginx and systemd read what deploy/ has for them; without them those tests are skipped.
system:
ifeq ($(FAKETIME),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq faketime >/dev/null; \
	else echo "skipping the tests with a jumping wall clock: apt-get install faketime"; fi
endif
ifeq ($(and $(NGINX),$(SYSTEMD)),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light systemd >/dev/null; \
	else echo "skipping nginx's and systemd's own check of deploy/: apt-get install nginx-light systemd"; fi
endif
ifeq ($(SOFFICE),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui >/dev/null; \
	else echo "skipping the workbooks in LibreOffice: apt-get install --no-install-recommends libreoffice-calc-nogui"; fi
endif

ifeq ($(CHROMIUM),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; \
	else echo "skipping the chat page in a browser: apt-get install chromium"; fi
endif

# Three at once on two cores: a third of the time somebody waits for a process or for a length of time.
test: $(STAMP) system
	$(PY) -m pytest -q -n 3 --dist worksteal

# The same with the city's full numbers: what takes too long for every day. Ends with a table of what was done to
# the bot, how often, and what was lost (nothing) or came twice (named). Three at once on two cores: half of them wait.
stress: $(STAMP) system
	$(PY) -m pytest -q -m slow -n 3 --maxschedchunk 1 -o timeout_func_only=true

# Takes each defence away, one at a time, in a copy of the tree, and sees that its tests turn red; NAMES="…" for some.
broken: $(STAMP)
	$(PY) -m tests.broken $(NAMES)

# Asks no network. The last one finds secrets that lie about, and exceptions from the security rules without a reason.
lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tests.lint

# Prints ratios of things measured in the same run; takes about half an hour on a machine that does nothing else.
# `make bench PARTS="hall --runs 1"` measures one part. The peers live in an environment of their own (build/peers).
bench: $(STAMP) build/peers/.made
	$(PY) -m tests.bench $(PARTS)

build/peers/.made: tests/bench/peers.txt
	@mkdir -p build
	@if $(PYTHON) -m venv build/peers && build/peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<; \
	then touch $@; else rm -rf build/peers; echo "the peers' environment could not be made: measuring without them"; fi

# Asks a vulnerability database about every pinned package, from an environment of its own. Ends with 0 only when all
# were really looked up and none is known to be vulnerable, with 1 when one is, with 2 when nobody could be asked.
audit: $(STAMP)
	@$(PY) -m tests.audit

# For developers: pins anew with uv, which names no host in its output.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build
