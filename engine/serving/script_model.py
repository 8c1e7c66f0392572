"""A model that answers with a script of its own, in a sandboxed process that only this variant uses."""

import asyncio
import os
import re
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from algorithms.spec import InvocationError
from engine.container.script_toolkit.frames import MAX_ANSWER
from engine.serving import process_folders, script
from engine.serving.isolated import IsolatedModel
from engine.serving.model_client import ModelClient, ProcessEnded
from engine.serving.schema_document import SchemaDocument
from engine.serving.script import Script
from engine.serving.script_output import read_lines
from engine.serving.served_model import ModelLoadError
from sandbox.process import Sandboxed, start

CONTENT_TYPE = re.compile(r"[ -~]{0,256}")  # goes into a header
MAX_HEAD = 2**20  # bytes
START_SECONDS = 300.0
NO_CONTENT_TYPE = "The content type of the answer is none: it may be 256 plain characters."
_reading: set[asyncio.Task] = set()  # the event loop does not keep them


class ScriptModel(IsolatedModel):
    """A model whose functions are the caller's. It starts, waits and is started anew as an isolated model is."""

    start_seconds = START_SECONDS

    def __init__(self, parts: Script, write_line: Callable[[str], None]):
        super().__init__(parts.model, parts.framework, {}, "", parts.size, SchemaDocument({}))
        self._parts, self._write_line = parts, write_line

    async def _launch(self) -> ModelClient:
        loop = asyncio.get_running_loop()
        try:
            self._parts = await loop.run_in_executor(None, self._parts.renewed)
        except (ModelLoadError, BotoCoreError, ClientError) as e:
            raise InvocationError(500, f"The files of this model cannot be fetched again: {e}") from e
        return await ScriptClient.start_script(self._parts, self._write_line)

    def _head(self, headers: Mapping[str, str]) -> dict[str, Any]:
        own = {name: value for name, value in headers.items() if name.startswith("x-amzn-sagemaker-")}
        return {**super()._head(headers), "headers": own}


class ScriptClient(ModelClient):
    """The sandboxed process of a script, and the reader of what it prints."""

    max_head, max_body = MAX_HEAD, MAX_ANSWER

    @classmethod
    async def start_script(cls, parts: Script, write_line: Callable[[str], None]) -> "ScriptClient":
        """Start the process, whose output goes to `write_line`. Raises OSError."""
        output, end = os.pipe()
        reading = asyncio.ensure_future(read_lines(output, write_line))
        _reading.add(reading)
        reading.add_done_callback(_reading.discard)
        return await cls._connect(partial(_launch, parts, end))

    async def ask(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Send a message and return the answer to it, as far as it is one. Raises ProcessEnded."""
        request = secrets.token_hex(8)
        answer, content = await super().ask({**head, "request": request}, body)
        if not is_answer(answer, request):  # the next one may be the answer to this request
            raise ProcessEnded("an answer that cannot be understood")
        content_type = answer.get("content_type", "")
        if not (isinstance(content_type, str) and CONTENT_TYPE.fullmatch(content_type)):
            return {"status": 500, "message": NO_CONTENT_TYPE}, b""
        message = str(answer.get("message", ""))
        return {"status": answer["status"], "content_type": content_type, "message": message}, content


def is_answer(head: Any, request: str) -> bool:
    """Whether the head of an answer has a status, and is that to `request`.

    Any process in the sandbox may have written it, and a script may have sent more than one.
    """
    is_known = isinstance(head, dict) and type(head.get("status")) is int and 200 <= head["status"] < 600
    return is_known and head.get("request") == request


def _launch(parts: Script, output: int, descriptor: int) -> tuple[Sandboxed, Path]:
    """Start the process, which prints into `output`."""
    try:
        with process_folders.new() as folder:
            spec = script.prepare(parts, folder, descriptor)
            return start(spec, stdout=output, stderr=output, pass_fds=(descriptor,)), folder
    finally:
        os.close(output)
