"""The article's pipeline: its code as written against ours, each in a process, taking turns.

``python -m benchmarks.article_pipeline [PHOTO...]`` prints a table. Both find faces with MTCNN and
ask Levi and Hassner's network for age and GoogLeNet for gender; the networks have random weights,
which cost as much as trained ones. Without photos one of 2.6 megapixels with four faces is made.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2

from benchmarks.comparison import comparison_table
from benchmarks.photos import jpeg
from webapp.assets import directory
from webapp.settings import Settings
from webapp.vision.card import read_cards
from webapp.vision.models import ModelRegistry

SUBJECTS = ("agelens, article's networks", "article as written")
MEAN = (78.4, 87.7, 114.8)
Subject = Callable[[Path], int]
"""Takes a photo's path and tells how many faces it found."""

BUCKETS = ("0-2", "4-6", "8-12", "15-20", "25-32", "38-43", "48-53", "60-100")
GENDERS = ("Male", "Female")


def as_written(models: Path) -> Subject:
    """The article's code: ``mtcnn`` as it comes, then for every face one ``blobFromImage`` and one
    ``forward`` for each network, and the drawing. The file is read as ``cv2.imread`` reads it.
    """
    from mtcnn import MTCNN

    detector = MTCNN()
    googlenet = models / "googlenet-caffe"
    age_network = _caffe(models / "levi-hassner", "age_net")
    gender_network = _caffe(googlenet, "gender")

    def run(path: Path) -> int:
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        faces = detector.detect_faces(image)
        for found in faces:
            x, y, width, height = (max(0, int(edge)) for edge in found["box"])
            face = image[y : y + height, x : x + width]
            blob = cv2.dnn.blobFromImage(face, 1.0, (227, 227), MEAN, swapRB=False)
            words = []
            for network, names in ((age_network, BUCKETS), (gender_network, GENDERS)):
                network.setInput(blob)
                answers = network.forward()
                best = answers[0].argmax()
                words.append(f"{names[best]}: {100 * answers[0][best]:.2f}%")
            cv2.rectangle(image, (x, y), (x + width, y + height), (0, 155, 255), 2)
            place, font = (x, y - 10), cv2.FONT_HERSHEY_SIMPLEX
            cv2.putText(image, ", ".join(words), place, font, 0.45, (0, 0, 255), 2)
        return len(faces)

    return run


def ours(models: Path) -> Subject:
    """Our pipeline with ``--detector mtcnn --model article``, from the file to the analysis."""
    settings = Settings()
    registry = ModelRegistry(read_cards([directory("models"), models]), [models])
    analyzer = registry.analyzer("mtcnn", "article")

    def run(path: Path) -> int:
        data = path.read_bytes()
        options = settings.detection()
        examination = analyzer.examine_bytes(data, settings.photo_limits, options)
        return len(examination.analysis.faces)

    return run


def _caffe(folder: Path, name: str) -> cv2.dnn.Net:
    layers, weights = folder / f"{name}.prototxt", folder / f"{name}.caffemodel"
    return cv2.dnn.readNetFromCaffe(str(layers), str(weights))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "2.6 MP, 4 faces.jpg"
        made.write_bytes(jpeg(1920, 1366, 4))
        given = [Path(argument) for argument in sys.argv[1:]]
        print(comparison_table(SUBJECTS, given or [made]))
