"""An access key as the lines that give it to a client."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.safestring import SafeString

from models_app.endpoints.page import engine_address
from models_app.people.access_keys import NewKey
from models_app.web.highlight import highlight


@dataclass(frozen=True)
class Export:
    """One spelling: `key` for the form, `title` for the tab, `code` to copy."""

    key: str
    title: str
    code: str

    @property
    def coloured(self) -> SafeString:
        return highlight(self.code)


def exports(key: NewKey) -> list[Export]:
    """The key for a shell, PowerShell, the configuration file of AWS, boto3 and a container."""
    region, address = settings.REGION, engine_address()
    variables = {
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": address,
    }
    shell = "".join(f"export {name}={value}\n" for name, value in variables.items())
    powershell = "".join(f'$env:{name} = "{value}"\n' for name, value in variables.items())
    container = "".join(f"  -e {name}={value} \\\n" for name, value in variables.items())
    trial = "aws sagemaker list-training-jobs"
    return [
        Export("shell", "Shell", f"{shell}\n# try it\n{trial}"),
        Export("powershell", "PowerShell", f"{powershell}\n# try it\n{trial}"),
        Export(
            "config",
            "~/.aws/config",
            f"# then: {trial} --profile sagewright\n[profile sagewright]\naws_access_key_id = {key.id}\n"
            f"aws_secret_access_key = {key.secret}\nregion = {region}\nendpoint_url = {address}",
        ),
        Export(
            "python",
            "Python",
            f'import boto3\n\nsagemaker = boto3.client(\n    "sagemaker",\n    endpoint_url="{address}",\n'
            f'    region_name="{region}",\n    aws_access_key_id="{key.id}",\n'
            f'    aws_secret_access_key="{key.secret}",\n)\n'
            'print(sagemaker.list_training_jobs()["TrainingJobSummaries"])',
        ),
        Export("docker", "docker", f"docker run --rm --network host \\\n{container}  amazon/aws-cli {trial[4:]}"),
    ]
