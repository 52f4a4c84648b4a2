"""Money in whole cents. In the domain, amounts that are stated are never floats."""

from domain.value import value


class InvalidAmount(ValueError):
    """The number is negative or not finite."""


@value(order=True)
class Money:
    """An amount of US dollars in whole cents, never negative."""

    cents: int

    def __post_init__(self) -> None:
        if self.cents < 0:
            raise InvalidAmount(f"an amount of money cannot be negative: {self.cents} cents")

    @classmethod
    def of(cls, dollars: float) -> "Money":
        """A number of dollars rounded to the nearest cent, half a cent to the even cent; raises InvalidAmount."""
        try:
            cents = round(dollars * 100)
        except (ValueError, OverflowError):
            raise InvalidAmount(f"an amount of money must be finite: {dollars}") from None
        return cls(cents)

    @property
    def dollars(self) -> float:
        """The amount as the nearest float, for statistics and data formats."""
        return self.cents / 100

    def __str__(self) -> str:
        return f"${self.cents // 100:,}.{self.cents % 100:02d}"


ZERO = Money(0)
