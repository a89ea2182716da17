#include "version.h"

#include <archive.h>
#include <cairo.h>
#include <hdf5.h>
#include <libavcodec/avcodec.h>
#include <libavutil/avutil.h>
#include <png.h>
#include <stdio.h>

const char *gb_version_commit(void)
{
    return GB_COMMIT;
}

const char *gb_version_compiler(void)
{
    return __VERSION__ " " GB_CFLAGS;
}

cJSON *gb_version_libraries(void)
{
    cJSON *object = cJSON_CreateObject();
    char text[64];
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
    cJSON_AddStringToObject(object, "hdf5", text);
    cJSON_AddStringToObject(object, "libpng", png_get_libpng_ver(NULL));
    cJSON_AddStringToObject(object, "cjson", cJSON_Version());
    cJSON_AddStringToObject(object, "ffmpeg", av_version_info());
    cJSON_AddStringToObject(object, "libarchive", archive_version_string());
    cJSON_AddStringToObject(object, "cairo", cairo_version_string());
    return object;
}
