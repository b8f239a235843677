"""Run as a program: the data of a document on standard input, its PDF on the output.

The typesetter keeps what it laid out in memory, gigabytes after some long documents,
and never gives it back. In a process of its own it all goes when the document is made.
"""

import sys

import typst


def typeset(template: str, fonts: str, data: str) -> bytes:
    pdf = typst.compile(
        template,
        font_paths=typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[fonts],
        ),
        sys_inputs={"data": data},
        pdf_standards=["ua-1"],
    )
    assert isinstance(pdf, bytes)
    return pdf


if __name__ == "__main__":
    _, template, fonts = sys.argv
    sys.stdout.buffer.write(typeset(template, fonts, sys.stdin.read()))
