# One image for every process of Sagewright; docker-compose.yml says which command each one runs.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.lock

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 SAGEWRIGHT_DATA=/data
RUN useradd --system --uid 10001 --create-home sagewright && install -d -o sagewright -m 0700 /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
RUN python -m compileall -q .
USER sagewright
# The files are collected into the image, so that any number of web processes can serve them; the key is for this step only.
RUN SAGEWRIGHT_SECRET_KEY=not-a-secret python manage.py collectstatic --noinput --verbosity 0
EXPOSE 8000 8001 8002 8003 8004
CMD ["python", "manage.py", "help"]
