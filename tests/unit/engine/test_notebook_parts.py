"""The parts of notebook instances that need no process: links, cookies, headers, idle stop, disk, sockets, scripts."""

import os
import socket
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from multidict import CIMultiDict

from engine.notebooks import disk, environments, idle, links, session
from engine.notebooks.app import UNSAFE
from engine.notebooks.links import Pass
from engine.notebooks.proxy import passed_on

HERE = SimpleNamespace(pk=3, owner_id=7, region="us-east-1", name="work")


def token(url: str) -> str:
    from urllib.parse import parse_qs, urlsplit

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
    answer.add("Set-Cookie", "_xsrf=others; Path=/notebook/us-east-1/other/")
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
    import asyncio

    told = {"last_activity": "2026-01-02T03:04:05.000000Z"}
    upstream = SimpleNamespace(kernels=lambda: answers([{"execution_state": state}]), status=lambda: answers(told))
    last = asyncio.run(idle.last_activity(upstream))
    assert (abs(last - time.time()) < 5) == is_now
    assert is_now or last == 1767323045


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
