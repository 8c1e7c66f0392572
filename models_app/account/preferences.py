"""How a person may have the console look, each choice with its default first. Kept in cookies."""

from django.conf import settings

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
SHORTCUTS = ("on", "off")
CLOCKS = ("device", "utc")  # whose time zone
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
PREFERENCES = {"theme": THEMES, "density": DENSITIES, "shortcuts": SHORTCUTS, "clock": CLOCKS, "language": LANGUAGES}
