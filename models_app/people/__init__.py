"""People and keys: who is invited, which role a person has, who is disabled; everybody's access keys."""
