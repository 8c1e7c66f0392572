"""The wire: how a request becomes a call of one operation, and its answer a response."""
