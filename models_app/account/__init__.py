"""Who may do what, signing in, passwords, how a person likes the console to look."""
