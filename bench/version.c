#include "version.h"

#include <archive.h>
#include <cairo.h>
#include <hdf5.h>
#include <jpeglib.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libdeflate.h>
#include <libswscale/swscale.h>
#include <nettle/version.h>
#include <png.h>
#include <string.h>

#include "backend/backend.h"
#include "cli/print_json.h"
#include "core/json.h"
#include "flow/estimate.h"

const char *gb_version_commit(void)
{
    return GB_COMMIT;
}

const char *gb_version_compiler(void)
{
    return __VERSION__ " " GB_CFLAGS;
}

static void add_numbers(cJSON *object, const char *name, unsigned major, unsigned minor, unsigned micro)
{
    char text[64];
    snprintf(text, sizeof text, "%u.%u.%u", major, minor, micro);
    cJSON_AddStringToObject(object, name, text);
}

/* FFmpeg's release, and its libraries, which count apart. */
static void add_ffmpeg(cJSON *object)
{
    const struct {
        const char *name;
        unsigned version;
    } library[] = {{"libavutil", avutil_version()},
                   {"libavcodec", avcodec_version()},
                   {"libavformat", avformat_version()},
                   {"libavfilter", avfilter_version()},
                   {"libswscale", swscale_version()}};
    cJSON_AddStringToObject(object, "ffmpeg", av_version_info());
    for (size_t i = 0; i < sizeof library / sizeof *library; i++)
        add_numbers(object, library[i].name, AV_VERSION_MAJOR(library[i].version), AV_VERSION_MINOR(library[i].version),
                    AV_VERSION_MICRO(library[i].version));
}

static void add_nettle(cJSON *object)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d", nettle_version_major(), nettle_version_minor());
    cJSON_AddStringToObject(object, "nettle", text);
}

/* Libjpeg does not tell at run time. */
static void add_jpeg(cJSON *object)
{
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#ifdef LIBJPEG_TURBO_VERSION
    cJSON_AddStringToObject(object, "libjpeg-turbo", TEXT(LIBJPEG_TURBO_VERSION));
#else
    cJSON_AddStringToObject(object, "libjpeg", TEXT(JPEG_LIB_VERSION));
#endif
}

/* Nets' engines tell theirs as "name version, name version"; those without a device have none to tell. */
static void add_engines(cJSON *object)
{
    size_t count;
    const gb_backend *const *backends = gb_backends(&count);
    for (size_t i = 0; i < count; i++) {
        gb_device_info info = {0};
        if (backends[i]->probe(0, &info, NULL) != GB_OK) continue;
        for (char *rest = info.library, *one; (one = strsep(&rest, ","));) {
            one += strspn(one, " ");
            char *const version = strrchr(one, ' ');
            if (!version || !strpbrk(version, "0123456789")) continue;
            *version = '\0';
            cJSON_AddStringToObject(object, one, version + 1);
        }
    }
}

cJSON *gb_version_libraries(void)
{
    cJSON *object = cJSON_CreateObject();
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    add_numbers(object, "hdf5", major, minor, release);
    cJSON_AddStringToObject(object, "libdeflate", LIBDEFLATE_VERSION_STRING);
    cJSON_AddStringToObject(object, "libpng", png_get_libpng_ver(NULL));
    add_jpeg(object);
    cJSON_AddStringToObject(object, "cjson", cJSON_Version());
    cJSON_AddStringToObject(object, "libarchive", strrchr(archive_version_string(), ' ') + 1); /* "libarchive 3.6.2" */
    add_nettle(object);
    cJSON_AddStringToObject(object, "cairo", cairo_version_string());
    add_ffmpeg(object);
    if (gb_flow_library()) cJSON_AddStringToObject(object, "OpenCV", gb_flow_library());
    return object;
}

static void print_lines(FILE *out, const cJSON *libraries)
{
    fprintf(out, "ganime-bench %s (%s)\ncompiler %s\n", GB_VERSION, gb_version_commit(), gb_version_compiler());
    for (const cJSON *item = libraries ? libraries->child : NULL; item; item = item->next)
        fprintf(out, "%s %s\n", item->string, item->valuestring);
}

gb_status gb_version_print(FILE *out, bool json, gb_error *err)
{
    cJSON *const libraries = gb_version_libraries();
    add_engines(libraries);
    if (!json) {
        print_lines(out, libraries);
        cJSON_Delete(libraries);
        return GB_OK;
    }
    cJSON *const object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "version", GB_VERSION);
    cJSON_AddStringToObject(object, "commit", gb_version_commit());
    cJSON_AddStringToObject(object, "compiler", gb_version_compiler());
    gb_json_attach(object, "libraries", libraries);
    return gb_print_json(out, object, err);
}
