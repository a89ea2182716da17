#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "contenders/contender.h"
#include "core/file.h"
#include "core/memory.h"

#define MAX_CONTENDERS 256

/* A folder as people would write it: without detours, and from here where it lies below; as it is where there is
 * none. */
static char *plain_path(const char *path)
{
    char full[PATH_MAX], here[PATH_MAX];
    if (!realpath(path, full)) return gb_strdup(path);
    const size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    return gb_strdup(length && !strncmp(full, here, length) && full[length] == '/' ? full + length + 1 : full);
}

/* One of the program's own folders. */
static char *beside(const char *program, const char *folder)
{
    char *const path = gb_format("%s/../%s", program, folder);
    char *const plain = path ? plain_path(path) : NULL;
    free(path);
    return plain;
}

/* Folders in which a weights file is found by its name, `<generator>[@variant].<extension>`: $GANIME_WEIGHTS, the
 * project's own beside the program (in the checkout or installed), the user's in the cache. */
static int weight_folders(char *folder[4])
{
    int count = 0;
    const char *own = getenv("GANIME_WEIGHTS");
    char program[PATH_MAX];
    if (own && *own) folder[count++] = gb_strdup(own);
    if (gb_program_folder(program, sizeof program)) {
        folder[count++] = beside(program, "models/weights");
        folder[count++] = beside(program, "share/ganime-bench/weights");
    }
    gb_error ignored;
    if (gb_cache_path("weights", &folder[count], &ignored) == GB_OK) count++;
    return count;
}

static bool is_weights_file(const char *name)
{
    static const char *const extension[] = {".safetensors", ".pt", ".pth", ".ckpt", ".h5"};
    for (size_t i = 0; i < sizeof extension / sizeof *extension; i++)
        if (!strcmp(gb_path_extension(name), extension[i])) return true;
    return false;
}

static gb_contender *append(gb_contenders *list, const gb_generator *generator, const char *id, const char *weights)
{
    if (list->count == MAX_CONTENDERS) return NULL;
    gb_contender *contender = &list->item[list->count++];
    *contender = (gb_contender){.generator = generator, .weights = gb_strdup(weights), .state = GB_STATE_OK};
    snprintf(contender->id, sizeof contender->id, "%s", id);
    if (generator->net && !weights) {
        contender->state = GB_STATE_NO_WEIGHTS;
        snprintf(contender->why, sizeof contender->why,
                 "no trained weights: give a checkpoint with --weights %s=FILE, or put %s.safetensors into "
                 "models/weights", generator->id, generator->id);
    }
    return contender;
}

static bool already_there(const gb_contenders *list, const char *id)
{
    for (int i = 0; i < list->count; i++)
        if (!strcmp(list->item[i].id, id)) return true;
    return false;
}

/* Adds a contender for each weights file in `folder`, which need not be there, that belongs to `generator`. */
static gb_status append_found(gb_contenders *list, const gb_generator *generator, const char *folder, gb_error *err)
{
    char **names = NULL;
    size_t count = 0;
    gb_error own;
    const gb_status listed = gb_directory_list(folder, &names, &count, &own);
    if (listed == GB_E_NOT_FOUND) return GB_OK;
    if (listed != GB_OK) return gb_fail(err, listed, "%s", own.text);
    const size_t length = strlen(generator->id);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(names[i], generator->id, length) != 0 || !is_weights_file(names[i])) continue;
        if (names[i][length] != '.' && names[i][length] != '@') continue;
        char id[96];
        snprintf(id, sizeof id, "%.*s", (int)(strlen(names[i]) - strlen(gb_path_extension(names[i]))), names[i]);
        char *path = gb_path_join(folder, names[i]);
        if (path && !already_there(list, id)) append(list, generator, id, path);
        free(path);
    }
    gb_directory_free(names, count);
    return gb_text_was_lost() ? gb_fail_memory(err, folder, count) : GB_OK;
}

/* Every contender that there is: all generators, with all weights found. */
static gb_status append_all(gb_contenders *list, gb_error *err)
{
    size_t count;
    const gb_generator *const *generators = gb_generators(&count);
    char *folder[4] = {0};
    const int folders = weight_folders(folder);
    gb_status status = gb_text_was_lost() ? gb_fail_memory(err, "weights", 0) : GB_OK;
    for (size_t g = 0; g < count && status == GB_OK; g++) {
        const int before = list->count;
        for (int f = 0; generators[g]->net && f < folders && status == GB_OK; f++)
            if (folder[f]) status = append_found(list, generators[g], folder[f], err);
        if (list->count == before) append(list, generators[g], generators[g]->id, NULL);
    }
    for (int f = 0; f < folders; f++) free(folder[f]);
    return status;
}

static void release(gb_contender *contender)
{
    gb_contender_close(contender);
    if (!contender->base) gb_foreign_free(contender->foreign);
    free(contender->weights);
}

/* Length of what comes before "+hold" at the end of a name; 0: it does not end so. */
static size_t held_length(const char *name)
{
    const size_t length = strlen(name), suffix = strlen(GB_HOLD_SUFFIX);
    return length > suffix && !strcmp(name + length - suffix, GB_HOLD_SUFFIX) ? length - suffix : 0;
}

static bool matches(const char *wanted, size_t length, const char *id)
{
    return !strncmp(wanted, id, length) && (id[length] == '\0' || id[length] == '@');
}

/* Which contenders are wanted as they are, and which stabilised. */
typedef struct wish {
    bool plain, held;
} wish;

/* What --generator `name` says about the contender `id`. */
static wish wish_of(const char *name, const char *id)
{
    const size_t held = held_length(name);
    const bool plain = matches(name, strlen(name), id);
    return (wish){.plain = plain, .held = !plain && held && matches(name, held, id)};
}

static gb_status read_wishes(const gb_contenders *list, const gb_list *wanted, wish *wishes, gb_error *err)
{
    const char *known[MAX_CONTENDERS];
    for (int i = 0; i < list->count; i++) {
        known[i] = list->item[i].id;
        wishes[i].plain = wanted->count == 0 || list->item[i].foreign != NULL;
    }
    for (int w = 0; w < wanted->count; w++) {
        const char *name = wanted->item[w];
        bool any = false;
        for (int i = 0; i < list->count; i++) {
            const wish one = wish_of(name, list->item[i].id);
            wishes[i].plain = wishes[i].plain || one.plain;
            wishes[i].held = wishes[i].held || one.held;
            any = any || one.plain || one.held;
        }
        if (any) continue;
        char plain_name[96];
        const size_t length = held_length(name) ? held_length(name) : strlen(name);
        snprintf(plain_name, sizeof plain_name, "%.*s", (int)length, name);
        return gb_cli_unknown("generator", plain_name, known, (size_t)list->count, err);
    }
    return GB_OK;
}

static gb_status keep_wanted(gb_contenders *list, const gb_options *options, wish *wishes, gb_error *err)
{
    GB_TRY(read_wishes(list, &options->generator, wishes, err));
    int kept = 0;
    for (int i = 0; i < list->count; i++) {
        const bool any = wishes[i].plain || wishes[i].held;
        if (!any) {
            release(&list->item[i]);
            continue;
        }
        list->item[i].asked = options->generator.count > 0 || list->item[i].own_weights;
        wishes[kept] = options->stabilise ? (wish){.held = true} : wishes[i];
        list->item[kept++] = list->item[i];
    }
    list->count = kept;
    return GB_OK;
}

static gb_status name_held(gb_contender *contender, gb_error *err)
{
    const size_t length = strlen(contender->id);
    if (length + sizeof GB_HOLD_SUFFIX > sizeof contender->id)
        return gb_fail(err, GB_E_USAGE, "%s: expected a shorter name to add " GB_HOLD_SUFFIX " to", contender->id);
    memcpy(contender->id + length, GB_HOLD_SUFFIX, sizeof GB_HOLD_SUFFIX);
    contender->holds = true;
    return GB_OK;
}

/* Those wanted stabilised: in their own place, or behind the same one as it is. */
static gb_status add_held(gb_contenders *list, const wish *wishes, gb_error *err)
{
    gb_contenders all = {.item = gb_alloc(MAX_CONTENDERS, sizeof *all.item)};
    if (!all.item) return gb_fail_memory(err, "generators", MAX_CONTENDERS);
    gb_status status = GB_OK;
    for (int i = 0; i < list->count; i++) {
        gb_contender *first = &all.item[all.count++];
        *first = list->item[i];
        if (!wishes[i].held || status != GB_OK) continue;
        gb_contender *held = first;
        if (wishes[i].plain && all.count + list->count - i - 1 == MAX_CONTENDERS) {
            status = gb_fail(err, GB_E_USAGE, "expected at most %d generators", MAX_CONTENDERS);
        } else if (wishes[i].plain) {
            held = &all.item[all.count++];
            *held = *first;
            held->base = first;
            held->weights = gb_strdup(first->weights);
            if (first->weights && !held->weights) status = gb_fail_memory(err, first->weights, 4096);
        }
        if (status == GB_OK) status = name_held(held, err);
    }
    free(list->item);
    *list = all;
    return status;
}

static bool is_named(const gb_list *wanted, const char *id)
{
    for (int w = 0; w < wanted->count; w++)
        if (!strcmp(wanted->item[w], id)) return true;
    return false;
}

static bool is_wanted(const gb_list *wanted, const char *id)
{
    for (int w = 0; w < wanted->count; w++) {
        const wish one = wish_of(wanted->item[w], id);
        if (one.plain || one.held) return true;
    }
    return wanted->count == 0;
}

/* The net that "NAME=FILE" or, where only one is selected, "FILE" is for, and what it is called: NAME. */
static gb_status read_given(const char *given, const gb_list *wanted, const gb_generator **net, char id[96],
                            const char **path, gb_error *err)
{
    size_t count;
    const gb_generator *const *generators = gb_generators(&count);
    const char *const equals = strchr(given, '=');
    int nets = 0;
    *path = equals ? equals + 1 : given;
    for (size_t g = 0; g < count; g++) {
        const gb_generator *const each = generators[g];
        char name[96];
        snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - given) : 95, equals ? given : each->id);
        if (!each->net || !is_wanted(wanted, name) || !matches(each->id, strlen(each->id), name)) continue;
        nets++;
        *net = each;
        snprintf(id, 96, "%s", name);
    }
    if (nets == 1) return gb_file_exists(*path) ? GB_OK
                                                : gb_fail(err, GB_E_NOT_FOUND, "%s: no such weights file", *path);
    return gb_fail(err, GB_E_USAGE, "--weights %s: expected one selected net for it, found %d nets: write --weights "
                   "GENERATOR=FILE and select it with --generator", given, nets);
}

/* The user's own weights take the place of those found for the net, but for those that --generator names in full. */
static gb_status give_weights(gb_contenders *list, const char *given, const gb_list *wanted, gb_error *err)
{
    const gb_generator *net = NULL;
    const char *path;
    char id[96];
    GB_TRY(read_given(given, wanted, &net, id, &path, err));
    int kept = 0, at = 0;
    for (int i = 0; i < list->count; i++) {
        gb_contender *const each = &list->item[i];
        const bool stays = each->generator != net ||
                           (strcmp(each->id, id) != 0 && (each->own_weights || is_named(wanted, each->id)));
        if (!stays) release(each);
        else list->item[kept++] = *each;
        if (each->generator == net) at = kept;
    }
    list->count = kept;
    gb_contender *const own = append(list, net, id, path);
    if (!own) return gb_fail(err, GB_E_USAGE, "expected at most %d generators", MAX_CONTENDERS);
    if (!own->weights) return gb_fail_memory(err, path, strlen(path));
    own->own_weights = true;
    const gb_contender last = *own;
    memmove(&list->item[at + 1], &list->item[at], (size_t)(kept - at) * sizeof last);
    list->item[at] = last;
    return GB_OK;
}

/* The user's own generators of one kind. */
static gb_status append_foreign(gb_contenders *list, const gb_foreign_kind *kind, const gb_list *given,
                                const gb_options *options, gb_error *err)
{
    for (int i = 0; i < given->count; i++) {
        gb_foreign *foreign = NULL;
        GB_TRY(gb_foreign_new(kind, given->item[i], (double)options->exec_timeout, &foreign, err));
        const gb_generator *generator = gb_foreign_generator(foreign);
        gb_contender *contender = NULL;
        if (!already_there(list, generator->id) && !gb_generator_find(generator->id))
            contender = append(list, generator, generator->id, NULL);
        if (!contender) {
            gb_fail(err, GB_E_USAGE, "--%s %s: there is a generator '%s' already: choose another name",
                    gb_foreign_kind_id(foreign), given->item[i], generator->id);
            gb_foreign_free(foreign);
            return GB_E_USAGE;
        }
        contender->foreign = foreign;
    }
    return GB_OK;
}

static gb_status set_composites(gb_contenders *list, const gb_list *names, gb_error *err)
{
    const char *known[MAX_CONTENDERS];
    size_t count = 0;
    for (int i = 0; i < list->count; i++)
        if (list->item[i].foreign) known[count++] = list->item[i].id;
    for (int n = 0; n < names->count; n++) {
        gb_contender *found = NULL;
        for (int i = 0; i < list->count && !found; i++)
            if (list->item[i].foreign && !strcmp(list->item[i].id, names->item[n])) found = &list->item[i];
        if (!found && !count)
            return gb_fail(err, GB_E_USAGE, "--composite %s: expected a generator of --external or --exec, found none",
                           names->item[n]);
        if (!found) return gb_cli_unknown("generator of --external or --exec", names->item[n], known, count, err);
        gb_foreign_set_composite(found->foreign);
    }
    return GB_OK;
}

gb_status gb_contenders_select(const gb_options *options, gb_contenders *out, gb_error *err)
{
    gb_contenders list = {.item = gb_alloc(MAX_CONTENDERS, sizeof *list.item)};
    if (!list.item) return gb_fail_memory(err, "generators", MAX_CONTENDERS);
    wish wishes[MAX_CONTENDERS] = {{0}};
    gb_status status = append_all(&list, err);
    if (status != GB_OK) goto done;
    for (int i = 0; i < options->weights.count; i++)
        GB_GO(give_weights(&list, options->weights.item[i], &options->generator, err));
    GB_GO(append_foreign(&list, &gb_foreign_external, &options->external, options, err));
    GB_GO(append_foreign(&list, &gb_foreign_exec, &options->exec, options, err));
    GB_GO(set_composites(&list, &options->composite, err));
    GB_GO(keep_wanted(&list, options, wishes, err));
    GB_GO(add_held(&list, wishes, err));
    *out = list;
done:
    if (status != GB_OK) gb_contenders_free(&list);
    return status;
}

void gb_contenders_keep_named(gb_contenders *contenders, const char *name)
{
    const size_t length = strlen(name);
    for (int i = 0; i < contenders->count; i++) {
        const char *const id = contenders->item[i].id;
        if (strncmp(id, name, length) != 0 || (id[length] && strcmp(id + length, GB_HOLD_SUFFIX) != 0)) continue;
        const gb_contender kept = contenders->item[i];
        for (int k = 0; k < contenders->count; k++)
            if (k != i) release(&contenders->item[k]);
        contenders->item[0] = kept;
        contenders->count = 1;
        return;
    }
}

void gb_contenders_free(gb_contenders *contenders)
{
    for (int i = 0; i < contenders->count; i++) release(&contenders->item[i]);
    free(contenders->item);
    *contenders = (gb_contenders){0};
}
