"""Lists with 100,000 jobs: the server time of every page, filter and sort, beside MLflow's search of runs."""
