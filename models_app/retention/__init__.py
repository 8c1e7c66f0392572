"""What becomes of the logs, curves and events that the console stores of finished jobs: thinned, archived, deleted."""
