"""The board, which counts its visits in a file."""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VISITS = Path("/app/data/visits.txt")


class Board(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            VISITS.parent.mkdir(exist_ok=True)
            with VISITS.open("a") as file:
                file.write(self.path + "\n")
            status, text = 200, f"Visit number {len(VISITS.read_text().splitlines())}\n"
        except OSError as error:
            status, text = 500, f"The visit cannot be written down: {error}\n"
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8000), Board).serve_forever()
