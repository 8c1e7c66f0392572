"""Programs that call an endpoint, ready to paste: what the console does, anyone can do."""

import shlex
from textwrap import dedent

from models_app.endpoints.request_form import CSV, PredictionRequest
from models_app.web.highlight import Snippet

REASONS = "application/json; reasons=5"
UNKNOWN = PredictionRequest("FEATURE_1,FEATURE_2,FEATURE_3")  # the training columns are unknown


def snippets_for(endpoint: str, region: str, address: str = "", ask: PredictionRequest = UNKNOWN) -> list[Snippet]:
    """boto3, AWS CLI, curl and the SageMaker SDK sending the row of `ask`.

    `address` is the engine's; '' means Amazon's own in `region`.
    """
    body, kind, accept = ask.body, ask.content_type, ask.accept
    host = address or f"https://runtime.sagemaker.{region}.amazonaws.com"
    hint = f'  # "{REASONS}" adds the reasons of each prediction' if ask.explains else ""
    export = f"export AWS_ENDPOINT_URL={address}\n" if address else ""
    note = f"# In the shell first: {export}" if export else ""
    boto3 = dedent(f"""\
        import boto3

        runtime = boto3.client("sagemaker-runtime", region_name="{region}")
        answer = runtime.invoke_endpoint(
            EndpointName="{endpoint}",
            ContentType="{kind}",
            Accept="{accept}",{hint}
            Body={_quoted(body)},
        )
        print(answer["Body"].read().decode())
        """)
    cli = dedent(f"""\
        aws sagemaker-runtime invoke-endpoint \\
            --region {region} \\
            --endpoint-name {endpoint} \\
            --content-type {kind} \\
            --accept {shlex.quote(accept)} \\
            --cli-binary-format raw-in-base64-out \\
            --body {shlex.quote(body)} \\
            /dev/stdout
        """)
    curl = dedent(f"""\
        curl --aws-sigv4 "aws:amz:{region}:sagemaker" \\
            --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\
            --header "Content-Type: {kind}" \\
            --header "Accept: {accept}" \\
            --data-binary {shlex.quote(body)} \\
            {host}/endpoints/{endpoint}/invocations
        """)
    serializer = f'CSVSerializer("{kind}")' if kind == CSV else f'IdentitySerializer("{kind}")'
    sdk = dedent(f"""\
        from sagemaker.deserializers import BytesDeserializer
        from sagemaker.predictor import Predictor
        from sagemaker.serializers import {serializer.partition("(")[0]}

        predictor = Predictor(
            "{endpoint}", serializer={serializer}, deserializer=BytesDeserializer(accept="{accept}")
        )
        print(predictor.predict({_quoted(body)}).decode())
        """)
    return [
        Snippet("boto3", "boto3", note + boto3),
        Snippet("cli", "AWS CLI", export + cli),
        Snippet("curl", "curl", curl),
        Snippet("sdk", "Python SDK", note + sdk),
    ]


def _quoted(text: str) -> str:
    """`text` as a Python string in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
