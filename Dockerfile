# The gateway as a container: hash-locked packages with what Postgres and Vault need, no build tools, no model, no root.
FROM python:3.12-slim
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY locks/container.txt locks/container.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r locks/container.txt
COPY gateway gateway
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --uid 10001 --no-create-home gateway \
    && install -d -o gateway -g gateway -m 700 /state
USER gateway
ENV GATEWAY_STATE_DIR=/state GATEWAY_POLICY=/policies/policy.yaml GATEWAY_HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1 ORT_DISABLE_TELEMETRY=1
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["gateway"]
CMD ["serve"]
