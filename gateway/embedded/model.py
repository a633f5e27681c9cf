"""Serves a GGUF model with llama.cpp's own server, out of the package xllamacpp: `HOST PORT FILE`."""

from __future__ import annotations

import sys


def main(host: str, port: int, file: str) -> None:
    """Serve until standard input ends."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {"smollm2-135m-instruct"}
    params.hostnames, params.port = [host], port
    params.n_ctx, params.n_parallel = 8192, 2
    params.embedding, params.pooling_type = True, xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(params)
    sys.stdin.read()
    del server


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
