"""What an answer says: pages, JSON, spreadsheets, Word and PDF as text."""

import html
import io
import json
import re
import zipfile

from django.http import HttpResponseBase
from pypdf import PdfReader

# New each time a page is made, and nobody's words.
_NEW_EACH_TIME = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"'
    r"|X-CSRFToken[^}]*}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


def body_of(response: HttpResponseBase) -> bytes:
    if response.streaming:
        return response.getvalue()
    return response.content


def opened(response: HttpResponseBase) -> str:
    """All text in it, with its headers and its cookies' names."""
    body = body_of(response)
    heads = "\n".join(
        f"{name}: {value}"
        for name, value in response.headers.items()
        if name != "X-Request-ID"
    )
    return f"{response.status_code}\n{heads}\n{text_in(body)}"


def text_in(body: bytes) -> str:
    if body.startswith(b"PK\x03\x04"):
        return _in_zip(body)
    if body.startswith(b"%PDF"):
        return _in_pdf(body)
    text = body.decode("utf-8", "replace")
    if text[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True)
        except ValueError:
            return text
    return html.unescape(text)


def _in_zip(body: bytes) -> str:
    found = []
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        for name in file.namelist():
            part = file.read(name)
            text = text_in(part)
            # A word may be cut in two by markup.
            found.append(f"{name}\n{text}\n{re.sub('<[^>]*>', '', text)}")
    return "\n".join(found)


def _in_pdf(body: bytes) -> str:
    found = [body.decode("latin-1")]
    try:
        pdf = PdfReader(io.BytesIO(body))
        pages = "".join(page.extract_text() for page in pdf.pages)
    except Exception as error:
        return f"{found[0]}\n{type(error).__name__}"
    # Lines may end within a word.
    found += [re.sub(r"[\s\u00ad-]+", "", pages), str(pdf.metadata), str(pdf.outline)]
    return "\n".join(found)


def without_what_is_new(text: str) -> str:
    """So that the same page asked for twice is the same text."""
    return _NEW_EACH_TIME.sub("", text)
