"""p50 and p95 of the pages people live in, asked one after another of a running node over one connection."""

from __future__ import annotations

import gzip
import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

from anlan.kernel.options import options
from anlan.site.bench import checkout, percentile, publish, running_node, table

PAGES = ("/", "/map", "/console/state", "/warnings", "/response", "/review/after-action")
ROUNDS, WARM_UP = 200, 5
BAR = {"/": "p95 ≤ 100", "/map": "p95 ≤ 100"}


def sign_in(home: Path, host: str, port: int, account: str) -> str:
    """Go in by a one-time link; return the session's cookie."""
    out = subprocess.run(
        [checkout() / "anlan", "user", "link", account], capture_output=True, text=True, check=True,
        env={**os.environ, "ANLAN_HOME": str(home)},
    ).stdout  # fmt: skip
    path = "/" + out.strip().splitlines()[-1].split("/", 3)[3]
    connection = http.client.HTTPConnection(host, port)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    cookies = answer.headers.get_all("Set-Cookie") or []
    if not any(cookie.startswith("anlan_session=") for cookie in cookies):
        token = body.split('name="csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]
        kept = "; ".join(cookie.split(";", 1)[0] for cookie in cookies)
        headers = {
            "Cookie": kept,
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"http://{host}:{port}",
        }
        connection.request("POST", path, f"csrfmiddlewaretoken={token}", headers)
        answer = connection.getresponse()
        answer.read()
        cookies = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.split(";", 1)[0] for cookie in cookies)


def measure(host: str, port: int, path: str, cookie: str) -> tuple[list[float], int, int]:
    """Return the milliseconds of each request, the status, and the size gzip makes of the answer."""
    connection = http.client.HTTPConnection(host, port)
    times, status, body = [], 0, b""
    for number in range(ROUNDS + WARM_UP):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html,application/json"})
        answer = connection.getresponse()
        body, status = answer.read(), answer.status
        if number >= WARM_UP:
            times.append(1000 * (time.perf_counter() - began))
    return times, status, len(gzip.compress(body))


def main(words: list[str]) -> None:
    """Measure every page of the running node."""
    home, running = running_node()
    host, port = options.host, int(running["web_port"])
    cookie = sign_in(home, host, port, next((word for word in words if not word.startswith("-")), "duty"))
    rows = []
    for path in PAGES:
        times, status, size = measure(host, port, path, cookie)
        p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
        rows.append((f"`{path}`", status, f"{p50:.1f}", f"{p95:.1f}", f"{size / 1000:.1f}", BAR.get(path, "")))
    heads = ("page", "status", "p50 (ms)", "p95 (ms)", "gzip kB", "bar")
    note = f"{ROUNDS} requests each over one connection, from the same machine, while the drill runs."
    publish(table("pages", "Pages", heads, rows, note=note), "pages", write="--write" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
