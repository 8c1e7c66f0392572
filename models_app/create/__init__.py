"""The Create model page: the form, the table as it will be read, the checks, drafts, the same as code."""
