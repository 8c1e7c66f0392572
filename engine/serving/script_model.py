"""A model that answers with a script of its own, in a sandboxed process that only this variant uses."""

import asyncio
import os
import re
import secrets
import socket
from collections.abc import Callable, Mapping
from typing import Any

from algorithms.spec import InvocationError
from engine.sandbox.process import Sandboxed, start
from engine.sandbox.spec import SandboxError, Spec
from engine.serving import script
from engine.serving.isolated import IsolatedModel
from engine.serving.model_client import ModelClient, ProcessEnded
from engine.serving.schema_document import SchemaDocument
from engine.serving.script import Script
from engine.serving.script_output import read_lines

CONTENT_TYPE = re.compile(r"[ -~]{0,256}")  # goes into a header
MAX_HEAD, MAX_BODY = 2**20, 32 * 2**20  # bytes of an answer; SageMaker's own limit is 6 MB
START_SECONDS = 300.0
_reading: set[asyncio.Task] = set()  # the event loop does not keep them


class ScriptModel(IsolatedModel):
    """A model whose functions are the caller's. It starts, waits and is started anew as an isolated model is."""

    start_seconds = START_SECONDS

    def __init__(self, parts: Script, write_line: Callable[[str], None]):
        super().__init__(parts.model, parts.framework, {}, "", parts.size, SchemaDocument({}))
        self._parts, self._write_line = parts, write_line

    async def _launch(self) -> ModelClient:
        try:
            return await ScriptClient.start_script(self._parts, self._write_line)
        except (OSError, SandboxError) as e:
            raise InvocationError(500, f"The process of this model cannot be started: {e}") from e

    def _head(self, headers: Mapping[str, str]) -> dict[str, Any]:
        own = {name: value for name, value in headers.items() if name.startswith("x-amzn-sagemaker-")}
        return {**super()._head(headers), "headers": own}


class ScriptClient(ModelClient):
    """The sandboxed process of a script, and the reader of what it prints."""

    max_head, max_body = MAX_HEAD, MAX_BODY

    @classmethod
    async def start_script(cls, parts: Script, write_line: Callable[[str], None]) -> "ScriptClient":
        """Start the process. Raises OSError."""
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        output, end = os.pipe()
        spec = None
        try:
            with theirs:
                spec = await loop.run_in_executor(None, script.prepare, parts, theirs.fileno())
                process = await loop.run_in_executor(None, lambda: _start(spec, end, theirs.fileno()))
        except BaseException:
            ours.close()
            os.close(output)
            if spec is not None:
                script.remove(spec.folder)
            raise
        finally:
            os.close(end)
        reading = asyncio.ensure_future(read_lines(output, write_line))
        _reading.add(reading)
        reading.add_done_callback(_reading.discard)
        return cls(process, *await asyncio.open_unix_connection(sock=ours), spec.folder)

    async def ask(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Send a message and return the answer to it, as far as it is one. Raises ProcessEnded."""
        request = secrets.token_hex(8)
        answer, content = await super().ask({**head, "request": request}, body)
        if not is_answer(answer, request):  # the next one may be the answer to this request
            raise ProcessEnded("an answer that cannot be understood")
        return checked(answer), content


def is_answer(head: Any, request: str) -> bool:
    """Whether the head of an answer has a status, and is that to `request`: a script may have sent more than one."""
    is_known = isinstance(head, dict) and type(head.get("status")) is int and 200 <= head["status"] < 600
    return is_known and head.get("request") == request


def checked(head: Any) -> dict[str, Any]:
    """The head of an answer as the gateway may pass it on: any process in the sandbox may have written it."""
    said = head if isinstance(head, dict) else {}
    status, content_type = said.get("status"), said.get("content_type", "")
    if type(status) is not int or not 200 <= status < 600:
        return {"status": 500, "message": "The process of this model answers nothing that can be understood."}
    if not (isinstance(content_type, str) and CONTENT_TYPE.fullmatch(content_type)):
        return {"status": 500, "message": "The content type of the answer is none: it may be 256 plain characters."}
    return {"status": status, "content_type": content_type, "message": str(said.get("message", ""))}


def _start(spec: Spec, output: int, descriptor: int) -> Sandboxed:
    return start(spec, stdout=output, stderr=output, pass_fds=(descriptor,))
