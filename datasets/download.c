#include "datasets/download.h"

#include <errno.h>
#include <libavformat/avio.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/temporary.h"

#define MAX_BYTES ((int64_t)4 << 30)

static gb_status copy_bytes(AVIOContext *in, const char *url, FILE *out, const char *path, gb_error *err)
{
    unsigned char block[1 << 15];
    char text[AV_ERROR_MAX_STRING_SIZE];
    int64_t total = 0;
    for (;;) {
        const int got = avio_read(in, block, sizeof block);
        if (got == 0 || got == AVERROR_EOF) return GB_OK;
        if (got < 0)
            return gb_fail(err, GB_E_IO, "%s: %s", url, av_make_error_string(text, sizeof text, got));
        total += got;
        if (total > MAX_BYTES)
            return gb_fail(err, GB_E_IO, "%s: expected at most %lld bytes, found more", url, (long long)MAX_BYTES);
        if (fwrite(block, 1, (size_t)got, out) != (size_t)got)
            return gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(errno));
    }
}

static gb_status load(const char *url, const char *path, gb_error *err)
{
    char text[AV_ERROR_MAX_STRING_SIZE];
    AVIOContext *in = NULL;
    av_log_set_level(AV_LOG_QUIET);
    const int code = avio_open2(&in, url, AVIO_FLAG_READ, NULL, NULL);
    if (code < 0)
        return gb_fail(err, GB_E_IO, "%s: cannot download: %s; with the file at hand, use --from DIR", url,
                       av_make_error_string(text, sizeof text, code));
    FILE *out = fopen(path, "wb");
    gb_status status = out ? copy_bytes(in, url, out, path, err)
                           : gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(errno));
    if (out && fclose(out) != 0 && status == GB_OK)
        status = gb_fail(err, GB_E_IO, "%s: cannot write: %s", path, strerror(errno));
    avio_closep(&in);
    return status;
}

static gb_status load_checked(const gb_manifest_file *file, const char *url, const char *path, gb_error *err)
{
    gb_temporary temporary;
    gb_error ignored;
    char found[GB_SHA256_HEX] = "";
    GB_TRY(gb_temporary_open(path, &temporary, err));
    gb_status status = load(url, temporary.name, err);
    if (status == GB_OK) status = gb_sha256_file(temporary.name, found, err);
    if (status == GB_OK && strcmp(found, file->sha256) != 0)
        status = gb_fail(err, GB_E_MISMATCH, "%s: expected sha256 %s, found %s", url, file->sha256, found);
    const bool good = status == GB_OK;
    const gb_status closed = gb_temporary_close(&temporary, path, good, good ? err : &ignored);
    return good ? closed : status;
}

gb_status gb_download(const gb_manifest_file *file, char **path, gb_error *err)
{
    if (*file->obtain || !*file->repo || !*file->commit || !*file->path)
        return gb_fail(err, GB_E_NOT_FOUND, "%s: cannot be downloaded: %s; then use --from DIR", file->name,
                       *file->obtain ? file->obtain : "the manifest names no repository");
    char *directory = NULL, *found = NULL, *url = NULL;
    char sha[GB_SHA256_HEX] = "";
    gb_status status = gb_cache_path("sources", &directory, err);
    if (status == GB_OK) status = gb_directory_make(directory, err);
    if (status == GB_OK) {
        found = gb_format("%s/%.12s-%s", directory, file->sha256, file->name);
        url = gb_format("https://raw.githubusercontent.com/%s/%s/%s", file->repo, file->commit, file->path);
        if (!found || !url) status = gb_fail_memory(err, file->name, strlen(file->name));
    }
    const bool there = status == GB_OK && gb_sha256_file(found, sha, NULL) == GB_OK && !strcmp(sha, file->sha256);
    if (status == GB_OK && !there) status = load_checked(file, url, found, err);
    free(directory);
    free(url);
    if (status == GB_OK)
        *path = found;
    else
        free(found);
    return status;
}
