"""The runner of jobs: members, folders, child processes and journals, for whatever workload it is given."""
