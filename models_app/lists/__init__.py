"""What lists of jobs and models have in common beside their page: columns, saved views, files, actions on many."""
