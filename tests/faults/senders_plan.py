"""The counterpart programs of the senders' kill test: a gateway that knows a repeat by its key, and a message centre.

python -m tests.faults.senders_plan PORT CENTRE: both in one process; the gateway on PORT, the centre on CENTRE. Each accepted
message is a line on standard output, flushed: "http <key> <address>" or "smpp <reference> <address>".
"""

from __future__ import annotations

import asyncio
import sys

import smpp34


def tell(*words: object) -> None:
    print(*words, flush=True)


async def gateway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Just enough HTTP: takes a message, waits a little as real gateways do, and only then answers."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in head[1:] if ":" in line}
            body = await reader.readexactly(int(headers["content-length"]))
            tell("http", headers["idempotency-key"], body.decode().split('"address": "')[1].split('"')[0])
            await asyncio.sleep(0.02)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(port: int, centre_port: int) -> None:
    await asyncio.start_server(gateway, "127.0.0.1", port)
    centre = smpp34.Server("127.0.0.1", centre_port, system_id="centre")
    await centre.start()
    tell("ready")
    count = 0
    while True:
        event = await centre.next()
        if isinstance(event, smpp34.SubmitSmEvent):
            count += 1
            reference = next(int.from_bytes(tlv.value) for tlv in event.tlvs if tlv.tag == 0x0204)
            tell("smpp", reference, event.destination_addr)
            await asyncio.sleep(0)
            event.accept(message_id=f"m{count}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
