"""Starts, watches and stops every process of Sagewright. Standard library only: it runs before Django can."""
