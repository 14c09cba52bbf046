"""The image pyramid of MTCNN: smaller and smaller copies of a picture.

Pictures are RGB ``float32``, 0…255, shape (height, width, 3): rounding the levels to whole numbers
would already move boxes.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from webapp.vision.types import Floats

# PNet looks at windows of 12×12 pixels on copies each 0.709 times the last.
WINDOW = 12
FACTOR = 0.709
# The face, in pixels, that fills a window on the first level of the package's pyramid.
FIRST_FACE = 20


def pyramid_scales(picture: Floats, minimum_face: float) -> Iterator[float]:
    """The scales of the package's pyramid on which faces from ``minimum_face`` fill a window."""
    scale = WINDOW / FIRST_FACE
    while scale * minimum_face > WINDOW:
        scale *= FACTOR
    while min(picture.shape[:2]) * scale >= WINDOW:
        yield scale
        scale *= FACTOR


class Pyramid:
    """Makes copies whose pixels are the mean of the area that each covers.

    OpenCV's ``INTER_AREA`` gives the same, but reads the whole picture pixel by pixel for every
    level. Here the rows are summed up once; a level takes the difference of two sums for each of
    its rows and leaves only those few to OpenCV, which takes a third of the time.
    """

    def __init__(self, picture: Floats) -> None:
        self._picture = picture
        height, width = picture.shape[:2]
        # Row n is the sum of all rows of the picture above n.
        self._sums = np.zeros((height + 1, width, 3), np.float32)
        for above, row, below in zip(self._sums, picture, self._sums[1:], strict=False):
            np.add(above, row, out=below)

    def level(self, scale: float) -> Floats:
        """The copy that is ``scale`` times the size, rounded down; ``scale`` is at most 1."""
        height, width = self._picture.shape[:2]
        rows = int(height * scale)
        edges = np.arange(rows + 1) * (height / rows)
        whole = np.minimum(edges.astype(np.intp), height - 1)
        up_to_edges = self._picture[whole]
        up_to_edges *= (edges - whole).astype(np.float32)[:, np.newaxis, np.newaxis]
        up_to_edges += self._sums[whole]
        strips = np.diff(up_to_edges, axis=0)
        size = (int(width * scale), rows)
        level = cv2.resize(strips, size, interpolation=cv2.INTER_AREA).reshape(rows, -1, 3)
        return np.asarray(level * np.float32(rows / height), np.float32)
