"""HTTP under ASGI for the gateway and the data plane: requests, callers, error responses, the server."""
