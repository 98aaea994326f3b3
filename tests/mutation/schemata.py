# SPDX-License-Identifier: Apache-2.0
"""Mutants of C sources, all in one text: each is a place where the rewritten source asks at run time whether that mutant is on.

`Source` reads one file with libclang, so that places are exact whatever the layout, and gives its mutants and the text with all of them.
Kinds of mutants:

    negate   a condition of if, while, do, for or ?:, or an operand of && or ||, says the contrary
    drop     an operand of && or || has no say
    shift    a comparison takes or leaves its border: < and <=, > and >=; where it is no condition, == and !=
    case     a case of a switch falls to the default
    row      a row of a table is all zero
    delete   a call, an assignment or a ++ that stands as a statement is not made

What a macro expands to is left alone, as are lines for the log: they are for people's eyes. A mutant counts as reached by a run only
where it would have made a difference on the spot: a shift where both sides are equal, a drop where the operand decides.
"""
import glob
import pathlib
import re
import subprocess

from clang import cindex
from clang.cindex import CursorKind, TypeKind

CONDITIONS = {CursorKind.IF_STMT: 0, CursorKind.WHILE_STMT: 0, CursorKind.DO_STMT: 1, CursorKind.CONDITIONAL_OPERATOR: 0}
SHIFTED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
FLIPPED = {"==": "!=", "!=": "=="}
UNSEEN = re.compile(r"^engine_log\(|^\(void\)")
NOWHERE = "0x7ead0000L"  # no case has that value


def find_libclang():
    if not cindex.Config.loaded:
        version = re.search(r"clang-(\d+)", cindex.__file__ + "clang-14").group(1)
        for pattern in (f"/usr/lib/llvm-{version}/lib/libclang*.so*", "/usr/lib/llvm-*/lib/libclang*.so*"):
            found = [path for path in sorted(glob.glob(pattern)) if "cpp" not in path]
            if found:
                cindex.Config.set_library_file(found[-1])
                return


def resource_dir():
    for name in ("clang", "clang-14"):
        try:
            return subprocess.run([name, "-print-resource-dir"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            continue
    return None


class Mutant:
    def __init__(self, number, file, function, kind, text, line):
        self.number, self.file, self.function, self.kind, self.text, self.line = number, file, function, kind, text, line
        self.ordinal = 1

    @property
    def key(self):
        """What names it, whatever happens to other lines."""
        again = f" (#{self.ordinal})" if self.ordinal > 1 else ""
        return f"{self.file} {self.function}: {self.kind} {self.text}{again}"


class Source:
    """path: the file; name: what it is called in reports; first: the number of its first mutant."""

    def __init__(self, path, name, first, arguments):
        find_libclang()
        self.name, self.next, self.mutants, self.edits, self.tail = name, first, [], [], []
        self.bytes = pathlib.Path(path).read_bytes()
        options = cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
        folder = resource_dir()
        self.unit = cindex.Index.create().parse(path, args=[*arguments, *(["-resource-dir", folder] if folder else [])], options=options)
        errors = [str(item) for item in self.unit.diagnostics if item.severity >= cindex.Diagnostic.Error]
        if errors:
            raise SystemExit("\n".join(errors))
        self.macros = []
        for cursor in self.unit.cursor.get_children():
            if cursor.kind == CursorKind.MACRO_INSTANTIATION and self._is_here(cursor):
                self.macros.append(self._span(cursor))
        self.function = None
        self.done = set()
        for cursor in self.unit.cursor.get_children():
            if not self._is_here(cursor):
                continue
            if cursor.kind == CursorKind.FUNCTION_DECL and cursor.is_definition():
                self.function = cursor.spelling
                self._walk(cursor, None)
            elif cursor.kind == CursorKind.VAR_DECL:
                self.function = cursor.spelling
                self._table(cursor, None)
        self._count_repeated()

    # Places

    def _is_here(self, cursor):
        file = cursor.location.file
        return file is not None and file.name == self.unit.spelling

    @staticmethod
    def _span(cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def _text(self, start, end):
        return self.bytes[start:end].decode()

    def _words(self, start, end):
        return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", " ", self._text(start, end), flags=re.DOTALL)).strip()

    def _macro_around(self, span):
        return next((macro for macro in self.macros if macro[0] <= span[0] and span[1] <= macro[1]), None)

    def _is_cut(self, span):
        """A macro covers one border of it, so that its text is not whole."""
        return any(macro[0] < span[0] < macro[1] < span[1] or span[0] < macro[0] < span[1] < macro[1] for macro in self.macros)

    def _line(self, offset):
        return self.bytes.count(b"\n", 0, offset) + 1

    # Edits: (offset, is a beginning, order, text); what begins first at a place encloses what begins later there.

    def _wrap(self, span, before, after):
        order = len(self.edits)
        self.edits.append((span[0], 1, order, before))
        self.edits.append((span[1], 0, -order, after))

    def _new(self, kind, text, offset):
        mutant = Mutant(self.next, self.name, self.function, kind, text, self._line(offset))
        self.next += 1
        self.mutants.append(mutant)
        return f"MUTANT({mutant.number})"

    def _count_repeated(self):
        seen = {}
        for mutant in sorted(self.mutants, key=lambda mutant: (mutant.line, mutant.number)):
            seen[mutant.key] = mutant.ordinal = seen.get(mutant.key, 0) + 1

    # Kinds

    def _operator(self, cursor):
        """The operator of a binary expression that is no macro's, and its operands."""
        parts = list(cursor.get_children())
        if cursor.kind != CursorKind.BINARY_OPERATOR or len(parts) != 2:
            return None, parts
        left, right = self._span(parts[0]), self._span(parts[1])
        if left[1] > right[0] or self._macro_around((left[1], right[0])) is not None:
            return None, parts
        return self._words(left[1], right[0]), parts

    def _truth(self, cursor):
        """A condition or an operand: it may say the contrary."""
        span = self._span(cursor)
        text = self._words(*span)
        if span in self.done or text in ("true", "false", "0", "1", ""):
            return False
        self.done.add(span)
        mutant = self._new("negate", text, span[0])
        self._wrap(span, f"({mutant} ^ !!(", "))")
        return True

    def _is_whole(self, cursor, parent_span):
        """No macro made it, nor part of its borders; it may itself be the call of a macro."""
        span = self._span(cursor)
        macro = self._macro_around(span)
        if self._is_cut(span):
            return False
        return macro is None or (macro == span and macro != parent_span and macro[0] != parent_span[0])

    def _walk(self, cursor, parent):
        span = self._span(cursor)
        if self._macro_around(span) is not None:
            return  # what a macro expands to
        children = list(cursor.get_children())
        kind = cursor.kind
        if kind in CONDITIONS and len(children) > CONDITIONS[kind]:
            condition = children[CONDITIONS[kind]]
            if self._is_whole(condition, span):
                self._truth(condition)
        elif kind == CursorKind.FOR_STMT:
            self._for(cursor, children)
        elif kind == CursorKind.SWITCH_STMT:
            self._switch(children)
        elif kind == CursorKind.BINARY_OPERATOR:
            self._binary(cursor, span)
        elif kind == CursorKind.DECL_STMT:
            for child in children:
                if child.kind == CursorKind.VAR_DECL:
                    self._table(child, span)
        self._statements(cursor, children)
        for child in children:
            self._walk(child, cursor)

    def _for(self, cursor, children):
        """Which child is the condition shows between the two semicolons."""
        start, end = self._span(cursor)
        body = self._span(children[-1])[0]
        if any(start <= macro[0] < body and b";" in self.bytes[macro[0]:macro[1]] for macro in self.macros):
            return
        text = self.bytes[start:body]
        if text.count(b";") != 2 or self._macro_around((start, start + 1)) is not None:
            return
        first, second = start + text.index(b";"), start + text.rindex(b";")
        for child in children[:-1]:
            span = self._span(child)
            if first < span[0] and span[1] <= second and self._is_whole(child, (start, end)):
                self._truth(child)

    def _binary(self, cursor, span):
        operator, parts = self._operator(cursor)
        if operator in ("&&", "||"):
            for part in parts:
                macro = self._macro_around(self._span(part))
                if macro is not None and macro != self._span(part):
                    continue
                if self._operator(part)[0] == operator:
                    continue  # its own operands say the same
                part_span = self._span(part)
                words = self._words(*part_span)
                mutant = self._new("drop", words, part_span[0])
                self._wrap(part_span, "((", f") || {mutant})" if operator == "&&" else f") && !{mutant})")
                self._truth(part)
        elif operator in SHIFTED:
            text = f"{self._words(*span)} to {SHIFTED[operator]}"
            mutant = self._new("shift", text, span[0])
            left, right = self._span(parts[0]), self._span(parts[1])
            order = len(self.edits)
            self.edits.append((left[0], 1, order, "({ __auto_type l_ = ("))
            self.edits.append((left[1], 0, -order, ") + 0; __auto_type r_ = ("))
            self.edits.append((right[1], 0, -order, f") + 0; (l_ == r_ && {mutant}) ? !({'l_ ' + operator + ' r_'}) : (l_ {operator} r_); }})"))
            self.edits.append((left[1], 1, 10**9, "/*"))
            self.edits.append((right[0], 0, -10**9, "*/"))
        elif operator in FLIPPED and span not in self.done:
            mutant = self._new("shift", f"{self._words(*span)} to {FLIPPED[operator]}", span[0])
            self._wrap(span, f"({mutant} ^ (", "))")

    def _switch(self, children):
        """The value that has its case taken away goes nowhere, or to the default."""
        if len(children) != 2 or self._macro_around(self._span(children[0])) not in (None, self._span(children[0])):
            return
        tests = []
        stack = [children[1]]
        while stack:
            cursor = stack.pop()
            if cursor.kind == CursorKind.SWITCH_STMT:
                continue
            parts = list(cursor.get_children())
            if cursor.kind == CursorKind.CASE_STMT:
                value = self._span(parts[0])
                words = self._words(*value)
                tests.append((value[0], words))
            stack.extend(parts)
        tests = [f"(v_ == (long)({words}) && {self._new('case', words, at)})" for at, words in sorted(tests)]
        if tests:
            self._wrap(self._span(children[0]), "({ long v_ = (long)(", f"); ({' || '.join(tests)}) ? {NOWHERE} : v_; }})")

    def _table(self, cursor, statement):
        """A static array with rows: writable, and one row may be wiped out before anybody looks."""
        if cursor.type.kind != TypeKind.CONSTANTARRAY or cursor.storage_class != cindex.StorageClass.STATIC:
            return
        lists = [child for child in cursor.get_children() if child.kind == CursorKind.INIT_LIST_EXPR]
        if not lists or self._macro_around(self._span(cursor)) is not None:
            return
        start, end = self._span(lists[0])
        rows = self._rows(start, end)
        if len(rows) < 2:
            return
        name = cursor.spelling
        wipes = []
        for index, (at, designator, words) in enumerate(rows):
            place = designator if designator is not None else str(index)
            shown = f"[{designator}] of {name}" if designator is not None else f"{words} of {name}"
            wipes.append(f"if ({self._new('row', shown, at)}) __builtin_memset((void *)&{name}[{place}], 0, sizeof({name}[0]));")
        head = self._span(cursor)[0] if statement is None else statement[0]
        name_at = cursor.location.offset
        for match in re.finditer(rb"\bconst\b", self.bytes[head:name_at]):
            self.edits.append((head + match.start(), 1, 0, "/*"))
            self.edits.append((head + match.end(), 0, 0, "*/"))
        if statement is None:
            function = f"mutant_rows_{len(self.tail)}_{name}"
            self.tail.append(f"__attribute__((constructor)) static void {function}(void) {{ {' '.join(wipes)} }}")
        else:
            self.edits.append((statement[1], 0, 0, " ".join(wipes)))

    def _rows(self, start, end):
        """[(offset, designator or None, words)] of the outermost level of an initializer."""
        text = re.sub(rb"/\*.*?\*/", lambda match: b" " * len(match.group()), self.bytes[start:end], flags=re.DOTALL)
        masked = re.sub(rb'"(?:\\.|[^"\\])*"', lambda match: b"s" * len(match.group()), text)
        rows, depth, begin = [], 0, 1
        for index, byte in enumerate(masked):
            if byte in b"{([":
                depth += 1
            elif byte in b"})]":
                depth -= 1
            if (byte == ord(",") and depth == 1) or (depth == 0 and index == len(masked) - 1):
                piece = text[begin:index].decode()
                if piece.strip():
                    match = re.match(r"\s*\[([^\]]+)\]\s*=", piece)
                    words = re.sub(r"\s+", " ", piece).strip()
                    rows.append((start + begin + len(piece) - len(piece.lstrip()), match.group(1).strip() if match else None, words[:60]))
                begin = index + 1
        return rows

    def _statements(self, cursor, children):
        """Calls and assignments that stand alone."""
        if cursor.kind == CursorKind.COMPOUND_STMT:
            candidates = children
        elif cursor.kind in (CursorKind.IF_STMT, CursorKind.WHILE_STMT):
            candidates = children[1:]
        elif cursor.kind in (CursorKind.FOR_STMT, CursorKind.CASE_STMT, CursorKind.DEFAULT_STMT):
            candidates = children[-1:]
        else:
            return
        for child in candidates:
            if child.kind not in (CursorKind.CALL_EXPR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR, CursorKind.UNARY_OPERATOR,
                                  CursorKind.BINARY_OPERATOR):
                continue
            span = self._span(child)
            words = self._words(*span)
            if UNSEEN.match(words) or self._is_cut(span) or self._macro_around(span) not in (None, span):
                continue
            if cursor.kind == CursorKind.FOR_STMT and self.bytes[span[1]:span[1] + 1] != b";":
                continue
            semicolon = self.bytes.index(b";", span[1]) + 1
            if self.bytes[span[1]:semicolon - 1].strip():
                continue
            self._wrap((span[0], semicolon), "{ if (!" + self._new("delete", words, span[0]) + ") { ", " } }")

    # The outcome

    def rewritten(self):
        """The text with all its mutants."""
        out, at = [], 0
        for offset, _, _, text in sorted(self.edits, key=lambda edit: edit[:3]):
            out.append(self.bytes[at:offset].decode())
            out.append(text)
            at = offset
        out.append(self.bytes[at:].decode())
        return '#include "mutant.h"\n#line 1\n' + "".join(out) + "".join(f"\n{line}" for line in self.tail) + "\n"
