#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""layout.c is complete: it asserts every enum, every constant and every open struct of the public headers, and nothing else.

Also: every constant gives its value, enums begin at 0, and constants beside enums do not slip in (a binding would not see them).
"""
import re
import sys
import unittest

from csource import ADAPTERS, INCLUDE, TOP, blank, constants, core_headers, struct_members

HEADERS = core_headers() + list(ADAPTERS.values())
LAYOUT = re.sub(r"(?m)^#define.*(?:\\\n.*)*", "", blank((TOP / "tests" / "abi" / "layout.c").read_text()))
MACROS = {"ECSENGINE_API", "ECSENGINE_NO_DEADLINE"}


def asserted(macro):
    return [tuple(part.strip() for part in match.split(",")) for match in re.findall(rf"(?m)^{macro}\(([^)]*)\);", LAYOUT)]


class Layout(unittest.TestCase):
    def test_every_constant_is_asserted_with_its_value(self):
        declared = [(name, value) for header in HEADERS for _, name, value in constants(header)]
        self.assertGreater(len(declared), 0)
        self.assertEqual(sorted(declared), sorted(asserted("CONSTANT")))

    def test_every_enum_is_asserted(self):
        declared = {enum for header in HEADERS for enum, _, _ in constants(header)}
        self.assertEqual(declared, {enum for enum, in asserted("ENUM")})

    def test_every_open_struct_and_member_is_asserted(self):
        declared = [(struct, member) for header in HEADERS for struct, members in struct_members(header) for member in members]
        self.assertEqual({struct for struct, _ in declared}, {struct for struct, _ in asserted("STRUCT")})
        self.assertEqual(declared, [row[:2] for row in asserted("MEMBER")])

    def test_open_structs_begin_with_their_size(self):
        for header in HEADERS:
            for struct, members in struct_members(header):
                self.assertEqual("size", members[0], struct)

    def test_every_constant_gives_its_value_and_enums_keep_0_for_unset(self):
        for header in HEADERS:
            first = {}
            for enum, name, value in constants(header):
                self.assertRegex(value, r"^-?[0-9]+$", name)
                first.setdefault(enum, value)
            for enum, value in first.items():
                self.assertEqual("0", value, enum)

    def test_headers_define_no_macro_that_a_binding_would_need(self):
        for path in INCLUDE.glob("*.h"):
            guard = "ECSENGINE_" + path.stem.upper() + "_H"
            defined = set(re.findall(r"(?m)^\s*#\s*define\s+(\w+)", path.read_text()))
            self.assertEqual(set(), defined - MACROS - {guard}, path.name)

    def test_declarations_have_only_what_every_language_can_call(self):
        for path in INCLUDE.glob("*.h"):
            text = re.sub(r"(?m)^\s*#.*", "", blank(path.read_text()))
            for word in ("bool", "long", "short", "time_t", "off_t", "union", "inline", "unsigned", "float", "double", "va_list", "..."):
                self.assertIsNone(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text), f"{path.name}: {word}")


if __name__ == "__main__":
    sys.exit(unittest.main())
