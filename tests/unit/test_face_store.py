"""Faces are detected and cut once, however often a run is killed meanwhile."""

from pathlib import Path

from tests.samples import encoded, grace_hopper
from tests.web.fakes import FakeDetector
from webapp.evaluation.labels import read_labelled_set
from webapp.training.face_store import open_face_store


def test_a_run_that_was_killed_in_the_middle_of_a_line_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name in ("26_1_2_1.jpg", "80_0_4_2.jpg", "30_0_4_3.jpg"):
        (tmp_path / "set" / name).write_bytes(encoded(grace_hopper()))
    labelled = read_labelled_set(tmp_path / "set")
    detector = FakeDetector("mtcnn", ((0.35, 0.15, 0.3, 0.3),))
    first = open_face_store(labelled, [detector], 64, tmp_path / "work")
    assert first.found == (True, True, True)
    assert first.cuts[0].shape == (3, 76, 76, 3)
    (lines,) = tmp_path.glob("work/set-*-mtcnn/detections.jsonl")
    content = lines.read_bytes()
    lines.write_bytes(content[:-20])
    for asked in (4, 4):  # the third once more, then nothing
        again = open_face_store(labelled, [detector], 64, tmp_path / "work")
        assert len(detector.asked) == asked
        assert again.found == first.found
    assert lines.read_bytes() == content


def test_each_detector_cuts_every_face_and_one_that_any_missed_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "26_1_2_1.jpg").write_bytes(encoded(grace_hopper()))
    labelled = read_labelled_set(tmp_path)
    detectors = [FakeDetector("mtcnn", ((0.35, 0.15, 0.3, 0.3),)), FakeDetector("haar", ())]
    store = open_face_store(labelled, detectors, 64, tmp_path / "work")
    assert [cut.shape for cut in store.cuts] == [(1, 76, 76, 3)] * 2
    assert (store.cuts[0] != store.cuts[1]).any()
    assert store.found == (False,)
    assert open_face_store(labelled, detectors[:1], 64, tmp_path / "work").found == (True,)
