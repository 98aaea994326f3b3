/* SPDX-License-Identifier: Apache-2.0 */
/* The images. Digest and id are hashes of the reference: the same image has the same ones in every simulator, whatever its seed. */
#include "images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prng.h"

enum { PURPOSE_DIGEST = 1, PURPOSE_IMAGE_ID = 2 };

static void image_free(struct sim_image *image)
{
    free(image->reference);
    free(image->by_digest);
    free(image);
}

void sim_images_free(struct sim_images *images)
{
    while (images->list != NULL) {
        struct sim_image *image = images->list;
        images->list = image->next;
        image_free(image);
    }
    sim_table_free(&images->references);
}

static bool is_called(const void *object, const void *key)
{
    const struct sim_image *image = object;

    return strcmp(image->reference, key) == 0 || strcmp(image->by_digest, key) == 0;
}

/* The reference with `:latest` where it has neither tag nor digest. `*out_repo_len`: how much of it is the repository. */
static bool in_full(const char *reference, char out[SIM_IMAGE_REF_SIZE], size_t *out_repo_len)
{
    const char *slash = strrchr(reference, '/'), *at = strchr(reference, '@');
    const char *colon = strchr(slash != NULL ? slash : reference, ':');
    size_t len = strlen(reference);

    if (len + sizeof(":latest") > SIM_IMAGE_REF_SIZE)
        return false;
    snprintf(out, SIM_IMAGE_REF_SIZE, "%s%s", reference, at == NULL && colon == NULL ? ":latest" : "");
    *out_repo_len = at != NULL ? (size_t)(at - reference) : colon != NULL ? (size_t)(colon - reference) : len;
    return true;
}

static void draw_names(struct sim_image *image, const char *digest)
{
    uint64_t who = sim_hash_text(image->reference);

    memcpy(image->digest, "sha256:", 7);
    memcpy(image->id, "sha256:", 7);
    sim_draw_hex(0, who, PURPOSE_DIGEST, image->digest + 7, 64);
    sim_draw_hex(0, who, PURPOSE_IMAGE_ID, image->id + 7, 64);
    if (digest != NULL)
        snprintf(image->digest, sizeof(image->digest), "%s", digest);
}

static struct sim_image *image_new(const char *reference, size_t repo_len)
{
    struct sim_image *image = calloc(1, sizeof(*image));

    if (image == NULL)
        return NULL;
    image->reference = strdup(reference);
    image->by_digest = malloc(repo_len + 1 + SIM_DIGEST_SIZE);
    if (image->reference == NULL || image->by_digest == NULL) {
        image_free(image);
        return NULL;
    }
    draw_names(image, reference[repo_len] == '@' ? reference + repo_len + 1 : NULL);
    sprintf(image->by_digest, "%.*s@%s", (int)repo_len, reference, image->digest);
    return image;
}

struct sim_image *sim_images_get(struct sim_images *images, const char *reference)
{
    char full[SIM_IMAGE_REF_SIZE];
    size_t repo_len;

    if (!in_full(reference, full, &repo_len))
        return NULL;
    uint64_t hash = sim_hash_text(full);
    struct sim_slot *slot = sim_table_find(&images->references, hash, is_called, full);
    if (slot != NULL)
        return slot->object;
    struct sim_image *image = image_new(full, repo_len);
    if (image == NULL)
        return NULL;
    image->next = images->list;
    images->list = image;
    /* One that finds no room now is still owned by the list, and will be made again. */
    if (sim_table_reserve(&images->references) < 0)
        return image;
    sim_table_add(&images->references, hash)->object = image;
    if (strcmp(image->by_digest, full) != 0 && sim_table_reserve(&images->references) == 0)
        sim_table_add(&images->references, sim_hash_text(image->by_digest))->object = image;
    return image;
}
