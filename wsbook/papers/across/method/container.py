"""Parts of a stored network as one string of bytes that notices damage.

Four bytes of magic, a CRC-32 of all that follows, and the parts, each behind its length (32 bits, little-endian).
"""

import struct
import zlib

from wsbook.errors import StudyError

MAGIC = b"wsx1"
LENGTH = struct.Struct("<I")
DAMAGED = "these bytes are no whole stored network ({}); encode the network again."


class Writer:
    """Collects parts."""

    def __init__(self):
        self.parts: list[bytes] = []

    def add(self, part: bytes) -> None:
        """Append a part."""
        self.parts.append(part)

    def whole(self) -> bytes:
        """All parts so far, framed."""
        body = b"".join(LENGTH.pack(len(part)) + part for part in self.parts)
        return MAGIC + LENGTH.pack(zlib.crc32(body)) + body


class Reader:
    """Gives the parts of a framed string back, one by one.

    Raises
        StudyError: if the string is damaged or nothing that a `Writer` made.
    """

    def __init__(self, data: bytes):
        start = len(MAGIC) + LENGTH.size
        if not data.startswith(MAGIC) or len(data) < start:
            raise StudyError(DAMAGED.format("they begin otherwise"))
        if LENGTH.unpack(data[len(MAGIC) : start])[0] != zlib.crc32(data[start:]):
            raise StudyError(DAMAGED.format("the checksum does not fit"))
        self.data, self.at = data, start

    def take(self) -> bytes:
        """The next part.

        Raises
            StudyError: if there is none.
        """
        begin = self.at + LENGTH.size
        if begin > len(self.data):
            raise StudyError(DAMAGED.format("a part is missing"))
        self.at = begin + LENGTH.unpack(self.data[self.at : begin])[0]
        return self.data[begin : self.at]

    def finish(self) -> None:
        """Raise a StudyError if parts are left over."""
        if self.at != len(self.data):
            raise StudyError(DAMAGED.format("parts are left over"))
