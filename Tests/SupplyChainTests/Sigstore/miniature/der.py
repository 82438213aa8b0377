"""DER, as far as timestamps and certificates need it (X.690)."""


def value(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def sequence(*parts: bytes) -> bytes:
    return value(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return value(0x31, *sorted(parts))


def octets(content: bytes) -> bytes:
    return value(0x04, content)


def text(content: str) -> bytes:
    return value(0x0C, content.encode())


def integer(number: int) -> bytes:
    return value(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def context(number: int, *parts: bytes) -> bytes:
    """A constructed value with a context tag."""
    return value(0xA0 | number, *parts)


def generalized_time(moment) -> bytes:
    return value(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def identifier(name: str) -> bytes:
    arcs = [int(arc) for arc in name.split(".")]
    content = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.insert(0, 0x80 | arc & 0x7F)
        content += bytes(digits)
    return value(0x06, content)


def algorithm(name: str) -> bytes:
    return sequence(identifier(name))
