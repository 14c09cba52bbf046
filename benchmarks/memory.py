"""Whether memory grows with the number of photos: 200 photos of 60 sizes through one process.

``python -m benchmarks.memory`` takes each photo the whole way, from the bytes of its file to the
drawn picture's, and prints what the process holds on the way and what it held at most.
"""

from pathlib import Path

import numpy as np

from benchmarks.measure import peak_megabytes
from benchmarks.photos import jpeg
from webapp.assembly import build_registry
from webapp.settings import Settings
from webapp.vision.annotate import annotate
from webapp.vision.photo import encode_jpeg

PHOTOS = 200
SIZES = 60
SMALLEST, LARGEST = 0.1e6, 12e6
EVERY = 25


def sizes() -> list[tuple[int, int]]:
    """Widths and heights from a tenth to twelve megapixels, upright and lying, in a mixed order."""
    generator = np.random.default_rng(60)
    pixels = np.geomspace(SMALLEST, LARGEST, SIZES)
    ratios = generator.uniform(0.5, 2, SIZES)
    pairs = [
        (round((p * r) ** 0.5), round((p / r) ** 0.5)) for p, r in zip(pixels, ratios, strict=True)
    ]
    return [pairs[place] for place in generator.permutation(SIZES)]


def resident_megabytes() -> float:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    """Print a line for every 25 photos, and the most."""
    settings = Settings()
    analyzer = build_registry(settings).analyzer()
    print(f"{'photos':>8}{'resident MB':>14}{'most so far':>14}")
    print(f"{0:>8}{resident_megabytes():>14.0f}{peak_megabytes('self'):>14.0f}", flush=True)
    files = [jpeg(width, height, 1 + place % 7) for place, (width, height) in enumerate(sizes())]
    print(f"{'files':>8}{resident_megabytes():>14.0f}{peak_megabytes('self'):>14.0f}", flush=True)
    for number in range(1, PHOTOS + 1):
        data, options = files[number % SIZES], settings.detection()
        examination = analyzer.examine_bytes(data, settings.photo_limits, options)
        encode_jpeg(annotate(examination.photo, examination.analysis).pixels)
        del examination
        if number % EVERY == 0:
            held, most = resident_megabytes(), peak_megabytes("self")
            print(f"{number:>8}{held:>14.0f}{most:>14.0f}", flush=True)


if __name__ == "__main__":
    main()
