"""Damaged photos: the same for the same seed and number, on every machine."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.pieces import PNG_SIGNATURE, pieces, with_right_checksums
from tests.fuzz.seeds import seeds

# What decoders compute sizes from: nothing, one, the ends of signed and unsigned numbers, and
# sides whose square is just below the limit of pixels.
EXTREMES = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 7000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
# Sizes at the limits of pixels, of sides and of formats.
SIZES = ((7000, 7000), (65_500, 763), (763, 65_500), (49_000, 1000), (1, 65_500), (8000, 8000))
# How many mutations one after another; mostly few, for a file that still opens goes deeper.
STEPS = (1, 1, 2, 4)
# A duplicated piece is repeated this often at most.
MOST_COPIES = 200


@dataclass(frozen=True)
class Mutant:
    """A damaged file and the name of the valid one that it was made from."""

    origin: str
    data: bytes


def mutant(seed: int, number: int) -> Mutant:
    """The file of that number in the corpus of that seed."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311 # the same files every time
    names = list(seeds())
    origin = names[number % len(names)]
    data = bytearray(seeds()[origin])
    for _ in range(chance.choice(STEPS)):
        chance.choice(MUTATIONS)(data, chance)
    if data.startswith(PNG_SIGNATURE) and chance.random() < 0.8:
        return Mutant(origin, with_right_checksums(bytes(data)))
    return Mutant(origin, bytes(data))


def _flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(min(chance.randint(1, 16), len(data))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _change_bytes(data: bytearray, chance: random.Random) -> None:
    for _ in range(min(chance.randint(1, 8), len(data))):
        data[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, _byte(chance)))


def _change_the_head(data: bytearray, chance: random.Random) -> None:
    """Most of what steers a decoder lies in the first bytes."""
    for _ in range(min(chance.randint(1, 4), len(data))):
        data[chance.randrange(min(len(data), 200))] = _byte(chance)


def _overwrite_block(data: bytearray, chance: random.Random) -> None:
    start, end = _block(data, chance)
    filling = chance.choice((b"\0", b"\xff", bytes((_byte(chance),))))
    data[start:end] = filling * (end - start)


def _scramble_block(data: bytearray, chance: random.Random) -> None:
    start, end = _block(data, chance)
    data[start:end] = chance.randbytes(end - start)


def _remove_block(data: bytearray, chance: random.Random) -> None:
    start, end = _block(data, chance)
    del data[start:end]


def _repeat_block(data: bytearray, chance: random.Random) -> None:
    start, end = _block(data, chance)
    data[start:start] = data[start:end] * chance.randint(1, 8)


def _truncate(data: bytearray, chance: random.Random) -> None:
    del data[chance.randint(0, len(data)) :]


def _splice(data: bytearray, chance: random.Random) -> None:
    """The beginning of this file, the end of another."""
    other = seeds()[chance.choice(list(seeds()))]
    share = chance.random()
    data[int(share * len(data)) :] = other[int(share * len(other)) :]


def _set_number(data: bytearray, chance: random.Random) -> None:
    """An extreme number somewhere, of two or four bytes in either order."""
    length = chance.choice((2, 4))
    if len(data) > length:
        _write(data, chance.randrange(len(data) - length), length, chance)


def _set_length(data: bytearray, chance: random.Random) -> None:
    """An extreme number where a chunk, segment, box or entry tells its length or count."""
    if found := pieces(bytes(data)):
        piece = chance.choice(found)
        _write(data, piece.length_at, piece.length_bytes, chance, piece.order)


def _set_size(data: bytearray, chance: random.Random) -> None:
    """A size at the limits, where the format tells its width and height."""
    width, height = chance.choice(SIZES)
    if data.startswith(PNG_SIGNATURE) and len(data) > 24:
        struct.pack_into(">II", data, 16, width, height)
    elif data.startswith(b"GIF8") and len(data) > 10:
        struct.pack_into("<HH", data, 6, width, height)
    elif data.startswith(b"BM") and len(data) > 26:
        struct.pack_into("<ii", data, 18, width, height)
    elif data.startswith(b"\xff\xd8"):
        for piece in pieces(bytes(data)):
            if data[piece.start + 1] in (0xC0, 0xC1, 0xC2) and piece.end - piece.start > 9:
                struct.pack_into(">HH", data, piece.start + 5, height, width)
    elif data.startswith((b"II*", b"MM")):
        for piece in pieces(bytes(data))[:3]:  # the size comes first, tags lie in order
            tag = int.from_bytes(data[piece.start : piece.start + 2], piece.order)  # type: ignore[arg-type]
            if tag in (256, 257):
                side = (width, height)[tag - 256].to_bytes(4, piece.order)  # type: ignore[arg-type]
                entry = b"\4\0\1\0\0\0" if piece.order == "little" else b"\0\4\0\0\0\1"
                data[piece.start + 2 : piece.end] = entry + side


def _change_a_piece(data: bytearray, chance: random.Random) -> None:
    """An extreme number or a few bytes in the first ones of a piece, where its own fields are."""
    if found := pieces(bytes(data)):
        piece = chance.choice(found)
        place = min(piece.start + chance.randrange(4, 24), len(data) - 1)
        if chance.random() < 0.5:
            _write(data, place, chance.choice((2, 4)), chance, piece.order)
        else:
            data[place] = _byte(chance)


def _repeat_a_piece(data: bytearray, chance: random.Random) -> None:
    if found := pieces(bytes(data)):
        piece = chance.choice(found)
        copies = chance.choice((1, 2, chance.randint(1, MOST_COPIES)))
        data[piece.end : piece.end] = data[piece.start : piece.end] * copies


def _move_a_piece(data: bytearray, chance: random.Random) -> None:
    """Remove a piece, or put it in front of another one."""
    if found := pieces(bytes(data)):
        piece, place = chance.choice(found), chance.choice(found).start
        moved = data[piece.start : piece.end]
        del data[piece.start : piece.end]
        if chance.random() < 0.7:
            data[place:place] = moved


def _borrow_a_piece(data: bytearray, chance: random.Random) -> None:
    """A piece of another file, put between two of this one's."""
    other = seeds()[chance.choice(list(seeds()))]
    foreign, found = pieces(other), pieces(bytes(data))
    if foreign and found:
        piece, place = chance.choice(foreign), chance.choice(found).start
        data[place:place] = other[piece.start : piece.end]


Mutation = Callable[[bytearray, random.Random], None]
MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits,
    _change_bytes,
    _change_the_head,
    _overwrite_block,
    _scramble_block,
    _remove_block,
    _repeat_block,
    _truncate,
    _splice,
    _set_number,
    _set_length,
    _set_size,
    _change_a_piece,
    _repeat_a_piece,
    _move_a_piece,
    _borrow_a_piece,
)


def _byte(chance: random.Random) -> int:
    return chance.randrange(256)


def _block(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.choice((1, 2, 4, 16, 64, 256, 1024)))


def _write(
    data: bytearray, place: int, length: int, chance: random.Random, order: str = ""
) -> None:
    number = chance.choice(EXTREMES) & ((1 << 8 * length) - 1)
    order = order or chance.choice(("big", "little"))
    data[place : place + length] = number.to_bytes(length, order)  # type: ignore[arg-type]
