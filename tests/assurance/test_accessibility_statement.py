"""The accessibility statement, by the parts that the regulations of 2018 ask for."""

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

URL = "/accessibility/"


def headings(client) -> list[str]:
    html = client.get(URL).content.decode()
    return re.findall(r"<h[123][^>]*>([^<]+)</h", html)


def test_the_statement_has_every_part_the_model_asks_for(client) -> None:
    assert headings(client) == [
        "Accessibility statement",
        "How accessible this website is",
        "Feedback and contact",
        "Enforcement procedure",
        "Technical information about this website’s accessibility",
        "Compliance status",
        "PDF and Word documents",
        "What we are doing to improve accessibility",
        "Preparation of this statement",
    ]


def test_the_statement_is_of_the_office_and_says_whom_to_ask(client, settings) -> None:
    settings.OFFICE_NAME = "Office of the Commissioner for Mercia"
    settings.ACCESSIBILITY_EMAIL = "access@mercia.example"
    settings.ACCESSIBILITY_PHONE = "01905 000000"
    page = client.get(URL).content.decode()
    assert "Office of the Commissioner for Mercia" in page
    assert 'href="mailto:access@mercia.example"' in page
    assert "01905 000000" in page
    assert "No contact" not in page


def test_without_a_contact_the_statement_says_so(client) -> None:
    page = client.get(URL).content.decode()
    assert "No contact for accessibility has been set" in page
    assert "mailto:" not in page


@pytest.mark.parametrize("where", ["published", "account_login"])
def test_every_page_leads_to_the_statement(client, where: str) -> None:
    assert f'href="{URL}"' in client.get(reverse(where)).content.decode()


def test_signed_in_pages_lead_to_the_statement(as_, staff) -> None:
    assert f'href="{URL}"' in as_(staff).get("/").content.decode()
