"""The study group's board. It shows a page from the folder `pages`, and a key from the environment opens the list."""

import os
import pathlib

PAGES = pathlib.Path(__file__).parent / "pages"


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/":
        status, body = 200, (PAGES / "welcome.txt").read_text()
    elif scope["path"] == "/key":
        # Nobody needs to see the key, only whether there is one.
        status, body = 200, "a key is set\n" if os.environ.get("BOARD_KEY") else "no key\n"
    else:
        status, body = 404, "There is no such page.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
