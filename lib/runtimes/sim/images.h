/* SPDX-License-Identifier: Apache-2.0 */
/* The images: which are on the host, which are nowhere. Every image that the script does not call missing is in some registry. */
#ifndef SIM_IMAGES_H
#define SIM_IMAGES_H

#include <stdbool.h>

#include "table.h"

#define SIM_DIGEST_SIZE 72 /* `sha256:`, 64 digits and a NUL */
#define SIM_IMAGE_REF_SIZE 1024

struct sim_image {
    struct sim_image *next;
    char *reference; /* with its tag or digest */
    char *by_digest; /* the same image as `repo@digest` */
    char digest[SIM_DIGEST_SIZE];
    char id[SIM_DIGEST_SIZE];
    bool local, missing;
};

struct sim_images {
    struct sim_image *list;
    struct sim_table references; /* by either name */
};

void sim_images_free(struct sim_images *images);

/* The image of that reference (`:latest` is added), new if it was not known; NULL: no memory, or a reference that is too long. */
struct sim_image *sim_images_get(struct sim_images *images, const char *reference);

#endif
