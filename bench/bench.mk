# Every figure we claim, one command each. BENCH passes options on, as in: make bench-overhead BENCH="--rounds 3 --scale 0.5"
PEERS := bench/.venv-peers

.PHONY: run-cluster proof-state bench-cluster bench-telemetry bench-overhead bench-peers bench-lock bench-detection-workers bench-policy bench-audit proof-audit bench-explorer bench-cache bench-semantic

bench-overhead: install-test  ## what the gateway costs: CPU and wall time per request, direct and through it
	@$(BIN)/python -m bench.overhead $(BENCH)

bench-peers: install-test $(PEERS)/installed  ## the gateway beside LiteLLM with Presidio (installs them, about 1 GB, once)
	@$(BIN)/python -m bench.peers $(BENCH)

bench-detection-workers: install-test  ## where a large text should be read: on the event loop, in a thread or in a process
	@$(BIN)/python -m bench.detection_workers $(BENCH)

bench-policy: install-test  ## what a decision costs under 200 rules, and whether it stays so as tenants grow
	@$(BIN)/python -m bench.policy $(BENCH)

bench-audit: install-test  ## what the record of an exchange costs, with the Merkle tree and without, in SQLite and Postgres
	@$(BIN)/python -m bench.audit $(BENCH)

bench-explorer: install-test  ## how long the explorer's pages take at a million exchanges: BENCH="--exchanges 200000"
	@$(BIN)/python -m bench.explorer $(BENCH)

bench-telemetry: install-test  ## what spans, metrics and logs cost an exchange
	@$(BIN)/python -m bench.telemetry $(BENCH)

proof-audit: install-test  ## kill processes that write to one log, 100 times; BENCH="--database postgres" for that
	@$(BIN)/python -m bench.audit.proof $(BENCH)

bench-cache: install-test  ## what an answer from the cache costs, beside LiteLLM's cache where bench-peers has installed it
	@$(BIN)/python -m bench.cache $(BENCH)

run-cluster: install-test  ## two gateways, a balancer, Redis and Postgres as processes: CLUSTER="--backend http://127.0.0.1:8090/v1"
	@$(BIN)/python -m bench.cluster $(CLUSTER)

proof-state: install-test  ## kill, freeze and restart Redis, Postgres and gateways under load: BENCH="--minutes 10"
	@$(BIN)/python -m bench.state $(BENCH)

bench-cluster: install-test  ## requests a second with one worker and with two
	@$(BIN)/python -m bench.cluster.throughput $(BENCH)

bench-semantic: install-test  ## hits and false hits of the semantic cache on written pairs, beside plain cosine
	@$(BIN)/python -m bench.semantic $(BENCH)

$(PEERS)/installed: bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --require-hashes --only-binary :all: -r $<
	@touch $@

bench-lock: .venv/bin/python  ## resolve the peers' dependencies again and write their hash-locked file
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
	  --custom-compile-command "make bench-lock" -o bench/peers/requirements.txt bench/peers/requirements.in
