"""Help: the project's documentation, read in the console."""
