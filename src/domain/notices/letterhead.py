"""What the lender states about itself and others in every letter."""

from dataclasses import dataclass, replace
from enum import Enum


class Paper(Enum):
    """The size of the sheet on which a letter is printed."""

    LETTER = "letter"
    A4 = "a4"


@dataclass(frozen=True, slots=True)
class Contact:
    """A company or authority: its name, the lines of its postal address, and its telephone number.

    What is not set is empty.
    """

    name: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""

    def completed_by(self, other: "Contact") -> "Contact":
        """This contact, with what is not set taken from another one."""
        return Contact(self.name or other.name, self.address or other.address, self.phone or other.phone)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The lender and its signatory, the authority that the ECOA notice names, the agency with the credit reports.

    Without a signatory the lender signs. Without a provider of the score, the lender is the provider.
    """

    creditor: Contact = Contact()
    signatory: str = ""
    regulator: Contact = Contact()
    agency: Contact = Contact()
    score_provider: str = ""
    paper: Paper = Paper.LETTER

    def completed_by(self, other: "Letterhead") -> "Letterhead":
        """This letterhead, with what is not set taken from another one."""
        return replace(
            self,
            creditor=self.creditor.completed_by(other.creditor),
            signatory=self.signatory or other.signatory,
            regulator=self.regulator.completed_by(other.regulator),
            agency=self.agency.completed_by(other.agency),
        )


SPECIMEN = Letterhead(
    creditor=Contact(
        "Specimen Lending Company", ("100 Example Street", "Springfield, IL 62701"), "(555) 010-0100"
    ),
    signatory="Credit Department",
    regulator=Contact("Specimen Regulator", ("200 Example Avenue", "Washington, DC 20500")),
    agency=Contact("Specimen Credit Bureau", ("P.O. Box 300", "Example City, TX 75000"), "(800) 555-0100"),
)
"""A letterhead for synthetic applications, in place of what is not set. No such lender or bureau exists."""
