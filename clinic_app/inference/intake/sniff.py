"""What a file is, told from its first bytes; names and extensions are never believed."""

from __future__ import annotations

from enum import Enum

from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.sentence import Sentence


class Container(Enum):
    """The formats that are read."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    BMP = "BMP"
    TIFF = "TIFF"
    VIDEO = "video"

    @property
    def is_video(self) -> bool:
        return self is Container.VIDEO


HEAD_BYTES = 64
"""How many first bytes `container_of` wants."""

_READ = (
    (b"\xff\xd8\xff", Container.JPEG),
    (b"\x89PNG\r\n\x1a\n", Container.PNG),
    (b"BM", Container.BMP),
    (b"II*\0", Container.TIFF),
    (b"MM\0*", Container.TIFF),
    (b"\x1aE\xdf\xa3", Container.VIDEO),  # Matroska, WebM
    (b"\0\0\x01\xba", Container.VIDEO),  # MPEG programme stream
)
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_NAMED = (
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP or office file"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop file"),
    (b"II+\0", "a BigTIFF file"),
    (b"MM\0+", "a BigTIFF file"),
)
WANTED = Sentence(
    "Please use a JPEG, PNG, WebP, BMP or TIFF picture, or an MP4, MOV, AVI or MKV video."
)


def container_of(head: bytes) -> Container:
    """The format of a file that begins with `head`; raises `UnreadableImage` for any other."""
    if not head:
        raise UnreadableImage("The file is empty.")
    if head[:4] == b"RIFF":
        form = head[8:12]
        if form == b"WEBP":
            return Container.WEBP
        if form == b"AVI ":
            return Container.VIDEO
    if head[4:8] == b"ftyp":
        if head[8:12] in _STILL_BRANDS:
            raise UnreadableImage(
                "The file is a HEIC or AVIF photo, which is not read. {wanted}", wanted=WANTED
            )
        return Container.VIDEO
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free"):  # QuickTime of old cameras
        return Container.VIDEO
    for magic, container in _READ:
        if head.startswith(magic):
            return container
    for magic, name in _NAMED:
        if head.startswith(magic):
            raise UnreadableImage(
                "The file is {name}, which is not read. {wanted}",
                name=Sentence(name),
                wanted=WANTED,
            )
    raise UnreadableImage(
        "The file is neither a picture nor a video that can be read. {wanted}", wanted=WANTED
    )
