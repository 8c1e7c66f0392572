"""Answers requests with the functions of a script: `python -m script_toolkit.serve DESCRIPTOR FRAMEWORK CODE PROGRAM`.

It reads messages (script_toolkit.frames) from the socket DESCRIPTOR and answers each with one, which names the same
"request". The first answer says whether the model is loaded: it is the ping. What the script prints is the endpoint's
log.
"""

import os
import socket
import sys
import traceback
from typing import Any

from script_toolkit import frames
from script_toolkit.handlers import Handlers, RequestError, load_module

MAX_MESSAGE = 16 * 1024  # characters of an error's text; the log has it whole
MAX_TRACEBACK = 1500  # characters; the log has it whole


def main() -> int:
    """Load the model and answer until the gateway closes the socket."""
    descriptor, framework, code, program = sys.argv[1:5]
    with socket.socket(fileno=int(descriptor)) as connection:
        first, _ = frames.receive(connection)
        request = {"request": first.get("request")}
        try:
            handlers = Handlers(load_module(code, program), framework, os.environ)
            handlers.load(os.environ["SM_MODEL_DIR"])
        except BaseException as e:
            traceback.print_exc()
            frames.send(connection, {**failure(500, f"{type(e).__name__}: {e}"), **request})
            return 1
        frames.send(connection, {"status": 200, **request})
        while True:
            try:
                head, body = frames.receive(connection)
            except EOFError:
                return 0
            answer, content = reply(handlers, head, body)
            frames.send(connection, {**answer, "request": head.get("request")}, content)


def reply(handlers: Handlers, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Answer one request."""
    headers = {**head.get("headers", {}), "content-type": head.get("content_type"), "accept": head.get("accept")}
    try:
        content, content_type = handlers.answer(body, headers)
    except RequestError as e:
        return failure(e.status, str(e)), b""
    except Exception as e:
        traceback.print_exc()
        message = str(getattr(e, "message", "") or e)
        status = getattr(e, "status_code", None)
        if isinstance(status, int) and 400 <= status < 600:
            return failure(status, message), b""
        tail = traceback.format_exc()[-MAX_TRACEBACK:]
        return failure(500, message or type(e).__name__, f"\n{tail}"), b""
    if len(content) > frames.MAX_ANSWER:
        text = f"The answer has {len(content)} bytes, and an endpoint answers with {frames.MAX_ANSWER} at most."
        return failure(500, f"{text} Send fewer rows."), b""
    return {"status": 200, "content_type": content_type}, content


def failure(status: int, message: str, tail: str = "") -> dict[str, Any]:
    """The head of an answer that is an error; a message that is longer than the gateway reads is cut."""
    cut = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]} ..."
    return {"status": status, "message": cut + tail}


if __name__ == "__main__":
    sys.exit(main())
