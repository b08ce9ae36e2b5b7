"""The study group's board: one page, without a framework. uvicorn calls `app` for every request."""

GREETING = "Study board: welcome!\n"


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    found = scope["path"] == "/"
    await send(
        {
            "type": "http.response.start",
            "status": 200 if found else 404,
            "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        }
    )
    body = GREETING if found else "There is no such page.\n"
    await send({"type": "http.response.body", "body": body.encode()})
