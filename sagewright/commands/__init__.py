"""One module a command. Each has `main(arguments) -> int`, which returns the exit code."""
