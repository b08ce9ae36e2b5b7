"""The backend: it says whether the database that DATABASE_URL names takes a connection."""

import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

url = urlsplit(os.environ["DATABASE_URL"])


class Backend(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            socket.create_connection((url.hostname, url.port or 5432), 2).close()
            text = f"the backend reaches {url.hostname} as user {url.username}\n"
        except OSError as error:
            text = f"the backend does not reach {url.hostname}: {error}\n"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("0.0.0.0", 8000), Backend).serve_forever()
