"""An algorithm of an installed package, from the form to an answer, by what it declares alone."""

import json

import pytest

import algorithms
from algorithms.plugins import discover
from jobs.plan import plan_launch
from models_app.aws import job_spec
from models_app.create import algorithm_choices, code, submit
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints.request_form import RequestForm, read
from models_app.models import Endpoint, Model, Person
from models_app.training.metrics import curve_of
from tests.stack import Stack
from tests.unit.algorithms.test_plugins import PLUGINS

pytestmark = [pytest.mark.stack, pytest.mark.long]
NAME = "outlier-distance"


@pytest.fixture(scope="module")
def stack():
    """Every process of this stack finds the package, as one that is installed."""
    with Stack(PYTHONPATH=str(PLUGINS)) as running:
        yield running


@pytest.fixture
def algorithm(monkeypatch):
    monkeypatch.syspath_prepend(str(PLUGINS))
    plugin = discover(algorithms.ALGORITHMS)[NAME]
    monkeypatch.setitem(algorithms.ALGORITHMS, NAME, plugin)
    return plugin


@pytest.fixture
def page(algorithm, client, alice, settings) -> str:
    """The Create model page with the algorithm chosen."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    Person.objects.create(user=alice, role="editor")
    client.force_login(alice)
    return client.get("/models/create/", {"algorithm": NAME}).content.decode()


def test_an_algorithm_of_a_package_goes_from_the_form_to_an_answer(algorithm, worker, alice, draft, page):
    assert f'value="{NAME}" checked' in page and algorithm.glyph in page and algorithm.help in page
    assert "Distances" in page and 'name="hp-passes"' in page
    assert dict(algorithm_choices.grouped())["Distances"] == [algorithm]

    spec = draft(algorithm=NAME, hyperparameters={"passes": "3"}, target="")
    texts = code.snippets(plan_launch(job_spec.in_account(spec), None))
    assert any("outlier-distance:1" in snippet.code for snippet in texts)

    model = submit.create(alice, spec)

    def deployed() -> bool:
        model.refresh_from_db()
        assert model.status_word != "Failed", (model.failure, model.job.preflight)
        return model.status_word == "Deployed" and model.job.log_done

    worker.until(deployed)
    model = Model.objects.select_related("job", "endpoint").get(pk=model.pk)
    assert not model.job.preflight["blocks"]
    assert model.job.counts_epochs and model.job.rounds == 3
    assert model.job.unit_word == "Epoch 3" and model.job.metric.name == "train:spread"
    assert [len(series.points) for series in curve_of(model.job).series] == [3]

    form = RequestForm(model)
    ask = form.request()
    sent = endpoint_actions.invoke(model.endpoint, ask.body.encode(), ask.content_type, ask.accept)
    assert sent.content_type == "text/csv"
    answer = read(model.schema, sent.body.decode(), sent.content_type)
    assert float(answer.headline) > 0 and answer.note.startswith("Anomaly score")

    labelled = endpoint_actions.invoke(
        model.endpoint, ask.body.encode(), ask.content_type, "application/json; labels=true"
    )
    assert json.loads(labelled.body)["predictions"][0].keys() == {"score"}
    endpoint_actions.delete(model.endpoint)
    worker.until(lambda: not Endpoint.objects.filter(model=model).exists())
