"""Faces that are hidden cannot be got back."""

import numpy as np
import pytest
from PIL import Image

from tests.samples import grace_hopper
from webapp.vision.drawings import CELLS, MARGIN, Fill, blurred, covered, hide, pixelated
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Pixels

FACE = Box(180, 100, 160, 200)
FILLS = [blurred, pixelated, covered]


def hidden(pixels: Pixels, fill: Fill, *faces: Box) -> Pixels:
    return hide(Photo.of(pixels), faces or [FACE], fill).pixels


@pytest.mark.parametrize("fill", FILLS)
def test_only_the_face_and_what_is_around_it_changes(fill: Fill) -> None:
    before = grace_hopper()
    changed = (hidden(before, fill) != before).any(axis=2)
    x, y = round(MARGIN * FACE.width), round(MARGIN * FACE.height)
    inside = np.zeros_like(changed)
    inside[FACE.y - y : FACE.bottom + y, FACE.x - x : FACE.right + x] = True
    assert not changed[~inside].any()
    assert changed[FACE.y : FACE.bottom, FACE.x : FACE.right].mean() > 0.95


@pytest.mark.parametrize("fill", FILLS)
def test_faces_of_the_same_mean_colours_look_the_same(fill: Fill) -> None:
    """What a hidden face shows depends on 16 colours and on nothing else of the face."""
    part = Image.fromarray(grace_hopper()[50:350, 140:380])
    cells = np.asarray(part).reshape(CELLS, 75, CELLS, 60, 3)
    turned = np.ascontiguousarray(cells[:, ::-1, :, ::-1]).reshape(300, 240, 3)
    assert (turned != np.asarray(part)).any()
    assert fill(part) == fill(Image.fromarray(turned))


def test_few_colours_are_left() -> None:
    part = pixelated(Image.fromarray(grace_hopper()[50:350, 140:380]))
    colours = {tuple(colour) for colour in np.asarray(part).reshape(-1, 3)}
    assert len(colours) <= CELLS * CELLS
    assert all(channel % 32 == 16 for colour in colours for channel in colour)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(
    "face", [Box(-30, -30, 100, 100), Box(500, 580, 60, 60), Box(0, 0, 512, 600), Box(5, 5, 1, 1)]
)
def test_faces_at_the_edge_and_of_any_size(fill: Fill, face: Box) -> None:
    before = grace_hopper()
    after = hidden(before, fill, face)
    assert after.shape == before.shape
    seen = face.clipped(512, 600)
    part = np.s_[seen.y : seen.bottom, seen.x : seen.right]
    assert (after[part] != before[part]).any()


@pytest.mark.parametrize("fill", FILLS)
def test_every_face_is_hidden(fill: Fill) -> None:
    faces = [Box(20, 20, 50, 60), Box(60, 40, 50, 60), Box(300, 400, 100, 90)]
    before = grace_hopper()
    after = hidden(before, fill, *faces)
    for face in faces:
        part = np.s_[face.y : face.bottom, face.x : face.right]
        assert (after[part] != before[part]).any(axis=2).mean() > 0.9
