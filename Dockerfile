# One image for every process of Sagewright; docker-compose.yml says which command each one runs.
# Another base: docker build --build-arg PYTHON=python:3.12-slim-bookworm@sha256:... .
ARG PYTHON=python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3

FROM ${PYTHON} AS packages
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.lock

# C of our own reads numbers and walks trees; the image itself has no compiler.
FROM ${PYTHON} AS compiled
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY common common
COPY algorithms algorithms
RUN python -m algorithms.c_code

FROM ${PYTHON}
# The collected files belong to the version: in /data they would be hidden by what an earlier one left there.
# The root folder is read-only in a container, and what uv has downloaded is linked into the environments of scripts.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 SAGEWRIGHT_DATA=/data SAGEWRIGHT_STATIC=/app/collected UV_CACHE_DIR=/data/uv
RUN groupadd --gid 10001 sagewright \
 && useradd --no-log-init --uid 10001 --gid 10001 --create-home sagewright \
 && install -d -o sagewright -g sagewright -m 0700 /data \
 && install -d -o sagewright -g sagewright /app/collected
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
COPY --from=compiled /app/algorithms algorithms
RUN python -m compileall -q .
# By its number, so that Kubernetes can tell that it is not root.
USER 10001:10001
# The files are collected into the image, so that any number of web processes can serve them; the key is for this step only.
RUN SAGEWRIGHT_SECRET_KEY=not-a-secret python manage.py collectstatic --noinput --verbosity 0
VOLUME /data
EXPOSE 8000 8001 8002 8003 8004
CMD ["python", "manage.py", "help"]
