"""The study group's board: one page. uvicorn calls `app` for every request."""

GREETING = "Monday: welcome!"


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": GREETING.encode() + b"\n"})
