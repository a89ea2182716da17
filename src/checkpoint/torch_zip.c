/* PyTorch 1.6 and later: a zip (stored, or deflated by someone since) of `<folder>/data.pkl`, `<folder>/byteorder` and
 * one `<folder>/data/<key>` for each storage. It is read in two passes: the pickle and every size first, then the
 * storages, each streamed into its tensors. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/formats.h"
#include "checkpoint/torch_views.h"
#include "core/deflate.h"
#include "core/memory.h"

#define READ_BLOCK 262144
#define ENTRIES_MAX ((size_t)1 << 16)

typedef struct zip_entry {
    char *name;
    int64_t size;
    bool stored;
} zip_entry;

typedef struct zip {
    const char *path;
    uint64_t bytes; /* of the file */
    zip_entry *entry;
    size_t count, capacity;
    char *pickle; /* the bytes of data.pkl */
    size_t pickle_size;
    char *prefix; /* its folder, with the slash */
    bool big_endian, is_script;
} zip;

static void free_zip(zip *z)
{
    for (size_t i = 0; i < z->count; i++) free(z->entry[i].name);
    free(z->entry);
    free(z->pickle);
    free(z->prefix);
}

static gb_status archive_failed(const char *path, struct archive *a, gb_error *err)
{
    const char *why = archive_error_string(a);
    return gb_fail(err, GB_E_FORMAT, "%s: expected a whole zip file, found damage: %s", path, why ? why : "no reason");
}

static gb_status open_zip(const char *path, struct archive **out, gb_error *err)
{
    struct archive *a = archive_read_new();
    if (!a) return gb_fail_memory(err, path, READ_BLOCK);
    if (archive_read_support_format_zip_seekable(a) != ARCHIVE_OK ||
        archive_read_open_filename(a, path, READ_BLOCK) != ARCHIVE_OK) {
        const gb_status status = archive_failed(path, a, err);
        archive_read_free(a);
        return status;
    }
    *out = a;
    return GB_OK;
}

/* The next entry, or NULL at the end. */
static gb_status next_entry(const char *path, struct archive *a, struct archive_entry **entry, const char **name,
                            gb_error *err)
{
    const int result = archive_read_next_header(a, entry);
    *name = NULL;
    if (result == ARCHIVE_EOF) return GB_OK;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return archive_failed(path, a, err);
    *name = archive_entry_pathname(*entry);
    if (!*name) return gb_fail(err, GB_E_FORMAT, "%s: expected an entry's name, found none", path);
    if (archive_entry_is_encrypted(*entry))
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected plain entries, found an encrypted one (%s)", path, *name);
    return GB_OK;
}

typedef gb_status entry_visitor(void *user, struct archive *a, struct archive_entry *header, const char *name,
                                gb_error *err);

/* From the first entry to the last. */
static gb_status visit_entries(const char *path, entry_visitor *visit, void *user, gb_error *err)
{
    struct archive *a = NULL;
    GB_TRY(open_zip(path, &a, err));
    gb_status status;
    for (;;) {
        struct archive_entry *header;
        const char *name;
        GB_GO(next_entry(path, a, &header, &name, err));
        if (!name) break;
        GB_GO(visit(user, a, header, name, err));
    }
done:
    archive_read_free(a);
    return status;
}

typedef struct archive_source {
    struct archive *archive;
    const char *path;
} archive_source;

static gb_status read_bytes(void *context, void *bytes, size_t size, gb_error *err)
{
    const archive_source *s = context;
    for (size_t used = 0; used < size;) {
        const la_ssize_t got = archive_read_data(s->archive, (char *)bytes + used, size - used);
        if (got < 0) return archive_failed(s->path, s->archive, err);
        if (got == 0)
            return gb_fail(err, GB_E_FORMAT, "%s: expected %zu bytes more, found the end of an entry", s->path,
                           size - used);
        used += (size_t)got;
    }
    return GB_OK;
}

/* Only at its very end does an entry's checksum speak. */
static gb_status read_end(archive_source *s, gb_error *err)
{
    char more;
    const la_ssize_t got = archive_read_data(s->archive, &more, 1);
    if (got < 0) return archive_failed(s->path, s->archive, err);
    return got == 0 ? GB_OK : gb_fail(err, GB_E_FORMAT, "%s: expected the end of an entry, found more", s->path);
}

static gb_status read_pickle(zip *z, struct archive *a, const zip_entry *entry, gb_error *err)
{
    if (z->pickle) return gb_fail(err, GB_E_FORMAT, "%s: expected one data.pkl, found two", z->path);
    if ((uint64_t)entry->size > GB_PICKLE_TORCH_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a data.pkl of at most %zu bytes, found %lld", z->path,
                       GB_PICKLE_TORCH_MAX, (long long)entry->size);
    if ((uint64_t)entry->size / GB_DEFLATE_RATIO > z->bytes)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a data.pkl that fits into a file of %llu bytes, found %lld",
                       z->path, (unsigned long long)z->bytes, (long long)entry->size);
    archive_source source = {a, z->path};
    z->pickle_size = (size_t)entry->size;
    z->pickle = gb_alloc(z->pickle_size, 1);
    z->prefix = gb_strdup(entry->name);
    if (!z->pickle || !z->prefix) return gb_fail_memory(err, z->path, z->pickle_size);
    strchr(z->prefix, '/')[1] = '\0';
    GB_TRY(read_bytes(&source, z->pickle, z->pickle_size, err));
    return read_end(&source, err);
}

static gb_status read_byte_order(zip *z, struct archive *a, gb_error *err)
{
    char text[8] = "";
    const la_ssize_t got = archive_read_data(a, text, sizeof text - 1);
    if (got < 0) return archive_failed(z->path, a, err);
    z->big_endian = !strcmp(text, "big");
    if (z->big_endian || !strcmp(text, "little")) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected the byte order little or big, found \"%s\"", z->path, text);
}

static gb_status look_at_entry(void *user, struct archive *a, struct archive_entry *header, const char *name,
                               gb_error *err)
{
    zip *const z = user;
    if (z->count >= ENTRIES_MAX)
        return gb_fail(err, GB_E_FORMAT, "%s: expected at most %zu entries, found more", z->path, ENTRIES_MAX);
    if (gb_grow(&z->entry, &z->capacity, z->count + 1, sizeof *z->entry) != 0)
        return gb_fail_memory(err, z->path, z->count * sizeof *z->entry);
    zip_entry *entry = &z->entry[z->count];
    const char *format = archive_format_name(a); /* "ZIP 2.0 (uncompressed)" */
    *entry = (zip_entry){gb_strdup(name), archive_entry_size(header), format && strstr(format, "(uncompressed)")};
    if (!entry->name) return gb_fail_memory(err, z->path, strlen(name));
    z->count++;
    if (entry->size < 0) return gb_fail(err, GB_E_FORMAT, "%s: expected an entry's size, found none", z->path);
    const char *leaf = strchr(entry->name, '/');
    if (leaf && !strcmp(leaf, "/data.pkl")) return read_pickle(z, a, entry, err);
    if (leaf && !strcmp(leaf, "/byteorder")) return read_byte_order(z, a, err);
    if (leaf && !strncmp(leaf, "/code/", 6)) z->is_script = true;
    return GB_OK;
}

static gb_status read_directory(zip *z, gb_error *err)
{
    GB_TRY(visit_entries(z->path, look_at_entry, z, err));
    if (z->is_script)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: expected saved tensors, found a TorchScript program", z->path);
    if (!z->pickle)
        return gb_fail(err, GB_E_FORMAT, "%s: expected a PyTorch zip file, found no data.pkl in it", z->path);
    return GB_OK;
}

/* The views whose storage is this entry. */
static gb_torch_group group_of(const zip *z, const gb_torch_views *views, const char *name)
{
    const size_t length = strlen(z->prefix);
    if (strncmp(name, z->prefix, length) != 0 || strncmp(name + length, "data/", 5) != 0) return (gb_torch_group){0};
    return gb_torch_group_find(views, (gb_pickle_text){name + length + 5, strlen(name + length + 5)});
}

/* Before anything is allocated: every storage is there once, has its size, and fits into the file. */
static gb_status check_sizes(const zip *z, const gb_torch_views *views, gb_error *err)
{
    uint64_t stored = 0, deflated = 0;
    for (size_t i = 0; i < z->count; i++) {
        const zip_entry *entry = &z->entry[i];
        const gb_torch_group group = group_of(z, views, entry->name);
        if (!group.count) continue;
        if (group.view->announced)
            return gb_fail(err, GB_E_FORMAT, "%s: expected %s once, found it twice", z->path, entry->name);
        group.view->announced = true;
        if (gb_torch_group_bytes(group) != (uint64_t)entry->size)
            return gb_fail(err, GB_E_FORMAT, "%s: expected %llu bytes in %s, found %lld", z->path,
                           (unsigned long long)gb_torch_group_bytes(group), entry->name, (long long)entry->size);
        uint64_t *sum = entry->stored ? &stored : &deflated;
        if (__builtin_add_overflow(*sum, (uint64_t)entry->size, sum)) *sum = UINT64_MAX;
    }
    if (stored <= z->bytes && deflated / GB_DEFLATE_RATIO <= z->bytes) return GB_OK;
    return gb_fail(err, GB_E_FORMAT, "%s: expected storages that fit into a file of %llu bytes, found %llu bytes",
                   z->path, (unsigned long long)z->bytes,
                   (unsigned long long)(stored <= z->bytes ? deflated : stored));
}

typedef struct storage_reader {
    const zip *zip;
    const gb_torch_views *views;
} storage_reader;

static gb_status read_storage(void *user, struct archive *a, struct archive_entry *header, const char *name,
                              gb_error *err)
{
    (void)header;
    const storage_reader *const r = user;
    const gb_torch_group group = group_of(r->zip, r->views, name);
    if (!group.count || !gb_torch_group_is_float(group)) return GB_OK;
    archive_source source = {a, r->zip->path};
    GB_TRY(gb_torch_group_read(r->views, group, (gb_source){read_bytes, &source}, r->zip->big_endian, err));
    return read_end(&source, err);
}

static gb_status read_zip(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err)
{
    zip z = {.path = path, .bytes = bytes};
    gb_pickle *pickle = NULL;
    gb_torch_views views = {0};
    storage_reader reader = {&z, &views};
    gb_status status;
    GB_GO(read_directory(&z, err));
    GB_GO(gb_pickle_parse(path, z.pickle, z.pickle_size, &pickle, NULL, err));
    GB_GO(gb_torch_views_collect(path, pickle, weights, &views, err));
    GB_GO(check_sizes(&z, &views, err));
    GB_GO(visit_entries(path, read_storage, &reader, err));
    GB_GO(gb_torch_views_give(&views, weights, err));
done:
    gb_torch_views_free(&views);
    gb_pickle_free(pickle);
    free_zip(&z);
    return status;
}

/* libarchive gives names in the thread's locale and none when they do not fit, so the locale is one where all do. */
gb_status gb_read_torch_zip(const char *path, uint64_t bytes, gb_weights *weights, gb_error *err)
{
    const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    const locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    const gb_status status = read_zip(path, bytes, weights, err);
    if (before) uselocale(before);
    if (utf8) freelocale(utf8);
    return status;
}
