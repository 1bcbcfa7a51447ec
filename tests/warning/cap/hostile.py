"""Documents made to cost much, by name: by entities, depth, number, length, backtracking, encodings, many faults."""

from __future__ import annotations

from tests.warning.cap.messages import ALERT, INFO, change, raw, with_area

SELF = f"{ALERT.sender},{ALERT.identifier},{ALERT.sent} ".encode()
HEAD = raw(change(ALERT, infos=())).split(b"</alert>")[0]
PAYLOAD = '<!DOCTYPE alert [<!ENTITY x SYSTEM "{}">]>'


def alert(inside: bytes) -> bytes:
    return HEAD + inside + b"</alert>"


def area(inside: bytes) -> bytes:
    return raw(with_area(polygons=("@",))).replace(b"<polygon>@</polygon>", inside)


def doctype(inside: str) -> bytes:
    return inside.encode() + raw().split(b"?>", 1)[1].replace("暴雨".encode(), b"&x;", 1)


def more_of_them() -> dict[str, bytes]:
    """Tricks of encodings, containers and repetition, and texts that make careless patterns try everything."""
    small = raw().split(b"?>", 1)[1]
    square = b"<polygon>0,0 0,1 1,1 1,0 0,0</polygon>"
    bow = b"<polygon>0,0 1,1 0,1 1,0 0,0</polygon>"
    edxl = b'<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0">'
    wrap = b"<contentObject><xmlContent><embeddedXMLContent>"
    unwrap = b"</embeddedXMLContent></xmlContent></contentObject>"
    signature = b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">'
    external = PAYLOAD.format("file:///etc/passwd")
    return {
        "5 MB of text": alert(b"<note>" + b"x" * 5_000_000 + b"</note>"),
        "nothing but blanks": b" " * 4_000_000,
        "nothing but zeros": b"\0" * 4_000_000,
        "utf-7": b'<?xml version="1.0" encoding="utf-7"?>+ADw-alert+AD4-' + b"+ADw-a/+AD4-" * 100_000,
        "utf-16 without a mark": doctype(external).decode().encode("utf-16-be"),
        "utf-16 doctype in a utf-8 declaration": b'<?xml version="1.0" encoding="UTF-8"?>' + external.encode("utf-16-le"),
        "half of a utf-16 letter": ("<?xml version='1.0'?>" + small.decode()).encode("utf-16") + b"\x00",
        "utf-16 of lone surrogates": b"\xff\xfe" + b"\x00\xd8" * 1_000_000,
        "gb18030": b'<?xml version="1.0" encoding="gb18030"?>' + b"\x81\x30\x81\x30" * 1_000_000,
        "declaration without an end": b"<?xml " + b"encoding=" * 400_000,
        "instructions": b"<?a?>" * 100_000 + small,
        "comments": b"<!---->" * 100_000 + small,
        "comment before a doctype": b"<!--" + b"-" * 1_000_000 + b" -->" + external.encode() + small,
        "a doctype in a text": raw().replace("立即到高处避险".encode(), b"&lt;!DOCTYPE " * 100_000),
        "namespaces of their own": alert(b"".join(b'<x%d:a xmlns:x%d="u%d"/>' % (n, n, n) for n in range(20_000))),
        "names": alert(b"".join(b"<a%d/>" % n for n in range(100_000))),
        "a long name": alert(b"<" + b"a" * 2_000_000 + b"/>"),
        "envelopes in envelopes": (edxl + wrap) * 30 + small + (unwrap + b"</EDXLDistribution>") * 30,
        "many envelopes": edxl + (wrap + small + unwrap) * 2_000 + b"</EDXLDistribution>",
        "a feed of the same": b'<feed xmlns="http://www.w3.org/2005/Atom">' + small * 1_800 + b"</feed>",
        "alerts in alerts": HEAD * 100 + b"</alert>" * 100,
        "4,600 empty infos": alert(b"<info/>" * 4_600),
        "faults for the schema": alert(b'<info a=""/>' * 2_600),
        "infos of text": alert(b"<info>x</info>" * 3_900),
        "a signature of many parts": alert(signature + b"<a/>" * 100_000 + b"</Signature>"),
        "squares": area(square * 50_000),
        "bows": area(bow * 50_000),
        "one ring in many infos": raw(change(ALERT, infos=tuple([change(INFO, resources=())] * 2_000))),
        "quotes": raw().replace(b"two words", b'" ' * 1_000_000),
        "addresses": alert(b"<addresses>" + b'"a ' * 1_000_001 + b"</addresses>"),
        "half a tag": raw().replace("立即到高处避险".encode(), b"&lt;a " + b"b" * 3_900_000),
        "ampersands": raw().replace("立即到高处避险".encode(), b"&amp;" * 700_000 + b"a" * 300_000),
        "character references": raw().replace("立即到高处避险".encode(), b"&#65;" * 700_000),
        "mime type": raw().replace(b"image/png", b"a/b" + b" " * 3_900_000 + b"!"),
        "web": raw().replace(b"https://example.org/a", b"a" * 3_900_000),
        "headline": raw().replace(b"<headline>", b"<headline>" + b"tes " * 900_000 + b"test"),
        "digest": raw().replace(b"a9993e36", b"a" * 3_900_000),
        "size": raw().replace(b"<size>3<", b"<size>" + b"9" * 3_900_000 + b"<"),
        "altitude": area(b"<altitude>" + b"1" * 3_900_000 + b".x</altitude>"),
        "references to itself": alert(b"<references>" + SELF * 60_000 + b"</references>"),
        "code": alert(b"<code>x</code>" * 59_000),
        "parameters": raw().replace(b"<parameter>", b"<parameter><valueName/><value/></parameter>" * 19_000 + b"<parameter>"),
    }  # fmt: skip


def hostile() -> dict[str, bytes]:
    """Documents made to cost much: by entities, depth, number, length, backtracking and by many faults."""
    laughs = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    zigzag = " ".join(f"{n * 1e-4:.4f},{0 if n % 2 else 100}" for n in range(100_000))
    return {
        "billion laughs": doctype(f'<!DOCTYPE alert [<!ENTITY x0 "ha">{laughs}<!ENTITY x "&x11;">]>'),
        "quadratic blowup": doctype(f'<!DOCTYPE alert [<!ENTITY x "{"a" * 50_000}">]>') + b"&x;" * 50_000,
        "file": doctype(PAYLOAD.format("file:///etc/passwd")),
        "network": doctype(PAYLOAD.format("http://127.0.0.1:9/x")),
        "parameter entity": doctype('<!DOCTYPE alert [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]>'),
        "external dtd": doctype('<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">'),
        "utf-16 doctype": doctype(PAYLOAD.format("file:///etc/passwd")).decode().encode("utf-16"),
        "xinclude": alert(b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
        "stylesheet": b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>' + raw().split(b"?>", 1)[1],
        "schema location": raw().replace(b"<alert ", b'<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                                         b'xsi:schemaLocation="urn:oasis:names:tc:emergency:cap:1.2 http://127.0.0.1:9/x" '),
        "deep": b"<a>" * 50_000 + b"</a>" * 50_000,
        "250 deep": b"<alert>" * 250 + b"</alert>" * 250,
        "empty infos": alert(b"<info/>" * 119_000),
        "attributes": alert(b"<info " + b" ".join(b'a%d=""' % n for n in range(40_000)) + b"/>"),
        "infos with attributes": alert(b'<info a=""/>' * 40_000),
        "namespaces": alert(b"<x " + b" ".join(b'xmlns:a%d="u"' % n for n in range(40_000)) + b"/>"),
        "huge attribute": alert(b'<info a="' + b"x" * 4_000_000 + b'"/>'),
        "signatures": alert(b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>' * 40_000),
        "blanks": area(b"<polygon>" + b" " * 3_900_000 + b"x</polygon>"),
        "tokens": area(b"<polygon>" + b"1 " * 1_900_000 + b"</polygon>"),
        "pairs": area(b"<polygon>" + b"1,1 " * 900_000 + b"</polygon>"),
        "digits": area(b"<polygon>" + b"1" * 3_900_000 + b",1 1,1 1,1 1,1</polygon>"),
        "digits in a circle": area(b"<circle>" + b"1" * 3_900_000 + b",1 x</circle>"),
        "commas": area(b"<polygon>" + b"," * 3_900_000 + b"</polygon>"),
        "zigzag": area(f"<polygon>{zigzag} 0.0000,100</polygon>".encode()),
        "references": alert(b"<references>" + b"a,b " * 900_000 + b"</references>"),
        "language": raw().replace(b"zh-CN", b"a-" * 1_900_000),
        "categories": raw().replace(b"<category>Met</category>", b"<category>x</category>" * 50_000),
        "sent": raw().replace(ALERT.sent.encode(), b"1" * 3_900_000),
        "fraction": raw().replace(ALERT.sent.encode(), b"2021-07-19T21:59:00." + b"1" * 3_900_000 + b"Z"),
        "base64": raw().replace(b"YWJj", b" " * 3_900_000 + b"!"),
        "markup": raw().replace("立即到高处避险".encode(), b"&lt;b " * 600_000),
        "infos": raw(change(ALERT, infos=tuple([change(INFO, areas=(), resources=())] * 3_000))),
        **more_of_them(),
    }  # fmt: skip


HOSTILE = hostile()
REFUSED = (
    "billion laughs",
    "quadratic blowup",
    "file",
    "network",
    "parameter entity",
    "external dtd",
    "utf-16 doctype",
)
