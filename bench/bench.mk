# Every figure we claim, one command each. BENCH passes options on, as in: make bench-overhead BENCH="--rounds 3 --scale 0.5"
PEERS := bench/.venv-peers

.PHONY: bench-overhead bench-peers bench-lock bench-detection-workers bench-policy bench-audit proof-audit

bench-overhead: install-test  ## what the gateway costs: CPU and wall time per request, direct and through it
	@$(BIN)/python -m bench.overhead $(BENCH)

bench-peers: install-test $(PEERS)/installed  ## the gateway beside LiteLLM with Presidio (installs them, about 1 GB, once)
	@$(BIN)/python -m bench.peers $(BENCH)

bench-detection-workers: install-test  ## where a large text should be read: on the event loop, in a thread or in a process
	@$(BIN)/python -m bench.detection_workers $(BENCH)

bench-policy: install-test  ## what a decision costs under 200 rules, and whether it stays so as tenants grow
	@$(BIN)/python -m bench.policy $(BENCH)

bench-audit: install-test  ## what the record of an exchange costs, with the Merkle tree and without
	@$(BIN)/python -m bench.audit $(BENCH)

proof-audit: install-test  ## kill processes that write to one log, 100 times, and verify what they leave
	@$(BIN)/python -m bench.audit.proof $(BENCH)

$(PEERS)/installed: bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --require-hashes --only-binary :all: -r $<
	@touch $@

bench-lock: .venv/bin/python  ## resolve the peers' dependencies again and write their hash-locked file
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
	  --custom-compile-command "make bench-lock" -o bench/peers/requirements.txt bench/peers/requirements.in
