"""What reads a model runs in a sandbox: it sees the model, and nothing else of this machine's data."""

import pytest

import algorithms
from engine.serving import health_check
from engine.serving.process_limits import clean_environment
from sandbox.interpreter import own_program
from sandbox.launch import launch
from sandbox.level import why_not
from sandbox.spec import Level, Spec
from tests.unit.algorithms import every

LEVELS = [level for level in Level if not why_not(level)]


@pytest.mark.parametrize("level", LEVELS)
def test_a_program_of_ours_starts_and_reads_its_model(tmp_path, level):
    """With the modes of a private data folder; `health_check` prints what it found of the model that is none."""
    model, target = tmp_path / "private/model", tmp_path / "private/target"
    model.mkdir(parents=True)
    target.mkdir()
    (model / "xgboost-model").write_bytes(b"no model")
    for path, mode in ((model / "xgboost-model", 0o600), (model, 0o700), (tmp_path / "private", 0o700)):
        path.chmod(mode)
    spec = Spec(target, environment=clean_environment())
    arguments = (str(model), "xgboost", spec.inside(target, level))
    spec = own_program(spec, level, "engine.serving.health_check", *arguments, readable=[model])
    (tmp_path / "question").write_text("{}")
    with (
        (tmp_path / "question").open() as question,
        (tmp_path / "report").open("w") as report,
        launch(spec, level, stdin=question, stdout=report) as process,
    ):
        assert process.wait(60) == 1
    text = (tmp_path / "report").read_text()
    assert '"ok": false' in text
    assert "Permission" not in text


@pytest.mark.parametrize("level", [level for level in LEVELS if level is not Level.LIMITED])
def test_a_program_of_ours_sees_no_other_data(tmp_path, level):
    (tmp_path / "secret").write_text("of another")
    (tmp_path / "folder").mkdir()
    spec = Spec(tmp_path / "folder", environment=clean_environment())
    spec = own_program(spec, level, "tokenize", str(tmp_path / "secret"))
    with (tmp_path / "output").open("w") as output, launch(spec, level, stdout=output, stderr=output) as process:
        assert process.wait(60) != 0
    text = (tmp_path / "output").read_text()
    assert "of another" not in text
    assert "No such file" in text or "Permission denied" in text


@pytest.mark.parametrize("name", algorithms.ALGORITHMS)
def test_a_model_of_every_algorithm_passes_its_health_check(tmp_path, name):
    """Model and copy are on different mounts inside: no validator may link or move one to the other."""
    algorithm = algorithms.get(name)
    job = every.job(algorithm, tmp_path / "job", every.tasks(algorithm)[0])
    algorithm.load_trainer()(job)
    (tmp_path / "copy").mkdir()
    result = health_check.run(job.model_dir, name, {}, tmp_path / "copy", seconds=60)
    assert result.ok, result.reason
