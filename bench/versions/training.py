"""A whole training job, from CreateTrainingJob to Completed, in two versions."""

from collections.abc import Mapping

from bench.training import TABLES, csv_of, train
from bench.versions.report import HEAD, line
from tests.stack import Stack

BUCKET = "bench-training"


def compare(both: Mapping[str, Stack]) -> None:
    """Train the tables of bench.training in turn."""
    print(f"{HEAD}\ntraining: milliseconds")
    clients: dict[str, dict] = {
        version: {service: stack.client(service) for service in ("s3", "sagemaker")} for version, stack in both.items()
    }
    for of_version in clients.values():
        of_version["s3"].create_bucket(Bucket=BUCKET)
    for table, (rounds, params) in TABLES.items():
        prefix, body = table.replace(" ", "-"), csv_of(table)
        for of_version in clients.values():
            of_version["s3"].put_object(Bucket=BUCKET, Key=f"{prefix}/train.csv", Body=body)
        whole, phase = ({"other": [], "this": []} for _ in range(2))
        for number in range(rounds + 1):
            for version, of_version in clients.items():
                times = train(of_version.__getitem__, BUCKET, prefix, params)
                if number:  # the first round warms both up
                    whole[version].append(times[0] * 1000)
                    phase[version].append(times[1] * 1000)
        print(line(f"{table}, whole job", whole, ".0f"))
        print(line(f"{table}, its Training phase", phase, ".0f"), flush=True)
