/* The weights that come with the program: each is what its card says it is, and gives what PyTorch gives with it. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "support/formula.h"

/* Every `stride`-th value of the two strips (3, H, 2 x side). */
typedef struct shipped_net {
    const char *name, *generator;
    const float *samples;
    size_t sample_count, stride;
    int height, width, side;
} shipped_net;

#include "golden/shipped_nets.h"

#define FOLDER "models/weights"
#define SHIPPED_COUNT (sizeof shipped_nets / sizeof shipped_nets[0])
#define MOST_BYTES 48e6 /* all together: they lie in the repository */

static const char *path_of(const shipped_net *net, const char *extension)
{
    static char path[256];
    snprintf(path, sizeof path, FOLDER "/%s%s", net->name, extension);
    return path;
}

static gb_weights *read_weights(const shipped_net *shipped)
{
    gb_error err = {0};
    gb_checkpoint_info info;
    gb_weights *weights = NULL;
    assert_ok(gb_checkpoint_read(path_of(shipped, ".safetensors"), &weights, &info, &err), &err);
    return weights;
}

/* The strips of N,3,H,W side by side, in place. */
static void keep_strips(const shipped_net *s, float *planes)
{
    float *to = planes;
    for (int row = 0; row < 3 * s->height; row++) {
        const float *const from = planes + (size_t)row * (size_t)s->width;
        for (int x = 0; x < s->side; x++) *to++ = from[x];
        for (int x = s->width - s->side; x < s->width; x++) *to++ = from[x];
    }
}

static net_difference difference_with(const shipped_net *s, gb_weights *weights, const gb_backend *backend)
{
    gb_error err = {0};
    char prefix[128];
    float *output = NULL;
    const gb_net_options options = {.batch = 1, .width = s->width, .height = s->height, .side = s->side};
    snprintf(prefix, sizeof prefix, "shipped/%s", s->name);
    gb_image *frames = formula_frames(prefix, 1, s->height, s->width);
    const gb_net *const net = gb_generator_find(s->generator)->net;
    assert_ok(net_output(net, weights, &options, backend, frames, 1, &output, &err), &err);
    keep_strips(s, output);
    const net_difference difference = net_compare(s->samples, output, s->sample_count, s->stride);
    free(output);
    frames_free(frames, 1);
    gb_weights_free(weights);
    return difference;
}

static const gb_backend *backend_of(const char *id)
{
    gb_error err = {0};
    gb_device_info info;
    const gb_backend *backend = NULL;
    assert_ok(gb_backend_select(id, &backend, &info, &err), &err);
    return backend;
}

static void outputs_are_those_of_pytorch(void **state)
{
    (void)state;
    static const char *const device[] = {"ref", "cpu"};
    for (size_t d = 0; d < 2; d++)
        for (size_t i = 0; i < SHIPPED_COUNT; i++) {
            const shipped_net *const net = &shipped_nets[i];
            const net_difference found = difference_with(net, read_weights(net), backend_of(device[d]));
            if (!net_within(found))
                fail_msg("%s on %s: max %.2e mean %.2e", net->name, device[d], found.max, found.mean);
        }
}

/* One number of one tensor, changed by a twentieth of the tensor's largest. */
static void a_changed_weight_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHIPPED_COUNT; i++) {
        gb_weights *weights = read_weights(&shipped_nets[i]);
        const gb_tensor *const first = gb_weights_at(weights, 0);
        float largest = 0;
        for (int64_t k = 0; k < gb_tensor_size(first); k++)
            if (first->data[k] > largest) largest = first->data[k];
        for (int64_t k = 0; k < gb_tensor_size(first); k++) first->data[k] += largest / 20;
        const net_difference found = difference_with(&shipped_nets[i], weights, backend_of("cpu"));
        if (net_within(found)) fail_msg("%s: max %.2e mean %.2e", shipped_nets[i].name, found.max, found.mean);
    }
}

static void cards_name_their_weights(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHIPPED_COUNT; i++) {
        gb_error err = {0};
        char hex[GB_SHA256_HEX], command[512], output[256];
        assert_ok(gb_sha256_file(path_of(&shipped_nets[i], ".safetensors"), hex, &err), &err);
        snprintf(command, sizeof command, "grep -q %s '%s'", hex, path_of(&shipped_nets[i], ".md"));
        if (test_command(output, sizeof output, "%s", command))
            fail_msg("%s: not %s", path_of(&shipped_nets[i], ".md"), hex);
        assert_true(gb_file_exists(path_of(&shipped_nets[i], ".png")));
    }
}

static bool is_known(const char *file)
{
    for (size_t i = 0; i < SHIPPED_COUNT; i++)
        if (!strncmp(file, shipped_nets[i].name, strlen(shipped_nets[i].name))) return true;
    return false;
}

/* Nothing is committed there that no row of the table is about, and not too much. What users put there is theirs. */
static void the_folder_holds_these_alone(void **state)
{
    (void)state;
    char text[8192], size[64], *rest = text;
    if (test_command(text, sizeof text, "git ls-files " FOLDER) != 0 || !text[0]) skip_because("no git repository");
    double bytes = 0;
    for (char *path; (path = strtok_r(rest, "\n", &rest));) {
        const char *const name = gb_path_base(path);
        if (strcmp(name, "README.md") != 0 && !is_known(name)) fail_msg("%s: no row in shipped_nets.h", name);
        assert_int_equal(test_command(size, sizeof size, "stat -c %%s '%s'", path), 0);
        bytes += strtod(size, NULL);
    }
    if (!(bytes <= MOST_BYTES)) fail_msg("%.1f MB", bytes / 1e6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_those_of_pytorch),
        cmocka_unit_test(a_changed_weight_shows),
        cmocka_unit_test(cards_name_their_weights),
        cmocka_unit_test(the_folder_holds_these_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
