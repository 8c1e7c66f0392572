"""What an instance finds inside: its folders, files and environment variables. New at every start, but the volume."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from common.memory import GIB
from common.remove_folder import remove_folder
from engine.frameworks.locked_environment import LockedEnvironment
from engine.models import NotebookInstance
from engine.models.notebook import DEFAULT_VOLUME_GB
from engine.notebooks import links
from engine.notebooks.aws_proxy import AwsProxy
from engine.notebooks.environments import ALL, SDK2, SDK3, SERVER, path_inside
from jobs.instance_types import GIBIBYTES
from sandbox.spec import Bind, Door, Limits, Spec

HOME = "/home/ec2-user"
WORK = f"{HOME}/SageMaker"  # where AWS mounts the volume; notebooks have it hard-coded
OWN = "/opt/sagewright"
PROXY_PORT = 3128  # of the proxy for AWS's addresses, inside; or the one above if the gateway has it
CERTIFICATES = f"{OWN}/certificates.pem"
SCRIPTS = f"{OWN}/lifecycle"  # read-only
PACKAGES = ("sagewright", "preflight", "jobs", "tables", "algorithms", "common")  # what the SDK needs of ours
RUN, SOCKET = "run", "jupyter.sock"
EXAMPLES = "examples"
# The second is for programs without HOME: SDK v3 starts some with no variable at all, which ask for a Region.
AWS_CONFIGS = ("home/.aws/config", "ml/.aws/config")
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HOME_BYTES = 4 * GIB  # of what is new at each start
MIN_MEMORY = 2 * GIB  # JupyterLab and one kernel with pandas; a smaller type gets this much all the same
TRUST_VARIABLES = ("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
KERNELS = (
    ("python3", SDK2, "Python 3 (SageMaker SDK v2)"),
    ("python3-sdk3", SDK3, "Python 3 (SageMaker SDK v3)"),
)


@dataclass(frozen=True)
class Secrets:
    """What an instance acts with: an access key of its person, and the token of its JupyterLab."""

    access_key: str
    secret_key: str
    token: str


class Session:
    """The folders of one instance on this machine. `root` is new at each start, `volume` lives as long as the row.

    What code inside can change is `folder`, `home` and `volume`, each whole. None of them holds anything that we write
    to, read or bind later: it could be a link by then, and lead to any file of this machine.
    """

    def __init__(self, instance: NotebookInstance, proxy: AwsProxy):
        self.instance, self._proxy = instance, proxy
        self.root = settings.NOTEBOOKS_FOLDER / "sessions" / str(instance.pk)
        self.folder, self.home, self.scripts = self.root / "ml", self.root / "home", self.root / "scripts"
        self.volume = settings.NOTEBOOKS_FOLDER / "volumes" / str(instance.pk)
        self.path = links.base_path(instance.region, instance.name)
        self.environment: dict[str, str] = {}

    @property
    def volume_bytes(self) -> int:
        """How much the volume may hold."""
        return self.instance.request.get("VolumeSizeInGB", DEFAULT_VOLUME_GB) * 1000**3

    def make(self, secrets: Secrets) -> None:
        """Make the folders anew, with the files that are found inside."""
        self.remove()
        for folder in (self.folder / RUN, self.folder / "metadata", self.home / "SageMaker", self.scripts):
            folder.mkdir(parents=True)
        self.scripts.chmod(0o755)
        self.root.chmod(0o711)
        self.root.parent.chmod(0o711)
        if not self.volume.exists():
            self.volume.mkdir(mode=0o755, parents=True)
            self.volume.parent.chmod(0o711)
            examples = Path(__file__).parent / EXAMPLES
            shutil.copytree(examples, self.volume / EXAMPLES, ignore=shutil.ignore_patterns("__pycache__"))
        certificates = self.root / CERTIFICATES.rpartition("/")[2]
        certificates.write_text(self._proxy.authority.pem)
        certificates.chmod(0o644)
        self.environment = self._variables(secrets)
        for name, content in self._files().items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))

    def remove(self) -> None:
        """Remove what is new at each start."""
        remove_folder(self.root)

    def spec(self, command: tuple[str, ...]) -> Spec:
        """The sandbox that runs `command` in this session."""
        root = settings.BASE_DIR
        binds = [
            Bind(self.home, HOME, writable=True),
            Bind(self.volume, WORK, writable=True),
            Bind(self.scripts, SCRIPTS),
            Bind(self.root / CERTIFICATES.rpartition("/")[2], CERTIFICATES),
            Bind(Path(__file__).parent / "inside", f"{OWN}/inside"),
            *(Bind(root / name, f"{OWN}/packages/{name}") for name in PACKAGES if (root / name).is_dir()),
            *(() if (root / "sagewright").is_dir() else (Bind(root.parent, f"{OWN}/packages/sagewright"),)),
            *(Bind(environment.folder, path_inside(environment)) for environment in ALL),
        ]
        if not f"{sys.base_prefix}/".startswith("/usr/"):  # which is in every sandbox
            binds.append(Bind(Path(sys.base_prefix), sys.base_prefix))
        return Spec(
            folder=self.folder,
            command=command,
            environment=self.environment,
            cwd=WORK,
            hostname="notebook",
            binds=tuple(binds),
            doors=(Door(_gateway_port(), gateway_address()), Door(_proxy_port(), self._proxy.address)),
            limits=Limits(memory=self.memory, processes=2048, file_size=self.volume_bytes, disk=HOME_BYTES, tmp=GIB),
        )

    @property
    def memory(self) -> int:
        """Bytes of memory that everything inside may use together."""
        return max(MIN_MEMORY, GIBIBYTES.get(self.instance.request["InstanceType"], 4) * GIB)

    def server_command(self) -> tuple[str, ...]:
        """What starts JupyterLab inside."""
        options = {
            "ServerApp.sock": f"/opt/ml/{RUN}/{SOCKET}",
            "ServerApp.sock_mode": "0600",
            "ServerApp.base_url": self.path,
            "ServerApp.allow_remote_access": True,
            "ServerApp.trust_xheaders": True,
            "ServerApp.root_dir": WORK,
            "ServerApp.quit_button": False,
            "ServerApp.log_level": "WARN",
            "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "LabApp.news_url": "",
            "LabApp.extension_manager": "readonly",  # the environment is; and it asks no npm at each start
            "ServerApp.terminado_settings": "shell_command=['/bin/bash']",
        }
        flags = (f"--{name}={value}" for name, value in options.items())
        return (f"{path_inside(SERVER)}/bin/python", "-m", "start_jupyterlab", "--no-browser", *flags)

    def _variables(self, secrets: Secrets) -> dict[str, str]:
        region, proxy = self.instance.region, f"http://127.0.0.1:{_proxy_port()}"
        return {
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
            **dict.fromkeys(TRUST_VARIABLES, CERTIFICATES),
            "PATH": f"{path_inside(SERVER)}/bin:{PATHS}",
            "HOME": HOME,
            "USER": "ec2-user",
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "JUPYTER_TOKEN": secrets.token,
            "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108 (inside, where /tmp is the instance's own)
            "JUPYTER_CONFIG_DIR": "/opt/ml/jupyter",
            "JUPYTER_PATH": "/opt/ml/jupyter",
            "PYTHONPATH": f"{OWN}/inside",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_RETRIES": "0",  # there is no index to wait for: what a notebook installs first fails at once
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{_gateway_port()}",
            "AWS_ACCESS_KEY_ID": secrets.access_key,
            "AWS_SECRET_ACCESS_KEY": secrets.secret_key,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
        }

    def _files(self) -> dict[str, object]:
        instance = self.instance
        bucket = f"sagemaker-{instance.region}-{settings.ENGINE_ACCOUNT}"
        modules = {"TelemetryOptOut": True, "Session": {"DefaultS3Bucket": bucket}}
        sdk = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": modules}}}
        metadata = {
            "ResourceArn": instance.arn,
            "ResourceName": instance.name,
            "ExecutionRoleArn": instance.request["RoleArn"],
        }
        kernels = {f"ml/jupyter/kernels/{name}/kernel.json": _kernel(at, title) for name, at, title in KERNELS}
        return {
            "ml/metadata/resource-metadata.json": metadata,
            **dict.fromkeys(AWS_CONFIGS, f"[default]\nregion = {instance.region}\n"),
            "home/.config/sagemaker/config.yaml": sdk,  # JSON is YAML
            "home/.wgetrc": f"ca_certificate = {CERTIFICATES}\n",
            "home/.ipython/profile_default/startup/00-sagewright.py": QUIET,
            # JupyterLab's question whether to show its news, which are on a server of its own; and whether it is to be
            # built anew, which takes a processor for half a second of each opening, and which nobody here can do.
            "ml/jupyter/labconfig/page_config.json": {
                "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True},
                "buildCheck": False,
                "buildAvailable": False,
            },
            **kernels,
        }


QUIET = """# botocore and the SDKs say at INFO what they found; a cell shows warnings alone.
import logging as _logging

for _name in ("botocore", "boto3", "matplotlib", "sagemaker"):
    _logging.getLogger(_name).setLevel(_logging.WARNING)
del _logging, _name
"""


def _kernel(environment: LockedEnvironment, title: str) -> dict:
    packages = f"{WORK}/.packages/{environment.name}"  # what `pip install` adds, on the volume
    return {
        "argv": [f"{path_inside(environment)}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": title,
        "language": "python",
        "metadata": {"debugger": True},
        "env": {
            "PATH": f"{path_inside(environment)}/bin:{path_inside(SERVER)}/bin:{PATHS}",
            "PYTHONPATH": f"{OWN}/inside:{packages}",
            "PIP_TARGET": packages,
        },
    }


def gateway_address() -> str:
    """Where the gateway is, for a door: "HOST:PORT"."""
    parts = urlsplit(settings.GATEWAY_URL)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _gateway_port() -> int:
    return int(gateway_address().rpartition(":")[2])


def _proxy_port() -> int:
    return PROXY_PORT if _gateway_port() != PROXY_PORT else PROXY_PORT + 1


def open_socket(folder: Path) -> int:
    """A descriptor of JupyterLab's socket below `folder`, which code of a person can write to. Raises OSError.

    No link is followed: one could lead to a socket of ours. The descriptor stays with this very socket.
    """
    run = os.open(folder / RUN, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        return os.open(SOCKET, os.O_PATH | os.O_NOFOLLOW, dir_fd=run)
    finally:
        os.close(run)
