# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder need to know about C text: where comments are, what a header declares."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
INCLUDE = TOP / "include" / "ecsengine"

# The libraries, the headers that declare what each exports, and their maps. Every other public header is the core's.
ADAPTERS = {"docker": INCLUDE / "docker.h", "host": INCLUDE / "posix.h", "sim": INCLUDE / "sim.h", "sqlite": INCLUDE / "sqlite.h"}

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blank(text, strings=True):
    """The text with comments, and where wanted strings, turned into blanks; line numbers and columns stay."""

    def replace(match):
        token = match.group(0)
        if token[0] in "\"'" and not strings:
            return token
        return re.sub(r"[^\n]", " ", token)

    return TOKEN.sub(replace, text)


def without_includes(text):
    """The text without its #include lines, whose names are no identifiers."""
    return re.sub(r"(?m)^[ \t]*#[ \t]*include[^\n]*", "", text)


def includes(text):
    """(line number, name, quoted) of every #include."""
    for number, line in enumerate(blank(text, strings=False).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
        if match:
            yield number, match.group(1) or match.group(2), match.group(1) is not None


def exported(header):
    """(line number, name) of every function that a header marks ECSENGINE_API."""
    text = blank(header.read_text())
    for match in re.finditer(r"(?m)^ECSENGINE_API\s+([^;]*);", text):
        name = re.search(r"(\w+)\s*\(", match.group(1))
        yield text.count("\n", 0, match.start()) + 1, name.group(1)


def core_headers():
    return sorted(path for path in INCLUDE.glob("*.h") if path not in ADAPTERS.values())


def constants(header):
    """(enum, name, value) of every enum constant in a header; each must give its value."""
    text = blank(header.read_text())
    for match in re.finditer(r"enum\s+(\w+)\s*\{([^}]*)\}", text):
        for member in match.group(2).split(","):
            if member.strip():
                name, _, value = member.partition("=")
                yield match.group(1), name.strip(), value.strip()


def struct_members(header):
    """(struct, [member names]) of every struct whose members a header shows."""
    text = blank(header.read_text())
    for match in re.finditer(r"struct\s+(\w+)\s*\{([^}]*)\}", text):
        members = [re.search(r"\(\*(\w+)\)|(\w+)\s*$", part) for part in match.group(2).split(";") if part.strip()]
        yield match.group(1), [member.group(1) or member.group(2) for member in members]
