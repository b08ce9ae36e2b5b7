"""The board's back end: counts visits in the database. It does not start without the database."""

import os

from pg import query

DATABASE = os.environ["DATABASE_URL"]


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        try:
            query(DATABASE, "CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())")
        except OSError as problem:
            await send({"type": "lifespan.startup.failed", "message": f"no database: {problem}"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    status, text = 404, "no such page"
    if scope["path"] == "/visits":
        count = query(DATABASE, "INSERT INTO visits DEFAULT VALUES; SELECT count(*) FROM visits")[0]
        status, text = 200, f"visits: {count}"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
