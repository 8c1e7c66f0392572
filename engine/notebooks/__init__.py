"""Notebook instances: a keeper that runs JupyterLab of each in the sandbox, and the proxy that people reach it by."""
