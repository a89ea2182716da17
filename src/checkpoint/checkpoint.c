#include "checkpoint/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "checkpoint/formats.h"
#include "core/sha256.h"

#define HEAD_BYTES 264 /* up to the end of a tar's magic */

typedef struct head {
    unsigned char byte[HEAD_BYTES];
    size_t size;
} head;

static bool begins_with(const head *h, size_t at, const char *magic, size_t size)
{
    return h->size >= at + size && !memcmp(h->byte + at, magic, size);
}

static bool is_zip(const head *h)
{
    return begins_with(h, 0, "PK\3\4", 4);
}

static bool is_h5(const head *h)
{
    return begins_with(h, 0, "\211HDF\r\n\032\n", 8);
}

static bool is_tar(const head *h)
{
    return begins_with(h, 257, "ustar", 5);
}

/* PROTO n, then PyTorch's magic number 0x1950a86a20f9469cfc6c. */
static bool is_torch_legacy(const head *h)
{
    return begins_with(h, 0, "\x80", 1) && begins_with(h, 2, "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
}

/* A header length below 2^32, then JSON. */
static bool is_safetensors(const head *h)
{
    return begins_with(h, 4, "\0\0\0\0{", 5);
}

/* PROTO, or what protocols 0 and 1 begin with: a mark, a global, an empty container. */
static bool is_pickle(const head *h)
{
    return (begins_with(h, 0, "\x80", 1) && h->size > 1 && h->byte[1] <= 5) ||
           (h->size && memchr("(c}])", h->byte[0], 5));
}

static gb_status refuse_tar(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err)
{
    (void)bytes, (void)weights;
    return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected a checkpoint of PyTorch 0.1.10 or later, found a tar file "
                   "(older ones were; load and save it again with PyTorch)", path);
}

typedef struct format {
    const char *name;
    bool (*matches)(const head *h);
    gb_status (*read)(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err);
} format;

static const format formats[] = {
    {"torch-zip", is_zip, gb_read_torch_zip},
    {"hdf5", is_h5, gb_read_h5},
    {"tar", is_tar, refuse_tar},
    {"torch-legacy", is_torch_legacy, gb_read_torch_legacy},
    {"safetensors", is_safetensors, gb_read_safetensors},
    {"numpy-pickle", is_pickle, gb_read_numpy_pickle},
};

/* The same file as before, untouched: what was read is what was hashed. */
static gb_status check_unchanged(const char *path, const struct stat *before, gb_error *err)
{
    struct stat now;
    if (stat(path, &now) == 0 && now.st_ino == before->st_ino && now.st_size == before->st_size &&
        now.st_mtim.tv_sec == before->st_mtim.tv_sec && now.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
        return GB_OK;
    return gb_fail(err, GB_E_IO, "%s: expected a file that stays as it is, found it changed while it was read", path);
}

static gb_status look(const char *path, head *h, struct stat *about, gb_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return gb_fail(err, errno == ENOENT ? GB_E_NOT_FOUND : GB_E_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode)) return gb_fail(err, GB_E_IO, "%s: expected a file, found something else", path);
    FILE *file = fopen(path, "rbe");
    if (!file) return gb_fail(err, GB_E_IO, "%s: %s", path, strerror(errno));
    h->size = fread(h->byte, 1, sizeof h->byte, file);
    const bool failed = ferror(file);
    fclose(file);
    if (failed) return gb_fail(err, GB_E_IO, "%s: read failed: %s", path, strerror(errno));
    *about = info;
    return GB_OK;
}

static gb_status find_format(const char *path, const head *h, const format **out, gb_error *err)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (!formats[i].matches(h)) continue;
        *out = &formats[i];
        return GB_OK;
    }
    char found[64] = "an empty file";
    if (h->size) {
        const unsigned char *b = h->byte; /* zeroed beyond `size` */
        snprintf(found, sizeof found, "one that begins with the bytes %02x %02x %02x %02x", b[0], b[1], b[2], b[3]);
    }
    return gb_fail(err, GB_E_FORMAT,
                   "%s: expected a checkpoint (PyTorch, safetensors, HDF5 or a numpy pickle), found %s", path, found);
}

gb_status gb_checkpoint_read(const char *path, gb_weights **out, gb_checkpoint_info *info, gb_error *err)
{
    head h = {0};
    struct stat about = {0};
    const format *f = NULL;
    gb_checkpoint_info known = {0};
    gb_weights *weights = NULL;
    GB_TRY(look(path, &h, &about, err));
    const uint64_t bytes = (uint64_t)about.st_size;
    GB_TRY(find_format(path, &h, &f, err));
    gb_status status;
    GB_GO(gb_weights_new(&weights, err));
    gb_weights_set_origin(weights, path, NULL);
    GB_GO(f->read(path, bytes, weights, err));
    if (!gb_weights_count(weights))
        GB_GO(gb_fail(err, GB_E_FORMAT, "%s: expected tensors, found none in this %s file", path, f->name));
    GB_GO(gb_sha256_file(path, known.sha256, err));
    GB_GO(check_unchanged(path, &about, err));
    gb_weights_set_origin(weights, path, known.sha256);
    snprintf(known.format, sizeof known.format, "%s", f->name);
    known.bytes = bytes;
    if (info) *info = known;
    *out = weights;
    weights = NULL;
done:
    gb_weights_free(weights);
    return status;
}
