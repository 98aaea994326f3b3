/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON parser.
 *
 * Why not jansson's: its lexer drops a byte whenever its buffer can't grow (strbuffer_append_byte() is not checked in lex_save(),
 * 2.14), so under memory pressure it returns a tree with a shortened text in it, and where the lost byte is the closing quote it
 * reads and writes past its blocks. Nothing outside of it can notice. The tests hold this parser against jansson's on every
 * document.
 *
 * How: one pass, without recursion; the open container is the stack, through the parent pointers. Text is decoded into one block as
 * long as the document, at the place where it stood (decoded text is never longer), which costs one allocation for all texts.
 * Children are put in front while their parent is open, and turned round when it closes: no tail pointers. */
#include "base/json.h"

#include <string.h>

#include "base/str.h"

enum expect { EXPECT_VALUE, EXPECT_ELEMENT_OR_END, EXPECT_KEY, EXPECT_KEY_OR_END, EXPECT_COMMA_OR_END, EXPECT_NOTHING };

struct parser {
    struct json_doc *doc;
    const struct json_limits *limits;
    struct ecsengine_error **error;
    const char *text;
    size_t len;
    size_t at;
    char *decoded; /* text, decoded in its place */
    struct json_value *open;
    const char *key; /* of the value to come */
    uint32_t key_len;
    uint32_t depth;
    uint32_t values;
    bool nul; /* a U+0000 was decoded since the last value */
    enum expect expect;
    int code;
};

static bool fail(struct parser *parser, int code, size_t offset, const char *message)
{
    int32_t line, column;

    json_place(parser->doc, offset, &line, &column);
    parser->code = error_set_at(parser->error, code, NULL, NULL, line, column, "%s", message);
    return false;
}

static bool fail_nomem(struct parser *parser)
{
    parser->code = error_nomem(parser->error);
    return false;
}

static bool fail_limit(struct parser *parser, const char *what, uint32_t max)
{
    int32_t line, column;

    json_place(parser->doc, parser->at, &line, &column);
    parser->code =
        error_set_at(parser->error, ECSENGINE_ELIMIT, NULL, NULL, line, column, "the document has more than %u %s", max, what);
    return false;
}

static void skip_space(struct parser *parser)
{
    while (parser->at < parser->len && memchr(" \t\n\r", parser->text[parser->at], 4) != NULL)
        parser->at++;
}

/* Four hexadecimal digits, or -1. */
static int32_t hex4(const char *text, const char *end)
{
    int32_t code = 0;

    if (end - text < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char digit = text[i];
        int32_t value = digit >= '0' && digit <= '9'   ? digit - '0'
                        : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                        : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                       : -1;
        if (value < 0)
            return -1;
        code = code << 4 | value;
    }
    return code;
}

static char *put_character(char *out, int32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xf0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

/* The character of a \u escape, whose four digits begin at `at`; moves `at` behind it. -1: no such character. */
static int32_t unicode_escape(const char **at, const char *end)
{
    int32_t code = hex4(*at, end);

    if (code < 0)
        return -1;
    *at += 4;
    if (code < 0xd800 || code > 0xdfff)
        return code;
    if (code > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return -1;
    int32_t low = hex4(*at + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    *at += 6;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Decodes the raw text [at, end), in which every backslash is followed by something. Returns the end of what was written; NULL
 * after a failure. */
static char *unescape(struct parser *parser, const char *at, const char *end, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

    while (at < end) {
        const char *slash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((slash != NULL ? slash : end) - at);
        memcpy(out, at, plain);
        out += plain;
        if (slash == NULL)
            return out;
        at = slash + 2;
        const char *simple = memchr(from, slash[1], sizeof(from) - 1);
        int32_t code = simple != NULL ? to[simple - from] : slash[1] == 'u' ? unicode_escape(&at, end) : -1;
        if (code < 0) {
            fail(parser, ECSENGINE_ESYNTAX, (size_t)(slash - parser->text), "a string has an escape that does not exist");
            return NULL;
        }
        parser->nul = parser->nul || code == 0;
        out = put_character(out, code);
    }
    return out;
}

/* The first byte of text that is no UTF-8. */
static size_t bad_byte(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        size_t step = 1;
        while (step <= 4 && at + step <= len && !utf8_valid(text + at, step))
            step++;
        if (step > 4 || at + step > len)
            return at;
        at += step;
    }
    return at;
}

/* A string, at its opening quote. */
static bool string(struct parser *parser, const char **out_text, uint32_t *out_len)
{
    const char *start = parser->text + parser->at + 1, *end = parser->text + parser->len, *at = start;

    for (; at < end && *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            return fail(parser, ECSENGINE_ESYNTAX, (size_t)(at - parser->text),
                        "a string has a control character that is not escaped");
        if (*at == '\\' && ++at == end)
            break;
    }
    if (at == end)
        return fail(parser, ECSENGINE_ESYNTAX, parser->len, "the document ends inside a string");
    if (!utf8_valid(start, (size_t)(at - start)))
        return fail(parser, ECSENGINE_ESYNTAX, (size_t)(start - parser->text) + bad_byte(start, (size_t)(at - start)),
                    "a string is no UTF-8");
    char *decoded = parser->decoded + (start - parser->text);
    char *decoded_end = unescape(parser, start, at, decoded);
    if (decoded_end == NULL)
        return false;
    *decoded_end = '\0';
    *out_text = decoded;
    *out_len = (uint32_t)(decoded_end - decoded);
    parser->at = (size_t)(at - parser->text) + 1;
    return true;
}

static struct json_value *add(struct parser *parser, enum json_kind kind)
{
    if (parser->values >= parser->limits->values) {
        fail_limit(parser, "values", parser->limits->values);
        return NULL;
    }
    struct json_value *value = arena_alloc(&parser->doc->arena, sizeof(*value));
    if (value == NULL) {
        fail_nomem(parser);
        return NULL;
    }
    parser->values++;
    value->parent = parser->open;
    value->key = parser->key;
    value->key_len = parser->key_len;
    value->offset = (uint32_t)parser->at;
    value->kind = (uint8_t)kind;
    parser->key = NULL;
    parser->key_len = 0;
    if (parser->open != NULL) {
        value->next = parser->open->first;
        parser->open->first = value;
        parser->open->count++;
    } else {
        parser->doc->root = value;
    }
    return value;
}

/* After a value: a U+0000 that was decoded since the last one is in this one's key or text. */
static bool done(struct parser *parser, const struct json_value *value)
{
    if (parser->nul && parser->doc->nul == NULL)
        parser->doc->nul = value;
    parser->nul = false;
    parser->expect = parser->open != NULL ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
    return true;
}

static bool open_container(struct parser *parser, enum json_kind kind)
{
    if (parser->depth >= parser->limits->depth)
        return fail_limit(parser, "levels", parser->limits->depth);
    struct json_value *value = add(parser, kind);
    if (value == NULL)
        return false;
    done(parser, value);
    parser->open = value;
    parser->depth++;
    parser->at++;
    parser->expect = kind == JSON_KIND_OBJECT ? EXPECT_KEY_OR_END : EXPECT_ELEMENT_OR_END;
    return true;
}

static bool close_container(struct parser *parser)
{
    struct json_value *closed = parser->open;
    const struct json_value *first = NULL;

    for (struct json_value *child = (struct json_value *)closed->first, *next; child != NULL; child = next) {
        next = (struct json_value *)child->next;
        child->next = first;
        first = child;
    }
    closed->first = first;
    parser->open = (struct json_value *)closed->parent;
    parser->depth--;
    parser->at++;
    parser->expect = parser->open != NULL ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
    return true;
}

static bool text_value(struct parser *parser)
{
    struct json_value *value = add(parser, JSON_KIND_TEXT);

    return value != NULL && string(parser, &value->text, &value->count) && done(parser, value);
}

static bool word(struct parser *parser, const char *name, enum json_kind kind, bool truth)
{
    size_t len = strlen(name);
    size_t left = parser->len - parser->at;

    if (memcmp(parser->text + parser->at, name, left < len ? left : len) != 0)
        return fail(parser, ECSENGINE_ESYNTAX, parser->at, "expected a value");
    if (left < len)
        return fail(parser, ECSENGINE_ESYNTAX, parser->len, "the document ends inside a word");
    struct json_value *value = add(parser, kind);
    if (value == NULL)
        return false;
    if (kind == JSON_KIND_BOOL)
        value->truth = truth;
    parser->at += len;
    return done(parser, value);
}

static size_t digits(const char *text, size_t at, size_t len)
{
    while (at < len && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

/* Where the number that begins at `at` ends, or 0 if it is none. */
size_t json_number_end(const char *text, size_t at, size_t len)
{
    size_t start = at < len && text[at] == '-' ? at + 1 : at;
    size_t end = digits(text, start, len);

    if (end == start || (text[start] == '0' && end != start + 1))
        return 0;
    if (end < len && text[end] == '.') {
        start = end + 1;
        end = digits(text, start, len);
        if (end == start)
            return 0;
    }
    if (end < len && (text[end] == 'e' || text[end] == 'E')) {
        start = end + 1;
        if (start < len && (text[start] == '+' || text[start] == '-'))
            start++;
        end = digits(text, start, len);
        if (end == start)
            return 0;
    }
    return end;
}

static bool number(struct parser *parser)
{
    size_t start = parser->at, end = json_number_end(parser->text, start, parser->len), at = start;

    while (end == 0 && at < parser->len && memchr("+-.0123456789Ee", parser->text[at], 15) != NULL)
        at++;
    if (at == parser->len)
        return fail(parser, ECSENGINE_ESYNTAX, at, "the document ends inside a number");
    if (end == 0)
        return fail(parser, ECSENGINE_ESYNTAX, start, "expected a number");
    struct json_value *value = add(parser, JSON_KIND_NUMBER);
    if (value == NULL)
        return false;
    char *copy = parser->decoded + start;
    memcpy(copy, parser->text + start, end - start);
    copy[end - start] = '\0';
    value->text = copy;
    value->count = (uint32_t)(end - start);
    parser->at = end;
    return done(parser, value);
}

static bool any_value(struct parser *parser)
{
    char c = parser->text[parser->at];

    switch (c) {
    case '{':
        return open_container(parser, JSON_KIND_OBJECT);
    case '[':
        return open_container(parser, JSON_KIND_ARRAY);
    case '"':
        return text_value(parser);
    case 't':
        return word(parser, "true", JSON_KIND_BOOL, true);
    case 'f':
        return word(parser, "false", JSON_KIND_BOOL, false);
    case 'n':
        return word(parser, "null", JSON_KIND_NULL, false);
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return number(parser);
        return fail(parser, ECSENGINE_ESYNTAX, parser->at, "expected a value");
    }
}

static bool member_key(struct parser *parser)
{
    if (parser->text[parser->at] != '"')
        return fail(parser, ECSENGINE_ESYNTAX, parser->at, "expected the name of a member in quotes");
    if (!string(parser, &parser->key, &parser->key_len))
        return false;
    skip_space(parser);
    if (parser->at == parser->len)
        return fail(parser, ECSENGINE_ESYNTAX, parser->at, "the document ends inside an object");
    if (parser->text[parser->at] != ':')
        return fail(parser, ECSENGINE_ESYNTAX, parser->at, "expected a colon after the name of a member");
    parser->at++;
    parser->expect = EXPECT_VALUE;
    return true;
}

static bool comma_or_end(struct parser *parser)
{
    bool object = parser->open->kind == JSON_KIND_OBJECT;
    char c = parser->text[parser->at];

    if (c == (object ? '}' : ']'))
        return close_container(parser);
    if (c != ',')
        return fail(parser, ECSENGINE_ESYNTAX, parser->at,
                    object ? "expected a comma or the end of an object" : "expected a comma or the end of an array");
    parser->at++;
    parser->expect = object ? EXPECT_KEY : EXPECT_VALUE;
    return true;
}

static bool at_end(struct parser *parser)
{
    return fail(parser, ECSENGINE_ESYNTAX, parser->len,
                parser->open == NULL                     ? "the document is empty"
                : parser->open->kind == JSON_KIND_OBJECT ? "the document ends inside an object"
                                                         : "the document ends inside an array");
}

/* One token further. */
static bool step(struct parser *parser)
{
    if (parser->at == parser->len)
        return at_end(parser);
    switch (parser->expect) {
    case EXPECT_KEY_OR_END:
        return parser->text[parser->at] == '}' ? close_container(parser) : member_key(parser);
    case EXPECT_KEY:
        return member_key(parser);
    case EXPECT_ELEMENT_OR_END:
        return parser->text[parser->at] == ']' ? close_container(parser) : any_value(parser);
    case EXPECT_COMMA_OR_END:
        return comma_or_end(parser);
    case EXPECT_VALUE:
    case EXPECT_NOTHING:
        break;
    }
    return any_value(parser);
}

static int parse(struct parser *parser)
{
    for (skip_space(parser); parser->expect != EXPECT_NOTHING; skip_space(parser))
        if (!step(parser))
            return parser->code;
    if (parser->at != parser->len) {
        fail(parser, ECSENGINE_ESYNTAX, parser->at, "the document goes on after its end");
        return parser->code;
    }
    return 0;
}

int json_doc_parse(struct json_doc *doc, struct mem *mem, const struct json_limits *limits, const char *text, size_t len,
                   struct ecsengine_error **error)
{
    struct json_doc made = {.text = text, .len = len};
    struct parser parser = {.doc = &made, .limits = limits, .error = error, .text = text, .len = len, .expect = EXPECT_VALUE};

    /* Lines, columns and offsets have 32 bits. */
    if (len > limits->bytes || len > INT32_MAX)
        return error_set(error, ECSENGINE_ELIMIT, "the document has %zu bytes, more than %zu", len,
                         limits->bytes < INT32_MAX ? limits->bytes : (size_t)INT32_MAX);
    arena_init(&made.arena, mem);
    parser.decoded = arena_array(&made.arena, len + 1, 1);
    int code = parser.decoded != NULL ? parse(&parser) : error_nomem(error);
    if (code < 0) {
        arena_free(&made.arena);
        return code;
    }
    *doc = made;
    return 0;
}

void json_doc_free(struct json_doc *doc)
{
    arena_free(&doc->arena);
    doc->root = doc->nul = NULL;
}
