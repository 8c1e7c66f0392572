"""The one way the supervisor says that it will not start."""


class Refusal(Exception):
    """Why Sagewright does not start and what to do about it, in words for the person at the terminal."""
