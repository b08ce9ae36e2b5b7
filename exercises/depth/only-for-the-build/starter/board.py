"""Prints the board: a title and the posts."""
import os
import pathlib

print(f"{os.environ['BOARD_TITLE']} on Python {os.environ['PYTHON_VERSION']}")
for post in sorted(pathlib.Path("/app/posts").iterdir()):
    print("-", post.read_text().strip())
