"""Small PDF files for tests, written by hand: pages of lines at places, with sizes, as
TeX writes them."""

from __future__ import annotations

from collections.abc import Sequence

Placed = tuple[float, float, float, str]  # x, y, size, text


def pdf(
    pages: Sequence[Sequence[Placed]],
    *,
    title: str = "",
    author: str = "",
    scan: bool = False,
) -> bytes:
    """A file of these pages; "**" before a text makes it bold. ``scan``: a picture on
    each page, no text."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%b) /Author (%b) >>" % (title.encode(), author.encode()),
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Length 1 >>\nstream\n\x00\nendstream",
    ]
    kids = []
    for lines in pages:
        drawn = (
            b"q 612 0 0 792 0 0 cm /I Do Q" if scan else b"\n".join(map(_shown, lines))
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R /B 4 0 R >> /XObject << /I 6 0 R >> >> >>"
            % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (
        len(kids),
        b" ".join(kids),
    )
    return _file(objects)


def column(
    lines: Sequence[str], *, x: float = 72, y: float = 700, size: float = 10
) -> list[Placed]:
    """Lines one below the other, in their usual distance; an empty one leaves a
    space."""
    return [(x, y - 12 * n, size, line) for n, line in enumerate(lines) if line]


def _shown(line: Placed) -> bytes:
    x, y, size, text = line
    font = b"B" if text.startswith("**") else b"F"
    said = text.removeprefix("**").encode("cp1252")
    for mark in (b"\\", b"(", b")"):
        said = said.replace(mark, b"\\" + mark)
    return b"BT /%b %g Tf 1 0 0 1 %g %g Tm (%b) Tj ET" % (font, size, x, y, said)


def _file(objects: Sequence[bytes]) -> bytes:
    made, places = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R /Info 5 0 R >>" % (len(objects) + 1)
    start = b"startxref\n%d\n%%%%EOF\n" % len(made)
    return bytes(made) + b"xref\n0 %d\n0000000000 65535 f \n%b%b\n%b" % (
        len(objects) + 1,
        table,
        trailer,
        start,
    )
