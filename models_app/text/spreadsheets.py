"""Text of cells as spreadsheets take it."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula


def safe(text: str) -> str:
    """`text` such that a spreadsheet never runs it: a formula's start gets an apostrophe, numbers stay numbers."""
    if not text.startswith(FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
