"""A small honest HTTP server that plays somebody else's feed, and can play a bad one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What one path answers. `drip`: seconds between the bytes of the body; `length`: a Content-Length that lies."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    drip: float = 0.0
    length: int | None = None


@dataclass
class Server:
    """Its address, its pages by path, and the requests it saw: (path, headers)."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for path, _ in self.seen]


@contextmanager
def serving() -> Iterator[Server]:
    """Serve on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.seen.append((self.path, dict(self.headers)))
            page = server.pages.get(self.path, Page(status=404))
            known = bool(page.etag) and self.headers.get("If-None-Match") == page.etag
            body = b"" if known else page.body
            self.send_response(304 if known else page.status)
            for name, value in (page.headers | ({"ETag": page.etag} if page.etag else {})).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if page.length is None else page.length))
            self.end_headers()
            try:
                for start in range(0, len(body), 1 if page.drip else len(body) or 1):
                    self.wfile.write(body[start : start + (1 if page.drip else len(body))])
                    time.sleep(page.drip)
            except OSError:
                return  # the reader had enough

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    server = Server(f"http://127.0.0.1:{running.server_port}")
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
