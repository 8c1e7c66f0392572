"""The `sagewright` command."""
