"""Notebook instances: JupyterLab with the SDKs ready. The pages show what SageMaker answers; there are no rows."""
