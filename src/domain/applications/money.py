"""Money in whole cents: amounts are never floats in the domain."""

from domain.value import value


class InvalidAmount(ValueError):
    """The number cannot be an amount of money."""


@value(order=True)
class Money:
    """An amount in US dollars, kept in whole cents; never negative."""

    cents: int

    def __post_init__(self) -> None:
        if self.cents < 0:
            raise InvalidAmount(f"an amount of money cannot be negative: {self.cents} cents")

    @classmethod
    def of(cls, dollars: float) -> "Money":
        """The amount nearest to a number of dollars; halves of a cent go to the even cent."""
        try:
            cents = round(dollars * 100)
        except (ValueError, OverflowError):
            raise InvalidAmount(f"an amount of money must be finite: {dollars}") from None
        return cls(cents)

    @property
    def dollars(self) -> float:
        """The amount as the float nearest to it, for statistics and for the wire."""
        return self.cents / 100

    def __str__(self) -> str:
        return f"${self.cents // 100:,}.{self.cents % 100:02d}"


NOTHING = Money(0)
