/* SPDX-License-Identifier: Apache-2.0 */
/* The root, and texts, the simplest thing that holds one. */
#include "base/root.h"

#include "base/buf.h"
#include "ecsengine/error.h"

struct ecsengine_text {
    struct root *root;
    char *data;
    size_t len;
};

void root_init(struct root *root, const ecsengine_allocator *allocator, void (*destroy)(struct root *root))
{
    mem_init(&root->mem, allocator);
    atomic_init(&root->refs, 1);
    root->destroy = destroy;
}

struct root *root_ref(struct root *root)
{
    atomic_fetch_add_explicit(&root->refs, 1, memory_order_relaxed);
    return root;
}

void root_unref(struct root *root)
{
    if (atomic_fetch_sub_explicit(&root->refs, 1, memory_order_acq_rel) == 1)
        root->destroy(root);
}

int text_new(struct root *root, struct buf *buf, struct ecsengine_text **out_text)
{
    if (buf->failed != 0)
        return buf->failed;
    struct ecsengine_text *text = mem_alloc(&root->mem, sizeof(*text));
    if (text == NULL)
        return ECSENGINE_ENOMEM;
    text->data = buf_take(buf, &text->len);
    if (text->data == NULL) {
        mem_free(&root->mem, text);
        return ECSENGINE_ENOMEM;
    }
    text->root = root_ref(root);
    *out_text = text;
    return 0;
}

const char *ecsengine_text_data(const ecsengine_text *text) { return text != NULL ? text->data : ""; }
size_t ecsengine_text_length(const ecsengine_text *text) { return text != NULL ? text->len : 0; }

void ecsengine_text_free(ecsengine_text *text)
{
    if (text == NULL)
        return;
    struct root *root = text->root;
    mem_free(&root->mem, text->data);
    mem_free(&root->mem, text);
    root_unref(root);
}
