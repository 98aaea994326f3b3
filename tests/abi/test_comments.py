#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The headers are the manual: every exported function has a comment, every header opens with its licence and its subject."""
import re
import sys
import unittest

from csource import INCLUDE, exported

HEADERS = sorted(INCLUDE.rglob("*.h"))


def uncommented(text):
    """(line number, declaration) of what is exported without a comment: before it in its block of lines, or behind it on its line."""
    commented = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            commented = False
        commented = commented or "/*" in line or "*/" in line
        if line.startswith("ECSENGINE_API") and not commented:
            yield number, line


class Comments(unittest.TestCase):
    def test_every_exported_function_has_a_comment(self):
        missing = [f"{header.name}:{number}: {line}" for header in HEADERS for number, line in uncommented(header.read_text())]
        self.assertEqual([], missing, "\n" + "\n".join(missing))

    def test_a_missing_comment_is_found(self):
        text = "/* One. */\nECSENGINE_API int a(void);\nECSENGINE_API int b(void);\n\nECSENGINE_API int c(void);\n"
        self.assertEqual([5], [number for number, _ in uncommented(text)])

    def test_every_header_opens_with_its_licence_and_its_subject(self):
        for header in HEADERS:
            lines = header.read_text().splitlines()
            self.assertEqual("/* SPDX-License-Identifier: Apache-2.0 */", lines[0], header.name)
            self.assertRegex(lines[1], r"^/\* \w", header.name)

    def test_functions_are_marked_at_the_start_of_a_line(self):
        for header in HEADERS:
            marks = len(re.findall(r"\bECSENGINE_API\b", header.read_text())) - header.read_text().count("define ECSENGINE_API")
            self.assertEqual(marks, len(list(exported(header))), header.name)


if __name__ == "__main__":
    sys.exit(unittest.main())
