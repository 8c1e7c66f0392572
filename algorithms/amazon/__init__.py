"""Shared code of Amazon's first-party algorithms: channels, requests, responses, log lines, model file, messages."""
