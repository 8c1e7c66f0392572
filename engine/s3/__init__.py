"""The S3 service: verifies callers, decides what may pass, and streams to and from the store."""
