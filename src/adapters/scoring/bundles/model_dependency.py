"""The model as something the service stands on."""

from application.ports.models.credit_model import CreditModel
from application.ports.operations.dependencies import Dependency, DependencyUnavailable
from domain.models.characteristics import Characteristics

_SOMEBODY = Characteristics(
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
    """Whether the model still says of somebody what it said when the service started, to the last bit."""

    def __init__(self, model: CreditModel) -> None:
        self._model = model
        self._said = model.predict(_SOMEBODY)

    @property
    def name(self) -> str:
        """The model."""
        return "model"

    async def check(self) -> None:
        """Raise when the model says something else."""
        says = self._model.predict(_SOMEBODY)
        if says != self._said:
            raise DependencyUnavailable(
                f"the model said {self._said.log_odds} of the same applicant, and now says {says.log_odds}"
            )
