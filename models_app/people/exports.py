"""An access key as the lines that give it to a client."""

from django.conf import settings

from models_app.endpoints.page import engine_address
from models_app.people.access_keys import NewKey
from models_app.web.highlight import Snippet


def exports(key: NewKey) -> list[Snippet]:
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
        Snippet("shell", "Shell", f"{shell}\n# try it\n{trial}"),
        Snippet("powershell", "PowerShell", f"{powershell}\n# try it\n{trial}"),
        Snippet(
            "config",
            "~/.aws/config",
            f"# then: {trial} --profile sagewright\n[profile sagewright]\naws_access_key_id = {key.id}\n"
            f"aws_secret_access_key = {key.secret}\nregion = {region}\nendpoint_url = {address}",
        ),
        Snippet(
            "python",
            "Python",
            f'import boto3\n\nsagemaker = boto3.client(\n    "sagemaker",\n    endpoint_url="{address}",\n'
            f'    region_name="{region}",\n    aws_access_key_id="{key.id}",\n'
            f'    aws_secret_access_key="{key.secret}",\n)\n'
            'print(sagemaker.list_training_jobs()["TrainingJobSummaries"])',
        ),
        Snippet("docker", "docker", f"docker run --rm --network host \\\n{container}  amazon/aws-cli {trial[4:]}"),
    ]
