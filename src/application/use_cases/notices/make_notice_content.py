"""The content of the letter of a notice, from what is on record."""

from dataclasses import dataclass
from datetime import date

from application.ports.models.credit_models import CreditModels
from application.ports.policies.policies import Policies
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import require_fit
from domain.notices.completeness import require_complete
from domain.notices.content import Addressee, ApplicantPage, NoticeContent
from domain.notices.drafting import Drafting, LetterSettings, NoticeBasis


@dataclass(frozen=True, slots=True)
class MakeNoticeContent:
    """Drafts the letter of a notice by the archived model and policy of its decision."""

    products: Products
    policies: Policies
    models: CreditModels
    settings: LetterSettings

    async def __call__(
        self,
        basis: NoticeBasis,
        *,
        dated: date,
        addressee: Addressee | None = None,
        applicant_page: ApplicantPage | None = None,
    ) -> NoticeContent:
        """The content of a letter with this date, in the lender's time zone.

        Raises NoticeIncomplete, naming everything that is missing, and VersionNotArchived.
        """
        record = basis.record
        product = await self.products.find(record.application.product, record.product_fingerprint)
        require_fit(record, product)
        policy = await self.policies.find(record.decision.policy_version, record.policy_fingerprint, product)
        model = await self.models.find(record.model_fingerprint, product)
        reference = model.reference_profile(policy.approve_below)
        drafting = Drafting(policy, reference, model.log_odds_range(), self.settings)
        content = drafting.content(basis, dated=dated, addressee=addressee, applicant_page=applicant_page)
        require_complete(content)
        return content
