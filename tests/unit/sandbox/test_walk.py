"""Walking through a folder while a program puts links in the place of folders that were seen a moment ago."""

import os
from pathlib import Path

import pytest

from sandbox.walk import walk


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a/b/c in it, and beside it `outside`, which has b/secret."""
    for name in ("inside/a/b/c", "outside/b"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "outside/secret").touch()
    (tmp_path / "outside/b/secret").touch()
    return tmp_path / "inside"


@pytest.mark.parametrize("after", ["a", "b", "c"])
@pytest.mark.parametrize("replaced", ["a", "a/b"])
def test_a_link_in_the_place_of_a_folder_leads_nowhere(tree, after, replaced):
    names = []
    for entry in walk(tree):
        names.append(entry.name)
        if entry.name == after:
            (tree / replaced).rename(tree / "moved")
            (tree / replaced).symlink_to(tree.parent / "outside")
    assert after in names and "secret" not in names


def test_each_entry_has_its_path_and_its_own_status(tree):
    (tree / "a/link").symlink_to(tree.parent)
    sizes = {entry.path: entry.status.st_ino for entry in walk(tree)}
    assert sizes == {name: (tree / name).lstat().st_ino for name in ("a", "a/link", "a/b", "a/b/c")}


def test_a_path_that_nothing_can_be_named_by_is_none(tree):
    top = os.open(tree, os.O_RDONLY)
    opened = os.dup(top)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=opened)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = inner
    os.close(opened)
    os.close(top)
    paths = [entry.path for entry in walk(tree) if entry.name.startswith("d")]
    assert len(paths) == 30 and paths[0] == "d" * 200 and paths[-1] is None


@pytest.mark.parametrize("steps", [1, 3, 100])
def test_no_descriptor_stays_open(tree, steps):
    before = len([*Path("/proc/self/fd").iterdir()])
    entries = walk(tree)
    for _, _entry in zip(range(steps), entries, strict=False):
        pass
    entries.close()
    assert len([*Path("/proc/self/fd").iterdir()]) == before
    assert [*walk(tree / "nothing")] == []
