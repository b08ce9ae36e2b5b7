"""The study group's board: one page, with nothing but Python's own library."""

import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GREETING = "Monday: welcome!"


class Board(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(GREETING.encode() + b"\n")


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("0.0.0.0", 8000), Board).serve_forever()
