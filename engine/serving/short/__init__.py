"""The short way of a prediction: the protocol itself answers, without an ASGI cycle (docs/a-prediction.md).

`protocol` collects a request and puts it back on the ordinary way at any doubt, `invocation` decides by its head which
of the two it takes, `batch` gathers what comes in one turn of the event loop and sends the answers, `prediction` makes
them. Only plain successes are answered here: whatever else there is to say of a request, the ordinary way says it.
"""
