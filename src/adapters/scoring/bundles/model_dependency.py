"""The health check of the model."""

from application.ports.models.credit_model import CreditModel
from application.ports.operations.dependencies import Dependency, DependencyUnavailable
from domain.products.product_definition import ProductDefinition


class ModelDependency(Dependency):
    """Whether the model's prediction for the product's example is the same, to the last bit, as at the start."""

    name = "model"

    def __init__(self, model: CreditModel, product: ProductDefinition) -> None:
        self._model = model
        self._probe = product.characteristics_of(product.application_from(product.example))
        self._expected = model.predict(self._probe)

    async def check(self) -> None:
        """Raises DependencyUnavailable if the prediction changed."""
        actual = self._model.predict(self._probe)
        if actual != self._expected:
            raise DependencyUnavailable(
                f"the model's prediction for the same applicant changed from {self._expected.log_odds} to "
                f"{actual.log_odds}; restart the process"
            )
