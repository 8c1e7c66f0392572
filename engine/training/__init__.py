"""The training runtime: claims a job's row, runs the job in a process of its own, and keeps what came of it."""
