"""What is held back for validation shares no picture with what is trained on."""

import numpy as np

from webapp.evaluation.labels import Label
from webapp.training.split import difference_hashes, near_copies, validation_mask
from webapp.vision.types import Pixels


def random_pictures(count: int) -> Pixels:
    random = np.random.default_rng(5)
    coarse = random.integers(0, 256, (count, 12, 12, 3), np.uint8)
    return coarse.repeat(6, axis=1).repeat(6, axis=2)


def labels(count: int) -> list[Label]:
    return [Label(f"{index}.jpg", 30, 30, "female") for index in range(count)]


def test_about_the_share_is_held_back_and_always_the_same() -> None:
    pictures = random_pictures(400)
    mask = validation_mask(labels(400), pictures, 0.2, seed=1)
    assert 0.13 < mask.mean() < 0.27
    assert (mask == validation_mask(labels(400), pictures, 0.2, seed=1)).all()
    assert (mask != validation_mask(labels(400), pictures, 0.2, seed=2)).any()


def test_copies_never_straddle() -> None:
    originals = random_pictures(150)
    noise = np.random.default_rng(6).integers(-4, 5, originals.shape)
    copies = (originals.astype(int) + noise).clip(0, 255).astype(np.uint8)
    mask = validation_mask(labels(300), np.concatenate([originals, copies]), 0.5, seed=1)
    assert (mask[:150] == mask[150:]).all()
    assert 0 < mask.sum() < 300


def test_different_pictures_are_no_copies() -> None:
    assert near_copies(difference_hashes(random_pictures(100))) == []


def test_neighbouring_numbers_of_group_photos_stay_together() -> None:
    numbered = [Label(f"5_{number}_1.jpg", 3, 7, "male") for number in range(1000)]
    mask = validation_mask(numbered, random_pictures(1000), 0.3, seed=1)
    blocks = mask.reshape(20, 50)
    assert (blocks.all(axis=1) | ~blocks.any(axis=1)).all()
    assert 0 < mask.sum() < 1000


def test_pictures_of_one_person_stay_together() -> None:
    several = [Label(f"{n}.jpg", 50, 56, "male", person=f"P{n % 40}") for n in range(200)]
    mask = validation_mask(several, random_pictures(200), 0.3, seed=1)
    persons = mask.reshape(5, 40)
    assert (persons.all(axis=0) | ~persons.any(axis=0)).all()
    assert 0 < mask.sum() < 200
