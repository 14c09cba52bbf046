"""Which network predicts age and which gender, and the notation for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from webapp.vision.errors import UnknownModel

Task = Literal["age", "gender"]
TASKS: tuple[Task, Task] = ("age", "gender")


@dataclass(frozen=True)
class ModelChoice:
    """The names of the networks for the two tasks; one network may do both."""

    age: str
    gender: str

    @classmethod
    def parse(cls, text: str) -> "ModelChoice":
        """``cydral`` is one network for both; ``age=levi-hassner,gender=googlenet`` names two.

        Raises UnknownModel if the text is neither.
        """
        if "=" not in text:
            return cls(text, text)
        parts = [part.strip().partition("=") for part in text.split(",")]
        names = {task: name for task, _, name in parts}
        if len(parts) != len(TASKS) or set(names) != set(TASKS) or not _are_names(names.values()):
            raise UnknownModel(
                "“%(text)s” is not a choice of networks; write one name, or age=NAME,gender=NAME.",
                text=text,
            )
        return cls(**names)

    def __str__(self) -> str:
        if self.age == self.gender:
            return self.age
        return f"age={self.age},gender={self.gender}"


def _are_names(names: Iterable[str]) -> bool:
    return all(name and "=" not in name for name in names)
