/* A folder of images as clips: a flat folder of frames is one clip, a folder of folders one clip each, and a folder
 * that holds `wide` and `narrow` has 16:9 and 4:3 frames of the same names (each flat or in clip folders). */
#ifndef GB_DATASETS_FOLDER_H
#define GB_DATASETS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/status.h"

typedef struct gb_folder_frame {
    char *clip;         /* owned by the folder, as the paths are */
    char *wide, *narrow; /* narrow NULL unless paired */
} gb_folder_frame;

typedef struct gb_folder {
    gb_folder_frame *frames; /* clips one after the other, frames sorted by name */
    size_t count, capacity;
    bool paired;
} gb_folder;

/* PNG and JPEG files by extension; others are passed over. An unpaired frame is an error that names it. */
gb_status gb_folder_list(const char *path, gb_folder *out, gb_error *err) GB_MUST_CHECK;
void gb_folder_free(gb_folder *folder);

#endif
