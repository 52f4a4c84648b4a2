"""The health check of the model."""

from application.ports.models.credit_model import CreditModel
from application.ports.operations.dependencies import Dependency, DependencyUnavailable
from domain.models.characteristics import Characteristics

_PROBE = Characteristics(
    annual_inc=60_000.0,
    emp_length=5.0,
    home_ownership="RENT",
    loan_amnt=10_000.0,
    term=36.0,
    purpose="debt_consolidation",
    fico_range_low=700.0,
    dti=15.0,
    revol_util=50.0,
    inq_last_6mths=1.0,
    delinq_2yrs=0.0,
    pub_rec=0.0,
)


class ModelDependency(Dependency):
    """Whether the model's prediction for a fixed applicant is still the same, to the last bit, as at the start."""

    name = "model"

    def __init__(self, model: CreditModel) -> None:
        self._model = model
        self._expected = model.predict(_PROBE)

    async def check(self) -> None:
        """Raises DependencyUnavailable if the prediction changed."""
        actual = self._model.predict(_PROBE)
        if actual != self._expected:
            raise DependencyUnavailable(
                f"the model's prediction for the same applicant changed from {self._expected.log_odds} to "
                f"{actual.log_odds}; restart the process"
            )
