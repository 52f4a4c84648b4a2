"""Credit models loaded from archived bundles."""

import asyncio
from collections import OrderedDict

from adapters.scoring.bundles.bundle import BundleUnusable, parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from application.ports.models.bundles import Bundles
from application.ports.models.credit_model import CreditModel
from application.ports.models.credit_models import CreditModels
from application.ports.models.version_not_archived import VersionNotArchived
from domain.products.product_definition import ProductDefinition


class ArchivedCreditModels(CreditModels):
    """Verifies every file before a model is used. The most recently used models stay loaded, a few MB each."""

    def __init__(self, bundles: Bundles, *, max_loaded: int = 3) -> None:
        self._bundles = bundles
        self._max_loaded = max_loaded
        self._loaded: OrderedDict[tuple[str, str], CreditModel] = OrderedDict()

    async def find(self, fingerprint: str, product: ProductDefinition) -> CreditModel:
        key = fingerprint, product.fingerprint
        if key not in self._loaded:
            self._loaded[key] = await self._load(fingerprint, product)
        self._loaded.move_to_end(key)
        model = self._loaded[key]
        while len(self._loaded) > self._max_loaded:
            self._loaded.popitem(last=False)
        return model

    async def _load(self, fingerprint: str, product: ProductDefinition) -> CreditModel:
        files = await self._bundles.find(fingerprint)
        if files is None:
            raise VersionNotArchived(f"model {fingerprint} is not archived")
        try:
            bundle = await asyncio.to_thread(parse_bundle, files, f"archived bundle {fingerprint}", product)
        except BundleUnusable as fault:
            raise VersionNotArchived(f"model {fingerprint} is archived, but cannot be used: {fault}") from fault
        if bundle.fingerprint != fingerprint:
            raise VersionNotArchived(f"model {fingerprint} is archived, but was changed to {bundle.fingerprint}")
        return TableCreditModel(bundle)
