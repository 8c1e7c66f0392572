"""C of our own is compiled once, anew when it is damaged, and not needed."""

import shutil
from pathlib import Path

import pytest

from algorithms import c_code

needs_a_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "one.c"
    path.write_text("int one(void) { return 1; }")
    return path


@needs_a_compiler
def test_a_library_is_compiled_once(source, monkeypatch):
    libraries = c_code.load(source)
    assert (libraries.hasty.one(), libraries.patient.one()) == (1, 1)
    monkeypatch.setattr(c_code, "_compile", lambda *_: pytest.fail("it is there"))
    assert c_code.load(source) is not None
    source.write_text("int one(void) { return 2; }")
    with pytest.raises(pytest.fail.Exception):
        c_code.load(source)


@needs_a_compiler
def test_a_damaged_library_is_built_anew(source, tmp_path, monkeypatch):
    c_code.load(source)
    [built] = (tmp_path / "__pycache__").iterdir()
    whole = built.read_bytes()
    monkeypatch.setattr(c_code, "_compile", lambda _, target: target.write_bytes(whole))
    for number, content in enumerate((b"", b"no library", whole[:40])):
        copy = tmp_path / f"{number}" / source.name  # a path of its own: a process loads each path once
        (copy.parent / "__pycache__").mkdir(parents=True)
        copy.write_bytes(source.read_bytes())
        (damaged := copy.parent / "__pycache__" / built.name).write_bytes(content)
        assert c_code.load(copy) is not None
        assert damaged.read_bytes() == whole


def test_without_a_compiler_there_is_none(source, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert c_code.load(source) is None
    assert list((tmp_path / "__pycache__").iterdir()) == []


@needs_a_compiler
def test_what_cannot_be_compiled_is_none(source, tmp_path):
    source.write_text("int one(")
    assert c_code.load(source) is None
    assert list((tmp_path / "__pycache__").iterdir()) == []


@needs_a_compiler
def test_an_image_has_all_of_it_compiled(capsys):
    assert c_code.main() == 0
    count = len(list(Path(c_code.__file__).parent.rglob("*.c")))
    assert capsys.readouterr().out == f"{count} compiled\n"
