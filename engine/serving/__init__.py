"""The data plane: answers POST /endpoints/{name}/invocations with models loaded from the object store."""
