"""Django's settings. Every choice a deployment may make comes from `sagewright.environment`."""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from common.memory import GIB, machine_memory
from common.s3_uri import parse_s3_uri
from console.beat_schedule import beat_schedule
from console.database import parse_database
from console.mail_server import parse_mail_server
from sagewright import __version__
from sagewright import environment as env
from sagewright.application import ROOT, command_line
from sagewright.state import data_folder, secret

BASE_DIR = ROOT
DATA = data_folder()
VERSION = __version__
START_COMMAND = command_line()

SECRET_KEY = secret("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        f"There is no secret key yet. Start once with `{START_COMMAND}`, or set SAGEWRIGHT_SECRET_KEY."
    )
DEBUG = env.flag("DEBUG")
WEB_URL = env.text("WEB_URL")
WEB_THREADS, ENGINE_THREADS = int(env.number("WEB_THREADS")), int(env.number("ENGINE_THREADS"))
LIVE_URL = env.text("LIVE_URL")
NOTEBOOKS_URL = env.text("NOTEBOOKS_URL")  # of notebook instances, whose pages must not share the console's origin
ALLOWED_HOSTS = env.text("ALLOWED_HOSTS").split(",")
CSRF_TRUSTED_ORIGINS = [WEB_URL]
try:
    TRUSTED_PROXIES = tuple(ip_network(proxy) for proxy in env.text("TRUSTED_PROXIES").replace(",", " ").split())
except ValueError as e:
    raise ImproperlyConfigured(
        f"SAGEWRIGHT_TRUSTED_PROXIES: {e}. Give addresses or networks, such as 10.0.0.1,10.1.0.0/16."
    ) from None

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "models_app",
    "engine",
    "console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "models_app.account.middleware.page_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "console.middleware.private_pages",
    "models_app.account.middleware.idle_limit",
    "models_app.account.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "models_app.account.middleware.own_password_first",
    "models_app.account.middleware.time_zone",
    "console.middleware.answered_panics",
]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "models_app.web.context.shell",
            ],
        },
    },
]

DATABASES = {"default": parse_database(env.text("DATABASE_URL") or f"sqlite:///{DATA / 'sagewright.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _broker(redis_url: str) -> str:
    """Celery's spelling of a Redis URL: kombu names a unix socket differently from redis-py."""
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}?virtual_host=0" if parts.scheme == "unix" else redis_url


REDIS_URL = env.text("REDIS_URL") or f"unix://{DATA / 'run' / 'valkey.sock'}"
CACHES = {
    "default": {
        "BACKEND": "common.db.redis_client.Cache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1.0, "socket_connect_timeout": 1.0},
        "VERSION": 2,  # raise it when a class whose objects are cached moves: older entries could not be read
    }
}

# State lives in rows, never in Celery's results. Messages are acknowledged late, so a killed worker's
# come back; the sweep is short, so they come back soon.
CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # A worker whose tasks end while Redis is away asks nothing more of it: this look is how it learns of the loss.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "global_keyprefix": "celery:",
    "socket_connect_timeout": 3.0,
    "socket_timeout": 10.0,  # more than a worker waits for a message
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "console"
# "module:function"s that load the libraries of most jobs, once, before the first of them starts.
JOB_PRELOAD = ("engine.workloads.training_container:preload",)
CELERY_TASK_ROUTES = {
    "engine.training.*": {"queue": "training"},
    "engine.transform.*": {"queue": "training"},
    "models_app.batch.tasks.read_or_write_table": {"queue": "tables"},
    "models_app.catalog.tasks.evaluate_model": {"queue": "tables"},
    "models_app.data.tasks.scan_table": {"queue": "tables"},
    "models_app.endpoints.tasks.measure_drift": {"queue": "sending"},
    "models_app.endpoints.tasks.refresh_all_traffic": {"queue": "sending"},
    "models_app.endpoints.tasks.refresh_traffic": {"queue": "sending"},
    "models_app.endpoints.tasks.run_load_test": {"queue": "sending"},
    "models_app.notifications.tasks.deliver": {"queue": "sending"},
    "models_app.retention.tasks.*": {"queue": "sending"},
    "models_app.training.tasks.prepare_data": {"queue": "tables"},
    "models_app.tuning.tasks.prepare_data": {"queue": "tables"},
}
CELERY_TIMEZONE = "UTC"
CLAIM_HEARTBEAT = 2.0  # seconds between two signs of life of a worker that works on a row
CLAIM_LEASE = 15.0  # seconds of silence after which another worker may have the row
POLL_SECONDS = env.number("POLL_SECONDS")
EVENTS_QUEUE = env.text("EVENTS_QUEUE") or (
    f"{env.text('GATEWAY_URL')}/{env.text('ACCOUNT')}/sagewright-events" if env.text("BACKEND") == "engine" else ""
)
READER_CONCURRENCY = env.number("READER_CONCURRENCY")  # tables read at a time on one machine
TASKS = env.text("TASKS").split()  # the apps whose tasks some worker runs; empty for all
CELERY_BEAT_SCHEDULE = beat_schedule(
    has_console=not TASKS or "models_app" in TASKS,
    has_engine=env.text("BACKEND") == "engine",
    poll_seconds=POLL_SECONDS,
)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "models_app.web.errors.form_expired"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # seconds; also of sessions whose cookie ends with the browser
IDLE_LIMIT = env.number("IDLE_MINUTES") * 60  # seconds without a request of the person; 0: no limit
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = WEB_URL.startswith("https")
SECURE_CONTENT_TYPE_NOSNIFF = True
# Browsers that have seen the console behind TLS once come back by TLS alone; Django sends it over TLS only.
SECURE_HSTS_SECONDS = 365 * 86400 if WEB_URL.startswith("https") else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC") or DATA / "static")
STATICFILES_DIRS = [BASE_DIR / "static", ("docs", BASE_DIR / "docs" / "images")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "console.static_files.StaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

# Which SageMaker: "engine" is ours, "aws" is Amazon's and must be asked for by name.
BACKEND = env.text("BACKEND")
if BACKEND not in ("engine", "aws"):
    raise ImproperlyConfigured(f"SAGEWRIGHT_BACKEND is {BACKEND!r}; it must be 'engine' or 'aws'.")
CONSOLE_KEY = env.raw("CONSOLE_KEY") if BACKEND == "engine" else ""  # the console's own, where the AWS ones are not set
REGION = env.text("REGION")
# The role SageMaker assumes, and the bucket for what the console itself writes.
ROLE_ARN = env.text("ROLE_ARN")
DEFAULT_BUCKET = env.text("BUCKET") or f"sagewright-{REGION}-123456789012"

MLFLOW_URI = env.text("MLFLOW_URI")
if MLFLOW_URI and not MLFLOW_URI.startswith(("http://", "https://")):
    raise ImproperlyConfigured("SAGEWRIGHT_MLFLOW_URI must begin with http:// or https://.")

# News of people's jobs and endpoints.
try:
    _mail_server = parse_mail_server(env.text("MAIL_SERVER"))
except ValueError as e:
    raise ImproperlyConfigured(f"SAGEWRIGHT_MAIL_SERVER: {e}") from None
EMAIL_HOST, EMAIL_PORT, EMAIL_USE_SSL, EMAIL_USE_TLS, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail_server
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM")
WEBHOOK_HOSTS = tuple(env.text("WEBHOOK_HOSTS").lower().replace(",", " ").split())
NOTIFICATION_DAYS = int(env.number("NOTIFICATION_DAYS"))

SAMPLE_TABLES = "console.samples"  # the module with OFFERS and load_one; asked for by name, for it imports a library

# The engine's own side of the wire.
ENGINE_ACCOUNT = env.text("ACCOUNT")
ENGINE_ROLES = [name for name in env.text("ROLES").replace(" ", "").split(",") if name]
ENGINE_URL = env.text("ENGINE_URL")  # control plane, behind the gateway
MACHINE_ADDRESS = env.text("MACHINE_ADDRESS")  # where other machines reach the members of jobs here
GATEWAY_URL = env.text("GATEWAY_URL")  # where the engine's own processes read and write objects
STORE_ENCODES_KEYS = env.flag("STORE_ENCODES_KEYS")
STORE_URL = env.text("STORE_URL")  # http://ACCESS_KEY:SECRET_KEY@host:port of the object store behind the gateway
STORE_FOLDER = env.text("STORE_FOLDER")  # of the embedded store
S3_PUBLIC_ACCESS = env.flag("S3_PUBLIC_ACCESS")  # bucket policies may open objects to requests without a key
TELEMETRY_DAYS = env.number("TELEMETRY_DAYS")  # 0: for ever
try:  # None: what is too old is deleted
    TELEMETRY_ARCHIVE = parse_s3_uri(uri) if (uri := env.text("TELEMETRY_ARCHIVE")) else None
except ValueError as e:
    raise ImproperlyConfigured(f"SAGEWRIGHT_TELEMETRY_ARCHIVE: {e}") from None
SHORT_WAY = env.flag("SHORT_WAY")  # small predictions are answered by the HTTP protocol itself
SIGV2 = env.flag("SIGV2")  # boto3 signs presigned addresses of S3 so
JOBS_FOLDER = DATA / "jobs"
# Python environments of people's code. Those of a checkout are shared by its data folders.
_TOOLS = BASE_DIR / ".tools"
_ENVIRONMENTS = Path(env.text("ENVIRONMENTS") or (_TOOLS if _TOOLS.is_dir() else DATA) / "environments")
ENVIRONMENTS_FOLDER = _ENVIRONMENTS.resolve()
NOTEBOOKS_FOLDER = DATA / "notebooks"
NOTEBOOKS_COMMAND = command_line("manage notebook_environments")

# Bytes of memory that one process may use before it is killed with a word about it.
JOB_MEMORY = int(float(env.text("JOB_MEMORY")) * GIB) if env.text("JOB_MEMORY") else machine_memory() // 2
READER_MEMORY = (
    int(float(env.text("READER_MEMORY")) * GIB) if env.text("READER_MEMORY") else max(2 * GIB, machine_memory() // 4)
)

LOG_LEVEL = env.text("LOG_LEVEL").upper()
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
if LOG_LEVEL not in LEVELS:
    raise ImproperlyConfigured(f"SAGEWRIGHT_LOG_LEVEL is {LOG_LEVEL!r}. It is one of {', '.join(LEVELS)}.")
OWN_PACKAGES = [
    *("algorithms", "common", "console", "engine", "evaluation", "jobs", "models_app", "preflight", "sagewright"),
    *("sandbox", "tables", "__main__"),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "filters": {
        "one line": {"()": "console.refusal_logging.OneLine"},
        "few lines": {"()": "console.outage_logging.FewLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["one line", "few lines"]}
    },
    # What other packages say at lower levels is about themselves, and nobody has to act upon it.
    "root": {"handlers": ["console"], "level": max("WARNING", LOG_LEVEL, key=LEVELS.index)},
    "loggers": {package: {"level": LOG_LEVEL} for package in OWN_PACKAGES},
}
