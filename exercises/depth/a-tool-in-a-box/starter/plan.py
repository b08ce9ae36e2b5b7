#!/usr/bin/env python3
"""Prints what the study group does on the days that it is given."""
import sys

PLAN = {
    "monday": "Monday: images and containers",
    "wednesday": "Wednesday: Dockerfiles",
    "friday": "Friday: networks",
}

days = sys.argv[1:]
if not days or any(day not in PLAN for day in days):
    sys.exit(f"Give me one of these days or more: {', '.join(PLAN)}")
for day in days:
    print(PLAN[day])
