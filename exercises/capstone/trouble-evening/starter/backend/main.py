"""The board's back end of tonight: counts visits in Redis, without a framework."""

import os
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = os.environ.get("DB_HOST", "db")


def count():
    with socket.create_connection((HOST, 6379), timeout=1) as wire:
        wire.sendall(b"INCR visits\r\n")
        return wire.recv(64).decode().strip(":\r\n")


class Board(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status, text = 200, f"visits: {count()}"
        except OSError as problem:
            status, text = 503, f"{HOST}: {problem}"
            print(text, file=sys.stderr, flush=True)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())


print("the back end listens on port 8000", flush=True)
ThreadingHTTPServer(("0.0.0.0", 8000), Board).serve_forever()
