"""Maps what a detector saw in a copy of a photo, or of a part of it, back to the photo."""

from dataclasses import dataclass, replace

from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Floats, Landmarks, Pixels, Point


@dataclass(frozen=True)
class Scaling:
    """Maps coordinates of a copy, whole or fractional, to whole pixels of the photo.

    ``width`` and ``height`` are the photo's; ``horizontal`` and ``vertical`` are photo pixels per
    pixel of the copy. The photo's corner is at ``left`` and ``top`` of the copy.
    """

    width: int
    height: int
    horizontal: float
    vertical: float
    left: int = 0
    top: int = 0

    @classmethod
    def between(cls, copy: Pixels, photo: Photo) -> "Scaling":
        """From the pixels of ``copy``, which shows all of ``photo``, to those of ``photo``."""
        height, width = copy.shape[:2]
        return cls(photo.width, photo.height, photo.width / width, photo.height / height)

    def point(self, x: float, y: float) -> Point:
        """The same point in the photo; it may lie outside, as the corner of a cut-off face does."""
        return round((x - self.left) * self.horizontal), round((y - self.top) * self.vertical)

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """The box between two corners of the copy, clipped to the photo; may be empty."""
        x, y = self.point(left, top)
        end_x, end_y = self.point(right, bottom)
        return Box(x, y, end_x - x, end_y - y).clipped(self.width, self.height)

    def detection(self, face: Detection) -> Detection:
        """A face of the copy as one of the photo."""
        box = self.box(face.box.x, face.box.y, face.box.right, face.box.bottom)
        points = face.landmarks and Landmarks(*(self.point(*p) for p in face.landmarks.points()))
        return replace(face, box=box, landmarks=points)

    def detections(self, boxes: Floats, scores: Floats, landmarks: Floats) -> list[Detection]:
        """The faces of n boxes (left, top, right, bottom), shape (n, 4), their confidences (n,) and
        landmarks (x, y), shape (n, 5, 2), without those that lie outside the photo.
        """
        found = [
            Detection(self.box(*box), score, Landmarks(*(self.point(x, y) for x, y in points)))
            for box, score, points in zip(
                boxes.tolist(), scores.tolist(), landmarks.tolist(), strict=True
            )
        ]
        return [face for face in found if face.box.area > 0]
