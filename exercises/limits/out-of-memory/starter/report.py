"""Counts the lines of the board's log. With --lines it takes one line at a time, without it everything at once."""

import sys


def log():
    for number in range(200_000):
        yield f"{number:08} " + "x" * 500


if "--lines" in sys.argv:
    count = sum(1 for line in log())
else:
    count = len(list(log()))
print(f"lines: {count}")
