"""matplotlib's SVG documents as elements that live inside a page, in its colours and font."""

import hashlib
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from wsbook.figures.style import INK, PAPER

_FONT = "'Helvetica Neue',Helvetica,Arial,'Liberation Sans',Arimo,sans-serif"
_PAGE = "var(--pst-color-background,var(--jp-layout-color0,Canvas))"  # book, JupyterLab, others
_PX_PER_PT = 96 / 72
_SMALLEST = 0.64  # a figure shrinks to this share of its width, where text is still legible


def inline(document: str, alt: str) -> str:
    """An SVG document -> one `<svg>` element with `alt` as its label.

    Black becomes the page's text colour and PAPER its background; numbers are cut to 1/100 pt;
    ids carry a hash of the figure, so that figures on one page cannot collide; what draws
    nothing is left out. The element shrinks with the page down to `_SMALLEST` of its size.
    """
    prefix = "f" + hashlib.sha256((alt + document).encode()).hexdigest()[:8] + "-"
    root = ElementTree.fromstring(document.replace(INK, "currentColor").replace(PAPER, _PAGE))
    for element in root.iter():
        element.tag = _local(element.tag)
        element.tail = None
        if element.tag not in ("text", "tspan"):
            element.text = None
        element.attrib = {_local(k): _short(_local(k), v, prefix) for k, v in element.items()}
    width = float(root.get("width").removesuffix("pt")) * _PX_PER_PT
    root.attrib = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": root.get("viewBox"),
        "role": "img",
        "aria-label": alt,
        "stroke-linejoin": "round",
        "style": f"display:block;margin:auto;height:auto;width:100%;max-width:{width:.0f}px;"
        f"min-width:{width * _SMALLEST:.0f}px;fill:currentColor;font-family:{_FONT}",
    }
    _prune(root, used=set(re.findall(rf"#({prefix}\w+)", _text(root))))
    return _text(root)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _text(root: Element) -> str:
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _short(key: str, value: str, prefix: str) -> str:
    """An attribute's value with short numbers, no font, and ids that no other figure uses."""
    if key == "id":
        return prefix + value
    if key == "href":
        return re.sub(r"\s", "", value.replace("#", "#" + prefix))
    if key == "style":
        value = re.sub(r"\s*font-family:[^;]*;?", "", value)
        value = re.sub(r"([:;])\s+", r"\1", value)
    value = re.sub(r"rotate\(-0 [^)]*\)", "", value.replace("url(#", f"url(#{prefix}"))
    value = re.sub(r"-?\d+\.\d+", lambda number: f"{round(float(number[0]), 2):g}", value)
    return re.sub(r" *([MLQCz]) *", r"\1", " ".join(value.split())) if key == "d" else value


def _prune(parent: Element, used: set[str]) -> None:
    """Drop metadata, ids that nothing refers to, groups that say nothing, invisible shapes."""
    kept = []
    for child in parent:
        if child.get("id") not in used:
            child.attrib.pop("id", None)
        child.attrib = {key: value for key, value in child.items() if value}
        _prune(child, used)
        if child.tag == "g" and not child.attrib:
            kept += child
        elif not _draws_nothing(child):
            kept.append(child)
    parent[:] = kept


def _draws_nothing(element: Element) -> bool:
    return (
        element.tag in ("metadata", "style")
        or (element.tag == "defs" and not len(element))
        or element.get("style") == "fill:none"
    )
