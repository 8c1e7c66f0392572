"""What a table may hold, so that no file can take more memory than its reader has."""

MAX_ROW = 64 * 1024 * 1024  # bytes of one row
MAX_COLUMNS = 50_000
MAX_CELL = 128 * 1024  # characters of one cell among the first rows of a CSV file, the limit of Python's csv
LONG_TEXT = 2000  # characters; a longer text is no category, and of a sampled one only the beginning is kept
MAX_CELLS = 1_000_000  # of one block: a cell takes 16 bytes even when it is empty
MAX_TEXT = 16 * 1024 * 1024  # bytes of text of one block of a Parquet file
MAX_COLUMN_CHUNK = 2 * 1024 * 1024 * 1024  # bytes of one column in one row group of a Parquet file
