"""The plan of an upgrade renames every object of an earlier version once, wherever an earlier start was killed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from console.store_upgrade import plan
from console.store_upgrade.entries import Entry
from engine.s3.key_names import LAST, encode

parts = st.sampled_from(["a", "b!", "a!W!", f"c.{LAST}", "x.versions", "wow!", "é", "it's", "f" * 240])
keys = st.lists(parts, min_size=1, max_size=3).map("/".join)


class Tree:
    """A store's files, {path: key that it holds}, and its folders."""

    def __init__(self, objects: dict[str, str]):
        self.files = dict(objects)

    def entries(self) -> list[Entry]:
        folders = {
            path[:at]
            for path in self.files
            for at, sign in enumerate(path)
            if sign == "/" and path.count("/", 0, at) > 1
        }
        return [*(Entry(path, True) for path in folders), *map(Entry, self.files)]

    def move(self, old: str, new: str) -> None:
        for path in [path for path in self.files if path == old or path.startswith(f"{old}/")]:
            target = new + path.removeprefix(old)
            assert target not in self.files, f"{path} would replace {target}"
            self.files[target] = self.files.pop(path)


def without_conflicts(names: list[str]) -> list[str]:
    """A tree cannot have a file and a folder of one name."""
    return [name for name in names if not any(other.startswith(f"{name}/") for other in names)]


@settings(max_examples=60, deadline=None)
@given(st.lists(keys, unique=True, max_size=8), st.lists(keys, unique=True, max_size=3), st.data())
def test_every_object_gets_the_name_of_its_key(plain, versioned, data):
    names = without_conflicts([*plain, *(f"{key}.versions/v_1" for key in versioned)])
    tree = Tree({f"/buckets/bkt/{name}": name for name in names})
    marked = False
    while True:
        work = plan.rename(tree.entries()) if marked else plan.put_aside(tree.entries())
        done = data.draw(st.integers(0, len(work.moves)))
        for old, new in work.moves[:done]:
            tree.move(old, new)
        if done < len(work.moves):
            continue  # killed, and started again
        if marked:
            break
        marked = True
    histories = {name.removesuffix(".versions/v_1") for name in names if name.endswith(".versions/v_1")}
    for name in names:
        key = name.removesuffix(".versions/v_1")
        expected = f"{encode(key)}.versions/v_1" if name.endswith("/v_1") and key in histories else encode(name)
        assert tree.files.pop(f"/buckets/bkt/{expected}") == name
    assert tree.files == {}
    assert plan.rename(Tree({f"/buckets/bkt/{encode(name)}": name for name in names}).entries()).moves == []


def test_a_folder_that_was_moved_in_part_is_moved_to_its_end():
    old, new = "/buckets/bkt/k.versions", f"/buckets/bkt/{encode('k')}.versions"
    tree = Tree({f"{old}/v_2": "2", f"{new}/v_1": "1"})
    work = plan.rename(tree.entries())
    assert work.moves == [(f"{old}/v_2", f"{new}/v_2")]
    assert work.folders == [old]


def test_only_folders_of_earlier_versions_and_uploads_are_removed():
    remaining = [f"/buckets/bkt/{encode('a/b')}", f"/buckets/bkt/{encode('k')}.versions/v_1", "/buckets/.system/x/y"]
    old = ["/buckets/bkt/dir/sub/file", "/buckets/bkt/.uploads/1_2/0001.part"]
    work = plan.rename(Tree(dict.fromkeys([*remaining, *old], "")).entries())
    assert work.folders == ["/buckets/bkt/dir/sub", "/buckets/bkt/dir"]
    assert work.uploads == ["/buckets/bkt/.uploads/1_2"]


def test_a_key_without_a_name_is_reported():
    path = f"/buckets/bkt/{'x/' * 250}y"
    assert plan.rename([Entry(path)]).too_long == [path]
