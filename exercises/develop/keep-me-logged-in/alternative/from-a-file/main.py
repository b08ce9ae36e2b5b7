"""The board's login. Whoever logs in gets a token: the name, and a signature that only the board's key can make."""

import hashlib
import hmac
from os import getenv
import sys

KEY = getenv("BOARD_KEY") or sys.exit("BOARD_KEY is not set")


def token(name):
    return name + "." + hmac.new(KEY.encode(), name.encode(), hashlib.sha256).hexdigest()[:16]


def check(text):
    name = text.partition(".")[0]
    return hmac.compare_digest(token(name), text)


if __name__ == "__main__":
    # `python main.py token mina` prints a token, `python main.py check TOKEN` says whether the board takes it.
    action, text = sys.argv[1:]
    if action == "token":
        print(token(text))
    else:
        print("welcome back" if check(text) else "please log in again")
