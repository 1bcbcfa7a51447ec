"""A message centre for the fan-out bench: accepts whatever is submitted. `python _fanout_centre.py PORT`.

Just enough of SMPP 3.4 to be fast, in a process of its own; that we speak the protocol right is shown by the tests, whose
centre is an independent library.
"""

from __future__ import annotations

import asyncio
import struct
import sys

COUNT = struct.Struct(">IIII")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    held, number = bytearray(), 0
    while data := await reader.read(262_144):
        held += data
        at, answers = 0, []
        while len(held) - at >= 16:
            length, command, _, sequence = COUNT.unpack_from(held, at)
            if len(held) - at < length:
                break
            at += length
            number += 1
            body = b"centre\0" if command == 9 else b"%d\0" % number if command == 4 else b""
            answers.append(COUNT.pack(16 + len(body), command | 0x80000000, 0, sequence) + body)
        del held[:at]
        writer.write(b"".join(answers))
        await writer.drain()
    writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
