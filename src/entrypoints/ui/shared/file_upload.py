"""The field with which one file is uploaded."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from entrypoints.ui.http.one_file_uploads import ForgettingUpload
from entrypoints.ui.http.request_bodies import MAX_UPLOAD_BYTES
from entrypoints.ui.shared.widgets import Text, box

_REJECTIONS = {
    "accept": ("Unsupported file type", "Upload CSV, CSV.gz or Parquet. Save spreadsheets as CSV."),
    "max-file-size": ("File too large", "The browser upload is limited to 256 MiB. Use the API for larger files."),
    "max-files": ("One file at a time", "Wait until the current upload has finished."),
}
"""Title and text for files that the browser rejects, by the failed check of Quasar's QUploader."""


def draw_file_upload(receive: Callable[[events.UploadEventArguments], Awaitable[None]]) -> None:
    """Draw the field; `receive` gets each file that was uploaded."""
    upload = ForgettingUpload(auto_upload=True, max_files=1, max_file_size=MAX_UPLOAD_BYTES, on_upload=receive)
    upload.props('flat bordered accept=".csv,.gz,.parquet,.pq"').classes("upload").mark("upload")
    with upload.add_slot("header"), box("div", "upload-header"):
        ui.button("Choose a file").props("unelevated no-caps icon=upload_file")
        with box("label", "visually-hidden"):  # outside the button, which must not contain a control
            Text("span", "File")
            box("q-uploader-add-trigger")
        Text("span", "or drop it here")
    # in the browser, because it opens the file chooser only during a click
    upload.on("click", js_handler=f"(click) => getElement({upload.id}).$refs.qRef.pickFiles(click)")
    upload.on("finish", upload.reset)  # always: the uploader holds only one file
    upload.on("failed", lambda: ui.notify("Upload failed", caption="Try again.", type="negative"))
    # NiceGUI's on_rejected omits the reason
    upload.on("rejected", _show_rejection, js_handler="(all) => emit(all.map((one) => one.failedPropValidation))")


def name_of(file_name: str, otherwise: str) -> str:
    """The name of an uploaded file without unprintable characters."""
    return "".join(each for each in file_name if each.isprintable())[:200] or otherwise


def _show_rejection(event: events.GenericEventArguments) -> None:
    title, caption = _REJECTIONS.get(next(iter(event.args), ""), ("File not accepted", "Choose another file."))
    ui.notify(title, caption=caption, type="negative")
