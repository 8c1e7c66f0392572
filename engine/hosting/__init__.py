"""Hosting: carries out what was asked of endpoints, so that only models that answer come into service."""
