# Two commands do everything on a fresh machine:
#   make run    install, then serve the gateway on embedded defaults in front of a real local model
#   make test   install, then run every check and every test
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test lock clean

lock:  ## resolve the dependencies again and write the hash-locked files
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet --extra demo --extra build --upgrade -o locks/run.txt pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet --extra demo --extra build --extra test -c locks/run.txt -o locks/test.txt pyproject.toml
