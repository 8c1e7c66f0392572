"""The parts of notebook instances that need no process: links, cookies, headers, idle stop, disk, sockets, scripts."""

import asyncio
import os
import socket
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from multidict import CIMultiDict

from common import log_allowance
from common.remove_folder import remove_folder
from engine.notebooks import disk, environments, idle, life, links, rows, session, watch
from engine.notebooks.app import UNSAFE
from engine.notebooks.aws_proxy import AwsProxy
from engine.notebooks.links import Pass
from engine.notebooks.log import DROPPED, InstanceLog
from engine.notebooks.process import BYTES_A_SECOND, READ, Running
from engine.notebooks.proxy import passed_on
from tests.waiting import STEP

HERE = SimpleNamespace(pk=3, owner_id=7, region="us-east-1", name="work")


def token(url: str) -> str:
    return parse_qs(urlsplit(url).query)["authToken"][0]


def test_a_link_is_for_one_person_and_one_instance():
    allowed = links.read_link(token(links.one_time_url(HERE, 1800)))
    assert allowed and (allowed.instance, allowed.user) == (3, 7)
    assert 0 <= time.time() + 1800 - allowed.until < 5


@pytest.mark.parametrize("forged", ["", "x", "a:b:c"])
def test_what_is_no_link_of_ours_allows_nothing(forged):
    assert links.read_link(forged) is None
    assert links.read_cookie(forged) is None


def test_a_link_is_too_old_after_five_minutes(monkeypatch):
    link = token(links.one_time_url(HERE, 1800))
    at = time.time()
    monkeypatch.setattr(time, "time", lambda: at + links.LINK_SECONDS + 2)
    assert links.read_link(link) is None


def test_a_link_is_no_cookie_and_a_cookie_no_link():
    cookie = links.cookie_of(Pass(3, 7, int(time.time()) + 60, "n"))
    assert links.read_cookie(cookie) == Pass(3, 7, int(time.time()) + 60, "n")
    assert links.read_link(cookie) is None
    assert links.read_cookie(token(links.one_time_url(HERE, 1800))) is None


def test_a_cookie_ends_with_its_session():
    assert links.read_cookie(links.cookie_of(Pass(3, 7, int(time.time()) - 1, "n"))) is None


def test_an_instance_sets_no_cookie_of_the_host_but_jupyters_own():
    answer = CIMultiDict([("Content-Type", "text/html"), ("Transfer-Encoding", "chunked"), ("Server", "x")])
    answer.add("Set-Cookie", "sessionid=stolen; Path=/")
    answer.add("Set-Cookie", "_xsrf=good; Path=/notebook/us-east-1/work/; Domain=.example.com")
    answer.add("Set-Cookie", "_xsrf=wide; Path=/")
    answer.add("Set-Cookie", "_xsrf=other; Path=/notebook/us-east-1/other/")
    answer.add("Set-Cookie", r'_xsrf=x; Path="/notebook/\015\012Location: http://evil.example/"')
    answer.extend({"Clear-Site-Data": '"*"', "Service-Worker-Allowed": "/"})
    passed = passed_on(answer, "/notebook/us-east-1/work/")
    assert passed.getall("Set-Cookie") == ["_xsrf=good; Path=/notebook/us-east-1/work/; SameSite=Strict"]
    assert set(passed) == {"Content-Type", "Set-Cookie"}


@pytest.mark.parametrize(
    ("path", "safe"),
    [("churn.ipynb", True), ("examples/1 boto3.ipynb", True), ("../x", False), ("a/../b", False), ("a\\b", False)],
)
def test_a_link_leads_to_files_of_the_instance_only(path, safe):
    assert (UNSAFE.search(path) is None) == safe


@pytest.mark.parametrize(
    ("last", "minutes", "keep", "stops"),
    [(1000, 60, 0, 4600), (1000, 0, 0, None), (None, 60, 0, None), (1000, 60, 9000, 9000), (1000, 60, 10, 4600)],
)
def test_an_idle_instance_stops_after_its_minutes_and_not_before_it_is_let(last, minutes, keep, stops):
    assert idle.stops_at(last, minutes, keep) == stops


async def answers(value):
    return value


@pytest.mark.parametrize(("state", "is_now"), [("busy", True), ("idle", False)])
def test_a_cell_that_runs_is_activity(state, is_now):
    status = {"last_activity": "2026-01-02T03:04:05.000000Z"}
    upstream = SimpleNamespace(kernels=lambda: answers([{"execution_state": state}]), status=lambda: answers(status))
    last = asyncio.run(idle.last_activity(upstream))
    assert (abs(last - time.time()) < 5) == is_now
    assert is_now or last == 1767323045


def test_the_end_of_a_process_is_known_to_who_does_not_wait_for_it():
    """A start that looks for JupyterLab's socket must not go on looking when JupyterLab has ended."""

    async def code_of(ended):
        reading, writing = os.pipe()
        try:
            return Running(ended, reading, lambda _: None).code
        finally:
            asyncio.get_running_loop().remove_reader(reading)
            os.close(reading)
            os.close(writing)

    assert asyncio.run(code_of(SimpleNamespace(poll=lambda: 3))) == 3
    assert asyncio.run(code_of(SimpleNamespace(poll=lambda: None))) is None


def test_what_a_volume_holds_counts_no_file_twice_and_follows_no_link(tmp_path):
    volume, other = tmp_path / "volume", tmp_path / "other"
    volume.mkdir()
    other.write_bytes(b"x" * 1_000_000)
    (volume / "a").write_bytes(b"x" * 100_000)
    os.link(volume / "a", volume / "b")
    (volume / "link").symlink_to(other)
    assert 100_000 <= disk.usage(volume) < 200_000


def test_no_link_leads_the_proxy_to_another_socket(tmp_path, monkeypatch):
    run = tmp_path / session.RUN
    run.mkdir()
    monkeypatch.chdir(run)
    with socket.socket(socket.AF_UNIX) as ours, socket.socket(socket.AF_UNIX) as theirs:
        ours.bind("ours.sock")
        ours.listen()
        Path(session.SOCKET).symlink_to("ours.sock")
        opened = session.open_socket(tmp_path)
        with socket.socket(socket.AF_UNIX) as client, pytest.raises(OSError):
            client.connect(f"/proc/self/fd/{opened}")
        os.close(opened)
        Path(session.SOCKET).unlink()
        theirs.bind(session.SOCKET)
        theirs.listen()
        opened = session.open_socket(tmp_path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"/proc/self/fd/{opened}")
        os.close(opened)


def test_a_run_folder_that_became_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / session.RUN).symlink_to("elsewhere")
    with pytest.raises(OSError):
        session.open_socket(tmp_path)


def test_every_environment_has_its_lock_with_what_notebooks_import():
    text = {environment.name: environment.lock.read_text() for environment in environments.ALL}
    assert "\njupyterlab==" in text["notebook-server"] and "\nawscli==" in text["notebook-server"]
    for kernel, sdk in (("kernel-sdk2", "sagemaker==2."), ("kernel-sdk3", "sagemaker==3.")):
        for package in (sdk, "ipykernel==", "boto3==", "pandas==", "matplotlib==", "polars==", "scikit-learn=="):
            assert f"\n{package}" in text[kernel], f"{kernel} lacks {package}"
        assert "\npandas==2." in text[kernel]  # np.split of pandas 3's tables gives bare arrays


def test_nothing_that_we_write_or_bind_is_where_code_inside_can_put_a_link(tmp_path, monkeypatch, settings):
    settings.NOTEBOOKS_FOLDER = tmp_path
    monkeypatch.setattr(session, "gateway_address", lambda: "127.0.0.1:1")
    request = {"InstanceType": "ml.t3.medium", "RoleArn": "arn:aws:iam::123456789012:role/x"}
    folders = session.Session(SimpleNamespace(**vars(HERE), arn="arn", request=request), AwsProxy("127.0.0.1:1"))
    folders.make(session.Secrets("key", "secret", "token"))
    spec = folders.spec(("true",))
    changeable = [spec.folder, *(bind.source for bind in spec.binds if bind.writable)]
    for path in (folders.scripts, *(bind.source for bind in spec.binds), spec.folder):
        assert not any(path != root and path.is_relative_to(root) for root in changeable), path
    assert folders.scripts.stat().st_mode & 0o777 == 0o755


def test_secrets_that_a_program_prints_are_in_no_log():
    log = InstanceLog(HERE)
    log.hidden = ("very-secret",)
    log.feed(b"+ export AWS_SECRET_ACCESS_KEY=very-secret\n")
    assert [event.message for event in log.drain()] == ["+ export AWS_SECRET_ACCESS_KEY=[hidden]"]


def test_lines_that_come_too_fast_are_counted_in_the_log_and_the_last_is_known(monkeypatch):
    monkeypatch.setattr(log_allowance.Allowance, "LINES", 10)
    log = InstanceLog(HERE)
    log.hidden = ("very-secret",)
    log.feed(b"".join(b"line %d very-secret\n" % number for number in range(30)))
    messages = [event.message for event in log.drain(is_last=True)]
    assert messages[9:] == ["line 9 [hidden]", f"[sagewright] {DROPPED.format(20)}"]
    assert log.last[-1] == "line 29 [hidden]"


def test_a_process_that_prints_without_end_leaves_the_event_loop_to_others():
    taken: list[int] = []

    def feed(data: bytes) -> None:
        assert sum(taken) < 8 * BYTES_A_SECOND, "read without a pause"
        time.sleep(0.001)  # so that the pipe is full again
        taken.append(len(data))

    async def flood() -> int:
        reading, writing = os.pipe()
        with subprocess.Popen(["/usr/bin/yes"], stdout=writing) as yes:
            os.close(writing)
            running = Running(SimpleNamespace(poll=yes.poll, close=yes.kill), reading, feed)
            turns = 0
            began = time.monotonic()
            while time.monotonic() < began + 0.5:
                await asyncio.sleep(0.01)
                turns += 1
            yes.kill()
            yes.wait()
            await running.close()
        return turns

    assert asyncio.run(flood()) > 10
    assert READ <= sum(taken) < BYTES_A_SECOND


@pytest.mark.parametrize("trouble", [RecursionError("x"), OSError("x"), TypeError("x")])
def test_whatever_happens_who_is_disabled_is_noticed(monkeypatch, trouble):
    request = {"InstanceType": "ml.t3.medium", "RoleArn": "arn:aws:iam::123456789012:role/x"}
    looks = iter([trouble, rows.State(False, 0, 0.0)])

    async def in_database(verb, *_):
        if verb is rows.state and isinstance(look := next(looks), Exception):
            raise look
        return look if verb is rows.state else None

    monkeypatch.setattr(life, "in_database", in_database)
    monkeypatch.setattr(watch, "in_database", in_database)
    monkeypatch.setattr(life, "CHECK_EVERY", 0)
    instance_life = life.Life(SimpleNamespace(**vars(HERE), arn="arn", request=request))
    asyncio.run(asyncio.wait_for(instance_life._stop_when_due(), STEP))
    assert instance_life._stopping.is_set()


def test_a_volume_with_folders_too_deep_for_python_is_measured(tmp_path):
    opened = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("folder", dir_fd=opened)
        below = os.open("folder", os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = below
    with os.fdopen(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=opened), "wb") as file:
        file.write(b"x" * 1_000_000)
    os.close(opened)
    assert disk.usage(tmp_path) > 1_000_000
    remove_folder(tmp_path)
    assert not tmp_path.exists()
