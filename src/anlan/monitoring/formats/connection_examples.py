"""An example of each protocol's connection: what a new one begins with. Each is checked by a test."""

from __future__ import annotations

_HEAD = """code: {code}
protocol: {protocol}
division: "{division}"          # 只收此区划内的测站 / stations of this division only
name_zh: {zh}
name_en: {en}
"""

_SL651 = """settings:
  port: 5651
  answer: true            # M2 确认 / acknowledge
  idle_s: 900
  # dialect: {elements: {"20": {zh: 时段降水, en: Rain, unit: mm, element: rain_mm}}}
mapping:
  devices: {"0011223344": "41001234"}     # 遥测站地址: 站码 / address: station code
  elements: {rain_now_mm: "-", rain_total_mm: rain_total_mm}   # "-" 不收 / left out
"""
_HJ212 = """settings:
  port: 5212
  # dialect: {base: "2005"}               # 缺省按报文 Flag / by the message's Flag
mapping:
  devices: {"010000A8900016F000169DC0": OUTFALL-1}   # MN: 站码 / station code
"""
_MQTT = """settings:
  host: 127.0.0.1
  port: 1883
  version: "3.1.1"        # 或 / or "5"
  user: ""
  secret: ""              # anlan.toml [secrets] 中的名称 / a name under [secrets] in anlan.toml
  topics:
  - topic: tele/{station}/{element}
    form: number
  - topic: site/{station}/up
    each: points[*]       # 每个读数 / each reading
    element: name
    value: v
    at: t
    time: ms
mapping: {}
"""
_MODBUS = """settings:
  host: 192.0.2.10
  port: 502
  unit: 1
  every_s: 10
  registers:
  - {station: TANK-1, element: pressure_kpa, address: 0, type: float32, order: CDAB}
  - {station: TANK-1, element: temp_c, address: 2, type: int16, scale: 0.1}
"""
_OPCUA = """settings:
  url: opc.tcp://192.0.2.11:4840/
  every_s: 0              # 0 为订阅 / 0 subscribes
  sampling_ms: 1000
  nodes:
  - {node: "ns=2;s=Tank.Level", station: TANK-1, element: level_m}
"""
_FILE = """settings:
  folder: /srv/anlan/drop # .csv .json .line; done/ wrong/
  settle_s: 2
mapping: {}
"""


def _of(code: str, protocol: str, zh: str, en: str, rest: str) -> str:
    return _HEAD.format(code=code, protocol=protocol, division="4101", zh=zh, en=en) + rest


EXAMPLES = {
    "sl651": _of("hydro", "sl651", "水文遥测站", "Hydrological stations", _SL651),
    "hj212": _of("outfalls", "hj212", "污染源在线监控", "Pollution sources", _HJ212),
    "mqtt": _of("sensors", "mqtt", "物联网传感器", "Sensors in the field", _MQTT),
    "modbus": _of("plant", "modbus", "厂区仪表", "Instruments of a plant", _MODBUS),
    "opcua": _of("scada", "opcua", "厂区监控系统", "A plant's control system", _OPCUA),
    "file": _of("drop", "file", "文件投递", "Files dropped", _FILE),
}
