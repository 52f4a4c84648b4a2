"""The batch pages: upload, progress, cancellation and downloads."""

import asyncio

import pytest
from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from ui_lender import UiLender
from ui_person import Person

from application.ports.batches.batch_content import BatchContent
from domain.access.user import Actor, Role
from domain.batches.batch import Batch
from support.batches import SOME_LOANS, BatchStore, loans_as_csv, pieces
from support.builders import A_MOMENT
from support.fast_path_server import until
from support.loan_rows import LOAN


@pytest.fixture
async def manager(person: Person) -> Person:
    await person.log_in("rui")
    return person


async def submit_batch(lender: UiLender, content: bytes = SOME_LOANS, name: str = "monday.csv") -> Batch:
    by = Actor("rui", Role.RISK_MANAGER)
    return (await lender.use_cases.batches.submit(pieces(content), name=name, by=by)).batch


async def work(lender: UiLender) -> None:
    stores = BatchStore(lender.batches, lender.batches, lender.decisions, lender.decisions)
    await stores.worker()(stopping=lambda: False)


async def test_an_uploaded_file_becomes_a_batch_with_live_progress(manager: Person, lender: UiLender):
    await manager.open("/batches")
    await manager.should_see("No batches yet", "Upload a file")
    (upload,) = manager.user.find(kind=ui.upload).elements
    await upload.handle_uploads([SmallFileUpload("monday.csv", "text/csv", SOME_LOANS)])
    await asyncio.sleep(0.3)
    await manager.should_see("monday.csv", "Queued", "Cancel batch")
    await work(lender)
    await asyncio.sleep(1.3)
    await manager.should_see("Finished", "100 %", "250 rows", "Download results (CSV)")
    await manager.should_not_see("Cancel batch")


async def test_an_upload_beyond_the_quota_is_explained(manager: Person, lender: UiLender):
    for _ in range(30):
        await submit_batch(lender, loans_as_csv([LOAN]))
    await manager.open("/batches")
    (upload,) = manager.user.find(kind=ui.upload).elements
    await upload.handle_uploads([SmallFileUpload("monday.csv", "text/csv", SOME_LOANS)])
    await until(lambda: manager.user.notify.contains("Too many batches"))


@pytest.mark.parametrize(
    ("failed", "message"),
    [
        ("accept", "Unsupported file type"),
        ("max-file-size", "File too large"),
        ("max-files", "One file at a time"),
    ],
)
async def test_a_file_rejected_by_the_browser_is_explained(manager: Person, failed: str, message: str):
    await manager.open("/batches")
    manager.user.find(kind=ui.upload).trigger("rejected", [failed])
    assert manager.user.notify.contains(message)


async def test_another_file_can_be_chosen_after_a_failed_upload(manager: Person, monkeypatch):
    await manager.open("/batches")
    (upload,) = manager.user.find(kind=ui.upload).elements
    calls = []
    monkeypatch.setattr(upload, "run_method", lambda name, *_, **__: calls.append(name))
    manager.user.find(kind=ui.upload).trigger("failed").trigger("finish")
    assert manager.user.notify.contains("Upload failed")
    assert calls == ["reset"]


async def test_results_and_errors_can_be_downloaded_with_a_session(manager: Person, lender: UiLender):
    batch = await submit_batch(lender, loans_as_csv([LOAN, LOAN | {"dti": "much"}]))
    early = await manager.browser.get(f"/batches/{batch.batch_id}/results.csv")
    assert early.status_code == 409
    await work(lender)
    results = await manager.browser.get(f"/batches/{batch.batch_id}/results.csv")
    assert results.headers["content-disposition"].endswith('-results.csv"')
    assert len(results.text.splitlines()) == 2
    errors = await manager.browser.get(f"/batches/{batch.batch_id}/errors.csv")
    assert errors.text.splitlines()[1].startswith("2,3,dti,much")
    await manager.browser.post("/logout")
    redirect = await manager.browser.get(f"/batches/{batch.batch_id}/results.csv")
    assert redirect.status_code == 303


async def test_a_batch_is_cancelled_after_confirmation(manager: Person, lender: UiLender):
    batch = await submit_batch(lender)
    await manager.open(f"/batches/{batch.batch_id}")
    await manager.click("Cancel batch")
    await manager.should_see("Decisions made so far remain on record.")
    await manager.click("Keep running")
    await manager.should_not_see("Decisions made so far remain on record.", "Cancelled")
    await manager.click("Cancel batch")
    manager.user.find(marker="confirm-cancel").click()
    await manager.should_see("Cancelled")


async def test_a_batch_that_finishes_before_confirmation_is_not_cancelled(manager: Person, lender: UiLender):
    batch = await submit_batch(lender)
    await manager.open(f"/batches/{batch.batch_id}")
    await manager.click("Cancel batch")
    await work(lender)
    await asyncio.sleep(1.3)
    manager.user.find(marker="confirm-cancel").click()
    await asyncio.sleep(0.2)
    assert manager.user.notify.contains("Batch already finished")


async def test_an_unreadable_file_is_explained(manager: Person, lender: UiLender):
    batch = await submit_batch(lender, b"a,b\n1,2\n")
    await work(lender)
    await manager.open(f"/batches/{batch.batch_id}")
    await manager.should_see("File could not be processed", "lacks required columns")


async def test_the_unit_of_a_file_is_stated_on_upload(manager: Person, lender: UiLender):
    fractions = loans_as_csv([LOAN | {"dti": dti} for dti in ("0.045", "0.155", "0.29", "0.40")])
    await manager.open("/batches")
    (upload,) = manager.user.find(kind=ui.upload).elements
    await upload.handle_uploads([SmallFileUpload("monday.csv", "text/csv", fractions)])
    await asyncio.sleep(0.3)
    await work(lender)
    await asyncio.sleep(1.3)
    await manager.should_see("Failed", "like fractions", "percent_as=fraction", "Choose this under File format")
    await manager.open("/batches")
    (upload,) = manager.user.find(kind=ui.upload).elements
    (percentages,) = manager.user.find("percent_as").elements
    percentages.value = "fraction"
    await upload.handle_uploads([SmallFileUpload("monday.csv", "text/csv", fractions)])
    await asyncio.sleep(0.3)
    await work(lender)
    await asyncio.sleep(1.3)
    await manager.should_see("Finished", "4 rows", "File format", "Fractions: 0.155 for 15.5 %")


async def test_remarks_on_a_file_and_rejected_rows_are_shown(manager: Person, lender: UiLender):
    loans = [LOAN, LOAN | {"dti": "0.155"}, LOAN | {"purpose": "yacht"}]
    batch = await submit_batch(lender, loans_as_csv(loans))
    await work(lender)
    await manager.open(f"/batches/{batch.batch_id}")
    await manager.should_see("About this file", "1 value of dti is above 0 but below 1 %", "Rejected rows")
    refused = await submit_batch(lender, loans_as_csv([LOAN | {"purpose": "yacht"}]))
    await work(lender)
    await manager.open(f"/batches/{refused.batch_id}")
    await manager.should_see("Every row was rejected, 1 in all", "Download errors (CSV)")


async def test_columns_to_repeat_and_a_trial_run_are_stated_on_upload(manager: Person, lender: UiLender):
    await manager.open("/batches")
    (upload,) = manager.user.find(kind=ui.upload).elements
    (keep,) = manager.user.find("keep").elements
    (trial,) = manager.user.find("trial").elements
    keep.value = "purpose,purpose"
    await manager.should_see("A column is named more than once")
    keep.value, trial.value = "purpose, dti", True
    await upload.handle_uploads([SmallFileUpload("monday.csv", "text/csv", SOME_LOANS)])
    await asyncio.sleep(0.3)
    await manager.should_see(
        "monday.csv", "Repeated columns", "purpose, dti", "Trial run", "Left out of overviews"
    )
    (batch,) = (await lender.batches.page(limit=5)).batches
    assert (batch.keep, batch.trial) == (("purpose", "dti"), True)


async def test_an_auditor_sees_batches_but_cannot_upload(person: Person, lender: UiLender):
    batch = await submit_batch(lender)
    await person.log_in("arthur")
    await person.open("/batches")
    await person.should_see("monday.csv")
    await person.should_not_see("Upload a file")
    await person.open(f"/batches/{batch.batch_id}")
    await person.should_not_see("Cancel batch")


async def test_a_missing_batch_is_reported(manager: Person):
    answer = await manager.browser.get("/batches/nothing")
    assert answer.status_code == 404
    assert "Batch not found" in answer.text


async def test_the_batch_list_has_pages(manager: Person, lender: UiLender):
    for number in range(27):
        batch = Batch(
            (await submit_batch(lender, b"x")).batch_id,
            f"number {number}",
            A_MOMENT,
            Actor("rui", Role.RISK_MANAGER),
        )
        await lender.batches.accept(batch, BatchContent(pieces(b"x")))
        await asyncio.sleep(0.002)
    await manager.open("/batches")
    await manager.should_see("number 26")
    assert "number 1" not in manager.texts()
    await manager.click("Older")
    assert "number 1" in manager.texts()


@pytest.mark.parametrize(
    ("name", "does"), [("rui", "Upload a file above"), ("uma", "Files that risk managers upload here")]
)
async def test_an_empty_list_says_who_can_fill_it(person: Person, name: str, does: str):
    await person.log_in(name)
    await person.open("/batches")
    await person.should_see("No batches yet", does)
