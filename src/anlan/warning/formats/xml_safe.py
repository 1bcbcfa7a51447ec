"""XML of strangers, parsed within bounds: no network, no entities, no document type (安全解析). Pure."""

from __future__ import annotations

from lxml import etree


class XmlRefused(ValueError):
    """The bytes are not taken; `zh` and `en` say why and what to do."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


def xml_parse(raw: bytes, most: int, *, recover: bool = False) -> etree._Element:
    """The root of a document of at most `most` bytes, nested at most 256 deep.

    recover: take what can be read of a document that is not well-formed. Raises XmlRefused `xml.too_large`,
    `xml.malformed` or `xml.doctype`.
    """
    if len(raw) > most:
        raise XmlRefused(
            "xml.too_large", f"文件超过{most}字节；请对方拆分后再发", f"larger than {most} bytes; have it sent in parts"
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        said = str(error).split("\n")[0][:200]
        raise XmlRefused(
            "xml.malformed", f"不是完好的XML（{said}）；请对方检查文件", f"not well-formed XML ({said})"
        ) from error
    if root is None:
        raise XmlRefused("xml.malformed", "文件中没有XML元素", "there is no XML element in it")
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused(
            "xml.doctype",
            "文件含文档类型声明（DOCTYPE），不予读取；请对方去掉",
            "it declares a document type; have it left out",
        )
    return root


def embedded(element: etree._Element) -> bytes:
    """An element inside a larger document as a document of its own.

    Exclusive canonical form leaves out what only the outer document declared, so a signature that was made over the
    element while it stood alone can still hold. What has no canonical form (a namespace that is a relative address) is
    written plainly.
    """
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=True)
    except etree.C14NError:
        return etree.tostring(element, encoding="UTF-8", with_tail=False)
