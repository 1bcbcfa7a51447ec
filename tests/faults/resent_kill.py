"""What is killed: a process that opens incidents by the interface, each under a key of its own, and says when one is done.

python -m tests.faults.resent_kill SECRET COUNT
"""

from __future__ import annotations

import json
import sys


def body(number: int) -> dict[str, object]:
    """The incident of that number."""
    return {"kind": "flash_flood", "title": {"zh": f"山洪{number}", "en": f"Flood {number}"}, "division": "410181",
            "source": "110"}  # fmt: skip


def main(secret: str, count: int) -> None:
    """Send all of them, from the first on."""
    import django

    django.setup()
    from django.test import Client

    headers = {"host": "127.0.0.1", "authorization": f"Bearer {secret}"}
    Client(headers=headers).get("/api/response/casualties")  # the first request of a process takes seconds
    print("ready", flush=True)
    for number in range(count):
        answer = Client(headers=headers | {"idempotency-key": f"k{number}"}).post(
            "/api/response/incidents", json.dumps(body(number)), content_type="application/json"
        )
        said = {"status": answer.status_code, "id": answer.json().get("id"), "again": "Idempotent-Replayed" in answer}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
