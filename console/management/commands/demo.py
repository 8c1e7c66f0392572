"""`manage.py demo`: puts sample tables into a bucket, then trains, deploys and calls one model. Repeatable."""

import io
import time
import uuid

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from console import samples
from jobs import JobSpec
from models_app.aws import s3
from models_app.create import submit
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Endpoint, Model, TrainingJob
from models_app.problems import Problem
from tables import Recipe

FOLDER = "samples"
NAME = "demo-breast-cancer"
TIMEOUT = 180  # seconds
HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": "60", "max_depth": "4", "eta": "0.2"}


class Command(BaseCommand):
    help = "Load scikit-learn's sample tables into a bucket; train, deploy and call one model on the first of them."

    def handle(self, *args, **options):
        user = get_user_model().objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if user is None:
            raise CommandError(f"There is no administrator yet. Start once with: {settings.START_COMMAND}")
        try:
            tables = self.upload()
            model = self.train(user, tables[0])
            self.call(self.wait(model), tables[0])
        except Problem as e:
            raise CommandError(str(e)) from e

    def upload(self) -> list[samples.Sample]:
        bucket = settings.DEFAULT_BUCKET
        s3.ensure_bucket(bucket)
        tables = samples.load()
        for table in tables:
            key = f"{FOLDER}/{table.name}.csv"
            s3.upload(bucket, key, io.BytesIO(table.csv), "text/csv")
            self.stdout.write(f"s3://{bucket}/{key}: {table.rows} rows, the last column is {table.target}")
        return tables

    def train(self, user, table: samples.Sample) -> Model:
        """Create the model; a second demo finds the first's, as a second click on Create would."""
        spec = JobSpec(
            name=NAME,
            data_uri=f"s3://{settings.DEFAULT_BUCKET}/{FOLDER}/{table.name}.csv",
            recipe=Recipe(target=table.target, has_header=True),
            hyperparameters=HYPERPARAMETERS,
        )
        model = submit.create(user, spec, uuid.uuid5(uuid.NAMESPACE_URL, f"sagewright/{NAME}"))
        self.stdout.write(f"Model {model.name}: {settings.WEB_URL}{reverse('model', args=[model.name])}")
        return model

    def wait(self, model: Model) -> Endpoint:
        """Follow the model until its endpoint answers. CommandError with the reason when training or hosting fails."""
        give_up, printed = time.monotonic() + TIMEOUT, set()
        while time.monotonic() < give_up:
            model = Model.objects.select_related("job", "endpoint").get(pk=model.pk)
            for what, thing in (("Training job", model.job), ("Endpoint", model.endpoint)):
                if thing is None:
                    continue
                line = f"  {what} {thing.name}: {thing.get_status_display()}"
                if line not in printed:
                    printed.add(line)
                    self.stdout.write(line)
                if thing.status in (TrainingJob.Status.FAILED, TrainingJob.Status.STOPPED):
                    raise CommandError(f"{what} {thing.name}: {thing.failure_reason or thing.status}")
            if model.endpoint and model.endpoint.status == Endpoint.Status.IN_SERVICE:
                return model.endpoint
            time.sleep(0.2)
        raise CommandError(f"{model.name} was not in service after {TIMEOUT} s. Look at its page for where it is.")

    def call(self, endpoint: Endpoint, table: samples.Sample) -> None:
        """Send the table's first row without its answer, and show both answers."""
        row, _, label = table.csv.splitlines()[1].rpartition(b",")
        answer = endpoint_actions.invoke(endpoint, row, "text/csv", "text/csv")
        self.stdout.write(f"First row of {table.name}, known to be {label.decode()}: {answer.body.decode().strip()}")
        self.stdout.write(f"Endpoint: {settings.WEB_URL}{reverse('endpoint', args=[endpoint.name])}")
