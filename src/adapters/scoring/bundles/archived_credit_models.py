"""Credit models out of kept bundles."""

import asyncio
from collections import OrderedDict

from adapters.scoring.bundles.bundle import BundleUnusable, bundle_from
from adapters.scoring.table_credit_model import TableCreditModel
from application.ports.models.bundles import Bundles
from application.ports.models.credit_model import CreditModel
from application.ports.models.credit_models import CreditModels
from application.ports.models.version_not_archived import VersionNotArchived


class ArchivedCreditModels(CreditModels):
    """Every file is verified before its model is used; the few used last stay loaded, a few MB each."""

    def __init__(self, bundles: Bundles, *, most_loaded: int = 3) -> None:
        self._bundles = bundles
        self._most_loaded = most_loaded
        self._loaded: OrderedDict[str, CreditModel] = OrderedDict()

    async def find(self, fingerprint: str) -> CreditModel:
        """The model of this fingerprint."""
        if fingerprint not in self._loaded:
            self._loaded[fingerprint] = await self._load(fingerprint)
        self._loaded.move_to_end(fingerprint)
        while len(self._loaded) > self._most_loaded:
            self._loaded.popitem(last=False)
        return self._loaded[fingerprint]

    async def _load(self, fingerprint: str) -> CreditModel:
        files = await self._bundles.find(fingerprint)
        if files is None:
            raise VersionNotArchived(f"model {fingerprint} is not kept here")
        try:
            bundle = await asyncio.to_thread(bundle_from, files, f"kept bundle {fingerprint}")
        except BundleUnusable as fault:
            raise VersionNotArchived(f"model {fingerprint} is kept, but cannot be used: {fault}") from fault
        if bundle.fingerprint != fingerprint:
            raise VersionNotArchived(f"model {fingerprint} is kept, but was changed: it is {bundle.fingerprint}")
        return TableCreditModel(bundle)
