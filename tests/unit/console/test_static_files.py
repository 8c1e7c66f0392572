"""The stylesheet that a page loads is one file, made of all of its parts."""

import re
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from console.static_files import STYLESHEET, StaticFilesStorage

SOURCE = Path(settings.BASE_DIR) / "static"
PARTS = re.findall(r'"(.+)"', (SOURCE / STYLESHEET).read_text())


def collected(folder: Path, static: Path = SOURCE) -> dict[str, str]:
    """The names under which the files of `static/` are served."""
    source = FileSystemStorage(static)
    names = [str(file.relative_to(static)) for file in static.rglob("*") if file.is_file()]
    storage = StaticFilesStorage(location=folder)
    for name in names:
        with source.open(name) as file:
            storage.save(name, file)
    paths = {name: (source, name) for name in names}
    return {name: served for name, served, _ in storage.post_process(paths) if served in storage.hashed_files.values()}


def test_the_parts_of_the_stylesheet_are_served_as_one_file_in_their_order(tmp_path):
    served = collected(tmp_path)
    sheet = (tmp_path / served[STYLESHEET]).read_text()
    assert "@import" not in sheet
    places = [sheet.index((SOURCE / part).read_text()) for part in PARTS]
    assert places == sorted(places)
    assert not set(PARTS) & set(served), "a part is not served a second time"
    assert (tmp_path / f"{served[STYLESHEET]}.gz").exists()


def test_a_changed_part_changes_the_address_of_the_stylesheet(tmp_path):
    copy = Path(shutil.copytree(SOURCE, tmp_path / "copy"))
    with (copy / PARTS[-1]).open("a") as part:
        part.write(".changed { color: red; }")
    assert collected(tmp_path / "after", copy)[STYLESHEET] != collected(tmp_path / "before")[STYLESHEET]


def test_every_part_is_in_the_stylesheet():
    assert sorted(PARTS) == sorted(str(file.relative_to(SOURCE)) for file in (SOURCE / "style").iterdir())
