"""Logging a model to MLflow: the documented calls reach a real HTTP server; a run that is refused is marked."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from models_app.models import Evaluation
from tests.pages.evaluations import document_of


class Tracking(BaseHTTPRequestHandler):
    """The part of MLflow's REST API that is used, recorded."""

    calls: list
    refuses = ""

    def _answer(self, body):
        path = self.path.removeprefix("/api/2.0/mlflow/")
        self.calls.append((self.command, path, body, self.headers.get("Authorization")))
        answers = {"experiments/create": {"experiment_id": "7"}, "runs/create": {"run": {"info": {"run_id": "r1"}}}}
        missing = path.startswith("experiments/get-by-name")
        refused = bool(self.refuses) and self.refuses in json.dumps(body)
        content = json.dumps(answers.get(path, {})).encode() if not (missing or refused) else b'{"error_code": "X"}'
        self.send_response(404 if missing else 400 if refused else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        self._answer(None)

    def do_POST(self):
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def log_message(self, *_):
        pass


@pytest.fixture
def tracking(settings):
    handler = type("Handler", (Tracking,), {"calls": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.MLFLOW_URI = f"http://ml:pass%20word@127.0.0.1:{server.server_address[1]}/"
        yield handler
        server.shutdown()


def test_a_run_has_settings_curves_figures_and_where_the_model_is(signed_in, alice, finished, tracking):
    Evaluation.objects.create(job=finished.job, status="Done", document=document_of("binary"))
    browser = signed_in(alice)
    assert "Log to MLflow" in browser.get("/models/churn/card/").text
    page = browser.post("/models/churn/mlflow/", follow=True).text
    assert "churn was logged to MLflow as run r1." in page
    paths = [(method, path.partition("?")[0]) for method, path, _, _ in tracking.calls]
    assert paths == [
        ("GET", "experiments/get-by-name"), ("POST", "experiments/create"), ("POST", "runs/create"),
        ("POST", "runs/log-batch"), ("POST", "runs/log-batch"), ("POST", "runs/update"),
    ]  # fmt: skip
    created, params, metrics, updated = (body for _, path, body, _ in tracking.calls if path.startswith("runs/"))
    assert created["experiment_id"] == "7" and created["run_name"] == "churn"
    tags = {tag["key"]: tag["value"] for tag in created["tags"]}
    assert tags["sagewright.artifact"] == "s3://data/out/model.tar.gz"
    assert tags["sagewright.card"] == "http://testserver/models/churn/card/"
    assert {"key": "eta", "value": "0.1"} in params["params"]
    curve = [m for m in metrics["metrics"] if m["key"] == "validation/auc"]
    assert [m["step"] for m in curve] == list(range(1, 11)) and curve[0]["value"] == 0.6
    assert {"test/auc", "test/auc_low", "test/auc_high", "test/auc_baseline"} <= {m["key"] for m in metrics["metrics"]}
    assert updated["status"] == "FINISHED"
    login = f"Basic {base64.b64encode(b'ml:pass word').decode()}"
    assert {auth for _, _, _, auth in tracking.calls} == {login}


def test_a_run_that_is_refused_is_marked_and_the_password_is_not_shown(signed_in, alice, finished, tracking):
    tracking.refuses = "num_round"
    page = signed_in(alice).post("/models/churn/mlflow/", follow=True).text
    assert (
        "refused: 400" in page
        and "pass%20word" not in page
        and "pass word" not in page.split('id="flash"')[1].split("</div>")[0]
    )
    assert tracking.calls[-1][2]["status"] == "FAILED"


def test_without_a_server_there_is_no_button_and_nobody_else_logs(signed_in, alice, bob, finished, settings):
    settings.MLFLOW_URI = ""
    browser = signed_in(alice)
    assert "Log to MLflow" not in browser.get("/models/churn/card/").text
    assert "no MLflow server" in browser.post("/models/churn/mlflow/", follow=True).text
    settings.MLFLOW_URI = "http://127.0.0.1:9"
    assert "does not answer" in browser.post("/models/churn/mlflow/", follow=True).text
    assert signed_in(bob).post("/models/churn/mlflow/").status_code == 403
