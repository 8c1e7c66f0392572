"""What runs inside a sandbox with people's code, by the interpreter of their environment: standard library only."""
