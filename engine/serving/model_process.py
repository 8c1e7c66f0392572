"""The process of one model that is not proven harmless: loads it and answers one request after another.

`python -m engine.serving.model_process DESCRIPTOR` reads messages from the socket DESCRIPTOR and answers each with one
message. It runs in a sandbox, without credentials and with limited memory.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

import orjson

import algorithms
from algorithms.spec import InvocationError
from engine.container.script_toolkit import frames
from engine.serving.answering import Answering, SchemaError
from engine.serving.process_limits import MEMORY, apply_limits
from engine.serving.reasons import REASONS, answer_with_reasons
from tables.unseen import UnseenCategories

NICENESS = 10  # a model that spins takes what others leave
OUT_OF_MEMORY = f"The model needs more memory than the {MEMORY // 1024**3} GiB that its process may use."


def load(head: dict[str, Any]) -> Answering:
    """Load the model that a message describes. Raises UserError, or whatever its file provokes.

    The process gives way to others from the model's file on, not before: callers wait for the library, which is ours,
    and on a busy machine a process that gives way gets a tenth of the others' time.
    """
    predictor = algorithms.get(head["algorithm"]).load_predictor()
    os.nice(NICENESS)
    return Answering(predictor.load(Path(head["folder"]), head["environment"]), head["response_type"])


def reply(answering: Answering, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Answer a request, or use the schema that the message brings."""
    try:
        if head["op"] == "schema":
            answering.schema_error = head["error"]
            if body:
                answering.use_schema(orjson.loads(body))
            return {"status": 200}, b""
        unseen = UnseenCategories()
        accept = head["accept"]
        if accept is not None and REASONS in accept:
            content, content_type = answer_with_reasons(answering, body, head["content_type"], accept, unseen)
        else:
            content, content_type = answering.answer(body, head["content_type"], accept, unseen)
        return {"status": 200, "content_type": content_type, "unseen": unseen.counts}, content
    except InvocationError as e:
        return {"status": e.status, "message": e.message}, b""
    except SchemaError as e:
        return {"status": 400, "message": str(e)}, b""
    except MemoryError:
        return {"status": 500, "message": OUT_OF_MEMORY}, b""
    except Exception as e:
        return {"status": 500, "message": f"{type(e).__name__}: {e}"}, b""


def main() -> int:
    """Load the model that the gateway names, and answer its requests until the gateway closes the socket."""
    apply_limits()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        head, _ = frames.receive(connection)
        try:
            answering = load(head)
        except Exception as e:
            text = OUT_OF_MEMORY if isinstance(e, MemoryError) else str(e)
            frames.send(connection, {"status": 500, "message": text})
            return 1
        frames.send(connection, {"status": 200})
        while True:
            try:
                head, body = frames.receive(connection)
            except EOFError:
                return 0
            frames.send(connection, *reply(answering, head, body))


if __name__ == "__main__":
    sys.exit(main())
