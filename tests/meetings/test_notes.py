"""What is typed as notes, and what is printed of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.notes import Headings, Mark, marks, render_notes, split_notes


def render(text, *, under=2):
    return render_notes(text, Headings(under=under))


def test_headings_paragraphs_bullets_quotations_and_emphasis_are_printed():
    html = render(
        "# Survey\n\nThe PCC *asked*:\n- how many\n- **when**\n\n> We were not told",
        under=2,
    )
    assert html == (
        "<h3>Survey</h3>\n<p>The PCC <em>asked</em>:</p>\n<ul>\n<li>how many</li>\n"
        "<li><strong>when</strong></li>\n</ul>\n<blockquote>\n"
        "<p>We were not told</p>\n</blockquote>\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[press](javascript:alert(1))",
        "![x](https://elsewhere.example/x.png)",
        "<style>body{display:none}</style>",
        '- <a href="https://elsewhere.example">press</a>',
    ],
)
def test_html_and_links_are_printed_as_they_were_typed(text):
    html = render(text)
    for tag in ("<script", "<img", "<a ", "<style"):
        assert tag not in html
    assert "alert" not in html or "&lt;" in html or "[press]" in html


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_a_tag_of_its_own(text):
    html = render(text)
    for name in ("p", "br", "ul", "li", "blockquote", "strong", "em"):
        html = html.replace(f"<{name}>", "").replace(f"</{name}>", "")
    for level in range(3, 7):
        html = html.replace(f"<h{level}>", "").replace(f"</h{level}>", "")
    assert "<" not in html
    assert ">" not in html


def test_headings_stand_below_the_item_without_a_gap():
    assert "<h3>Deep</h3>\n<h3>Top</h3>" in render("### Deep\n\n# Top")
    text = "# Top\n\n### Deep"
    assert "<h4>Top</h4>" in render(text, under=3)
    assert "<h5>Deep</h5>" in render(text, under=3)
    assert "<h6>Deep</h6>" in render(text, under=5)


def test_numbers_stay_as_they_were_typed():
    html = render("1. One\n3. Three\n2020. A year")
    assert html == "<p>1. One<br>\n3. Three<br>\n2020. A year</p>\n"


def test_bullets_pasted_from_a_word_processor_are_bullets():
    assert render("•\tOne\n● Two").count("<li>") == 2


def test_a_line_after_bullets_is_a_paragraph():
    html = render("- One\nThe PCC asked more")
    assert "<li>One</li>" in html
    assert "<p>The PCC asked more</p>" in html


def test_lines_stay_apart():
    assert "One<br>\nTwo" in render("One\nTwo")


def test_a_mark_on_a_line_of_its_own_splits_the_notes():
    assert split_notes("Before\n [[Action 2025/3]] \n\nAfter") == [
        "Before",
        Mark("2025/03"),
        "After",
    ]


def test_a_mark_within_a_line_is_text():
    text = "See [[action 2025/03]] above"
    assert split_notes(text) == [text]
    assert marks(text) == []


def test_each_mark_is_named_once_in_order():
    text = "[[action 2025/10]]\n[[action 2025/02]]\n[[action 2025/10]]"
    assert marks(text) == ["2025/10", "2025/02"]


@pytest.mark.parametrize("line", ["> " * 5000, "*" * 20000, "- " * 10000, "[" * 20000])
def test_strange_lines_are_read_in_good_time(line):
    assert render(line)


@pytest.mark.parametrize("many", [5, 9, 11, 21, 40, 400])
@pytest.mark.parametrize("mark", ["> ", "- ", ">", "* > "])
def test_nothing_is_left_out_however_deep_it_is_nested(mark, many):
    assert "word" in render(mark * many + "word")
    bullets = "\n".join("  " * deep + f"- w{deep}." for deep in range(many))
    html = render(bullets)
    assert all(f"w{deep}." in html for deep in range(many))
