"""The encodings of text files: UTF-8, and Latin-1 as Windows writes it."""

_CHARACTERS = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]


def decode_text(text: bytes) -> tuple[str, bool]:
    """The text, and whether it is not UTF-8 but Latin-1.

    What is a control character in Latin-1 is a letter or sign in Windows-1252, such as the euro sign. A file of
    loans has no such control characters, so it is read as Windows-1252.
    """
    try:
        return text.decode(), False
    except UnicodeDecodeError:
        pass
    try:
        return text.decode("cp1252"), True
    except UnicodeDecodeError:  # five bytes have no meaning in Windows-1252
        return "".join([_CHARACTERS[byte] for byte in text]), True


def is_utf8(text: bytes) -> bool:
    """Whether the text is UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
