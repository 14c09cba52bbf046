"""The base class of all errors that users or operators can fix."""

from collections.abc import Callable, Mapping


class AgelensError(Exception):
    """Its message is one sentence for users: a template, with values for its ``%(names)s``.

    Pages show the template's translation with the values; everybody else reads English.
    """

    def __init__(self, template: str = "", **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return filled(self.template, self.values)


def translatable(template: str) -> str:
    """The same; marks a sentence that is not yet in an error for the translators' catalogues."""
    return template


def in_english(number: float) -> str:
    """A number as English writes it: 1,234 or 12.5."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.10g}"


def filled(
    template: str, values: Mapping[str, object], number: Callable[[float], str] = in_english
) -> str:
    """A template with its values put in; ``number`` writes those that are numbers."""
    if not values:
        return template
    shown = {
        name: number(value) if isinstance(value, int | float) else value
        for name, value in values.items()
    }
    return template % shown
