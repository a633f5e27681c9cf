# The gateway with what encrypts: the server of docs/fhe.md, and gateways that are its clients. Like the other image, but for the lock.
FROM python:3.12-slim
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY locks/fhe.txt locks/fhe.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r locks/fhe.txt
COPY gateway gateway
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --uid 10001 --no-create-home gateway \
    && install -d -o gateway -g gateway -m 700 /state
USER gateway
ENV GATEWAY_STATE_DIR=/state GATEWAY_POLICY=/policies/policy.yaml GATEWAY_HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1 ORT_DISABLE_TELEMETRY=1 NUMBA_CACHE_DIR=/tmp/numba
EXPOSE 8080 8790
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["gateway"]
CMD ["serve"]
