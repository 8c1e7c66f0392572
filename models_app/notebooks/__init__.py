"""Notebook instances: JupyterLab with the SDKs ready. All is what SageMaker says; the console keeps no rows."""
