"""What a person sees of a start and of its processes."""

import json

from console.supervisor import stack
from console.supervisor.output import Lines, Output
from console.supervisor.supervisor import Supervisor
from console.supervisor.welcome import welcome
from tests.unit.console.supervisor.child_stories import FREE


def test_quiet_hides_what_processes_print_but_keeps_their_last_lines(capsys):
    lines = Lines("web", Output(("web",), quiet=True))
    lines.feed(b"one\ntw")
    lines.feed(b"o\n")
    assert list(lines.last) == ["one", "two"]
    assert capsys.readouterr().out == ""


def test_only_warnings_of_a_talkative_program_are_shown(capsys):
    lines = Lines("store", Output(("store",)), "[WE][0-9]")
    lines.feed(b"I1122 all is well\nW1122 look here\n")
    assert capsys.readouterr().out == "store   | W1122 look here\n"


def test_the_password_and_the_keys_are_shown_on_the_first_start_only(folder):
    composed = stack.compose(FREE, folder)
    secret = composed.first_user_key.partition(":")[2]
    first = "\n".join(welcome(composed, "One-time password: x", 1.0))
    assert first.rstrip().endswith("One-time password: x")  # nothing of ours scrolls it away
    later = "\n".join(welcome(composed, "", 1.0))
    assert secret in first
    assert secret not in later
    assert composed.common["SAGEWRIGHT_WEB_URL"] in later


def test_the_password_is_printed_before_the_stack_file_says_ready(folder):
    before_ready = []

    class Screen(Output):
        def say(self, text: str = "") -> None:
            file = folder.run / "stack.json"
            before_ready.append((text, not (file.exists() and json.loads(file.read_text())["ready"])))

    supervisor = Supervisor(stack.compose(FREE, folder), Screen(()), -1, FREE)
    supervisor.first_user = "One-time password: x"
    supervisor.prepared.set()
    for child in supervisor.children:
        child.ready.set()
        supervisor._changed()
    assert ("  One-time password: x", True) in before_ready
    assert json.loads((folder.run / "stack.json").read_text())["ready"]
    assert [text for text, _ in before_ready].count("  One-time password: x") == 1
