"""An upload's name is shown and leads to download names, and never becomes a path."""

import pytest

from webapp.results.upload import presentable, stem


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("family.jpg", "family.jpg"),
        ("a/b/../c.jpg", "c.jpg"),
        ("C:\\photos\\me.jpg", "me.jpg"),
        ("two\nlines\r\0.jpg", "twolines.jpg"),
        ("turned\u202egpj.exe", "turnedgpj.exe"),  # right-to-left override
        ("   ", "photo"),
        ("", "photo"),
        ("folder/", "photo"),
        ("y" * 500 + ".jpeg", "y" * 115 + ".jpeg"),
    ],
)
def test_a_shown_name_has_no_folder_and_no_control_character(given: str, shown: str) -> None:
    assert presentable(given) == shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("family.jpg", "family"),
        ("a.b.c.jpg", "a.b.c"),
        (".htaccess", "photo"),
        ("..", "photo"),
        ('"><b>.jpg', "___b_"),
        ("no extension", "no extension"),
    ],
)
def test_a_download_is_named_after_its_photo(name: str, expected: str) -> None:
    assert stem(name) == expected
