# trucecast as an image: the service, and by other words every other command. docs/deploy.md
FROM python:3.11-slim AS made
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements-image.lock ./
RUN python -m venv /opt/trucecast \
    && /opt/trucecast/bin/pip install --require-hashes --only-binary :all: -r requirements-image.lock
COPY pyproject.toml README.md LICENSE trucecast.py ./
COPY truce ./truce
COPY models ./models
COPY training ./training
COPY service ./service
RUN /opt/trucecast/bin/pip install --no-deps --no-build-isolation --no-index .

FROM python:3.11-slim
# A user of its own, and a folder that is its own: the home, to be kept in a volume.
RUN useradd --system --uid 10001 --user-group --no-create-home trucecast \
    && install -d -o trucecast -g trucecast /var/lib/trucecast
COPY --from=made /opt/trucecast /opt/trucecast
ENV PATH=/opt/trucecast/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TRUCECAST_HOME=/var/lib/trucecast
WORKDIR /var/lib/trucecast
VOLUME /var/lib/trucecast
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=3)"]
ENTRYPOINT ["trucecast"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
