"""Reads docker-compose.yml: with Docker's own eyes where it is installed, and always with a strict reader of our own.

The reader knows the part of YAML that the file uses (mappings by indentation, flow sequences and mappings, quoted and
plain scalars, anchors and merge keys) and refuses everything else.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

from tests.stack import ROOT

FILE = ROOT / "docker-compose.yml"
LINE = re.compile(r"(?P<indent> *)(?P<key>[A-Za-z_<][\w<.-]*):(?: (?P<value>.*))?")
FLOW_WORD = re.compile(
    r"""\s*(?:(?P<sign>[\[\]{},:])(?=\s|$|[\[\]{},*"\w])|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<word>[^\[\]{},:\s"]+))"""
)
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?P<how>:\?|:-)?(?P<text>[^}]*)\}")


def read(environment: dict[str, str]) -> dict:
    """The file with anchors merged and ${VARIABLES} taken from `environment`; KeyError for one that is missing."""
    top: dict = {}
    anchors: dict[str, object] = {}
    open_maps: list[tuple[int, dict]] = [(-1, top)]
    for number, line in enumerate(FILE.read_text().splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line)
        assert found, f"line {number} is not understood: {line}"
        indent, key, value = len(found["indent"]), found["key"], (found["value"] or "").strip()
        while indent <= open_maps[-1][0]:
            open_maps.pop()
        here = open_maps[-1][1]
        assert key not in here or key == "<<", f"line {number}: {key} stands twice"
        anchor = value[1:] if value.startswith("&") else ""
        if not value or anchor:
            here[key] = child = {}
            if anchor:
                anchors[anchor] = child
            open_maps.append((indent, child))
        else:
            here[key] = _value(value, anchors)
    return _filled(_merged(top), environment)


def with_docker(environment: dict[str, str]) -> dict | None:
    """What `docker compose config` makes of the file; None where there is no Docker with compose."""
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        return None
    command = ["docker", "compose", "-f", str(FILE), "config", "--format", "json"]
    done = subprocess.run(
        command, env={"PATH": str(Path(shutil.which("docker")).parent)} | environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def _value(text: str, anchors: dict):
    """A value that stands on its key's own line."""
    if text.startswith("*"):
        return anchors[text[1:]]
    if text[0] in "[{":
        words = [match for match in FLOW_WORD.finditer(text) if match[0].strip()]
        assert "".join(match[0] for match in words).replace(" ", "") == text.replace(" ", ""), text
        value, rest = _flow(words, anchors)
        assert not rest, text
        return value
    if text.startswith('"'):
        return json.loads(text)
    assert text[0] not in "|>!&%@`'", f"not understood: {text}"
    return text


def _flow(words: list, anchors: dict):
    """The flow value that `words` begin with, and the words after it."""
    first, rest = words[0], words[1:]
    if first["sign"] == "[":
        items = []
        while rest[0]["sign"] != "]":
            item, rest = _flow(rest, anchors)
            items.append(item)
            rest = rest[1:] if rest[0]["sign"] == "," else rest
        return items, rest[1:]
    if first["sign"] == "{":
        mapping = {}
        while rest[0]["sign"] != "}":
            key, colon, rest = rest[0]["word"], rest[1]["sign"], rest[2:]
            assert colon == ":", key
            mapping[key], rest = _flow(rest, anchors)
            rest = rest[1:] if rest[0]["sign"] == "," else rest
        return mapping, rest[1:]
    if first["quoted"]:
        return json.loads(first["quoted"]), rest
    word = first["word"]
    return (anchors[word[1:]] if word.startswith("*") else word), rest


def _merged(node):
    """`node` with every merge key carried out: what stands in the mapping itself goes before."""
    if isinstance(node, list):
        return [_merged(item) for item in node]
    if not isinstance(node, dict):
        return node
    merged: dict = {}
    parts = node.get("<<", [])
    for part in parts if isinstance(parts, list) else [parts]:
        merged = _merged(part) | merged
    return merged | {key: _merged(value) for key, value in node.items() if key != "<<"}


def _filled(node, environment: dict[str, str]):
    if isinstance(node, list):
        return [_filled(item, environment) for item in node]
    if isinstance(node, dict):
        return {key: _filled(value, environment) for key, value in node.items() if not key.startswith("x-")}

    def fill(match: re.Match) -> str:
        if match[0] == "$$":
            return "$"
        if match["how"] == ":-":
            return environment.get(match["name"]) or match["text"]
        return environment[match["name"]]

    return VARIABLE.sub(fill, node)
