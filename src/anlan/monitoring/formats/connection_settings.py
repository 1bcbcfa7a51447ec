"""What a connection's settings may be, by protocol. Types and bounds; what only the machine can tell is told when it
starts. Hosts are names or addresses; times in seconds. Secrets are named here and kept in anlan.toml ([secrets])."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Seconds = Annotated[float, msgspec.Meta(ge=0.1, le=86_400)]
Zone = Annotated[str, msgspec.Meta(pattern=r"^[+-]\d\d:\d\d$")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Element = Annotated[str, msgspec.Meta(max_length=24)]


class _Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base: nothing unknown is passed over in silence."""


class Listening(_Settings, frozen=True):
    """A TCP port that devices connect to. host "": the gateway's. idle_s: a silent device is hung up on after it.
    per_peer_min: frames a minute from one address; beyond it the gateway reads no faster."""

    port: Port
    host: str = ""
    idle_s: Seconds = 900.0
    most_peers: Annotated[int, msgspec.Meta(ge=1, le=60_000)] = 5_000
    per_peer_min: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 6_000


class Sl651(Listening, frozen=True):
    """SL 651-2014. answer: send acknowledgements (M2); dialect: how the maker's frames differ (sl651.dialect_of)."""

    answer: bool = True
    dialect: dict[str, Any] = {}


class Hj212(Listening, frozen=True):
    """HJ 212. dialect: {base: "2005" | "2017" | "2025", flags: {…}}; empty: what the message's Flag says."""

    answer: bool = True
    dialect: dict[str, Any] = {}


class Topic(_Settings, frozen=True):
    """A topic pattern with {station} and {element} in it, + and #; and how a payload is understood.

    form: json, line (InfluxDB), csv (station,at,value), or number (the payload is the value). each: path to a list of
    readings in the payload. station, element, value, at: paths, from there; values: element → path, several at once.
    time: iso, s, ms, us; zone: of times without one. Without `at` the time of arrival counts.
    """

    topic: Text
    qos: Literal[0, 1, 2] = 1
    form: Literal["json", "line", "csv", "number"] = "json"
    each: str = ""
    station: str = ""
    element: str = ""
    value: str = "value"
    values: dict[Element, str] = {}
    at: str = ""
    time: Literal["iso", "s", "ms", "us"] = "iso"
    zone: Zone = "+08:00"
    precision: Literal["ns", "us", "ms", "s"] = "ns"


class Mqtt(_Settings, frozen=True):
    """Topics at a broker. version: 3.1.1 or 5; secret: name of the password; ca: file of the authority that signed the
    broker's certificate (tls). most_waiting: messages that may be unacknowledged."""

    host: Name
    topics: Annotated[list[Topic], msgspec.Meta(min_length=1, max_length=200)]
    port: Port = 1883
    version: Literal["3.1.1", "5"] = "3.1.1"
    client: str = ""
    user: str = ""
    secret: str = ""
    tls: bool = False
    ca: str = ""
    keep_alive_s: Annotated[int, msgspec.Meta(ge=5, le=3600)] = 30
    most_waiting: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 1_000


class Register(_Settings, frozen=True):
    """A value in a Modbus device. order: bytes as they come, ABCD big-endian, CDAB words swapped, BADC, DCBA.
    The reading is raw × scale + offset; raw equal to `missing` is none."""

    station: Code
    address: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    element: Element = ""
    table: Literal["holding", "input", "coil", "discrete"] = "holding"
    type: Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"] = "int16"
    order: Literal["ABCD", "CDAB", "BADC", "DCBA"] = "ABCD"
    scale: float = 1.0
    offset: float = 0.0
    missing: float | None = None
    unit: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None


class Modbus(_Settings, frozen=True):
    """Registers of a Modbus TCP device, asked every every_s seconds."""

    host: Name
    registers: Annotated[list[Register], msgspec.Meta(min_length=1, max_length=2_000)]
    port: Port = 502
    unit: Annotated[int, msgspec.Meta(ge=0, le=255)] = 1
    every_s: Seconds = 10.0
    timeout_s: Seconds = 3.0


class Node(_Settings, frozen=True):
    """A node of an OPC UA server, e.g. "ns=2;s=Tank.Level"."""

    node: Text
    station: Code
    element: Element = ""
    scale: float = 1.0
    offset: float = 0.0


class Opcua(_Settings, frozen=True):
    """Nodes of an OPC UA server; every_s 0 subscribes to changes, otherwise they are read that often.

    clock: source takes the time the source gives, here the time of arrival. policy: security policy with certificate
    and key files ("Basic256Sha256,SignAndEncrypt,cert.der,key.pem").
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^opc\.tcp://.+", max_length=400)]
    nodes: Annotated[list[Node], msgspec.Meta(min_length=1, max_length=5_000)]
    every_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    sampling_ms: Annotated[int, msgspec.Meta(ge=10, le=3_600_000)] = 1_000
    clock: Literal["source", "here"] = "source"
    user: str = ""
    secret: str = ""
    policy: str = ""
    timeout_s: Seconds = 4.0


class Folder(_Settings, frozen=True):
    """Files put into a folder: .csv, .json, .line or .txt (InfluxDB lines). A file counts when its size has not changed
    for settle_s. precision: of times in line files."""

    folder: Text
    every_s: Seconds = 2.0
    settle_s: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 1.0
    precision: Literal["ns", "us", "ms", "s"] = "ns"
    keep_days: Annotated[int, msgspec.Meta(ge=0, le=3_650)] = 30


Settings = Sl651 | Hj212 | Mqtt | Modbus | Opcua | Folder
KINDS: dict[str, type[Sl651] | type[Hj212] | type[Mqtt] | type[Modbus] | type[Opcua] | type[Folder]] = {
    "sl651": Sl651, "hj212": Hj212, "mqtt": Mqtt, "modbus": Modbus, "opcua": Opcua, "file": Folder,
}  # fmt: skip


class Mapping(_Settings, frozen=True):
    """Names as they come → ours. devices: device → station code; prefix: before codes of devices not named there.
    elements: element as it comes → ours; "-" leaves it out, "" is the station's main one."""

    devices: dict[str, Code] = {}
    elements: dict[str, Element] = {}
    prefix: Annotated[str, msgspec.Meta(max_length=20)] = ""

    def station(self, device: str) -> str:
        """Return the station code of a device."""
        found = self.devices.get(device)
        return found if found is not None else self.prefix + device

    def element(self, name: str) -> str | None:
        """Return our element of one that comes; None when it is to be left out."""
        found = self.elements.get(name, name)
        return None if found == "-" else found
