/* What only a card can show; skipped, and said so, where there is none. Every net of standard size with random weights
 * on a frame of 512x288: the same bits run after run and from one session to the next, and as near to the processor's
 * as float32 allows. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "models/net.h"

#define LIMIT 1e-4

static const gb_backend *card(void)
{
    gb_error err;
    gb_device_info info;
    const gb_backend *cuda = NULL;
    if (gb_backend_select("cuda", &cuda, &info, &err) != GB_OK) skip_because("%s", err.text);
    return cuda;
}

/* The folded net's raw output, from a session of its own each time. */
typedef struct subject {
    gb_weights *weights;
    gb_graph *graph, *folded;
    gb_plan *plan;
    size_t size;
} subject;

static void subject_open(subject *s, const gb_generator *generator, const gb_backend *backend)
{
    gb_error err;
    gb_net_params params;
    const gb_net_options options = {.batch = 1, .width = 512, .height = 288, .side = 64};
    assert_ok(gb_weights_new_random(5, &s->weights, &err), &err);
    assert_ok(gb_net_graph(generator->net, s->weights, &options, &params, &s->graph, &err), &err);
    assert_ok(gb_graph_fold(s->graph, &s->folded, &err), &err);
    assert_ok(gb_plan_new(backend, s->folded, &s->plan, &err), &err);
    s->size = gb_shape_size(gb_plan_output_shape(s->plan, 0));
}

static void subject_close(subject *s)
{
    gb_plan_free(s->plan);
    gb_graph_free(s->folded);
    gb_graph_free(s->graph);
    gb_weights_free(s->weights);
}

/* `runs` runs of one session; the last one's output. The caller frees. */
static float *run(const subject *s, int runs)
{
    gb_error err;
    gb_session *session = NULL;
    float *const copy = gb_alloc_aligned(s->size, sizeof *copy);
    assert_non_null(copy);
    assert_ok(gb_session_new(s->plan, &session, &err), &err);
    const size_t count = gb_shape_size(gb_plan_input_shape(s->plan, 0));
    for (int i = 0; i < runs; i++) {
        float *const input = gb_session_input(session, 0);
        for (size_t k = 0; k < count; k++) input[k] = gb_random_weight(7, k, 1.0, 0.0);
        assert_ok(gb_session_run(session, &err), &err);
    }
    memcpy(copy, gb_session_output(session, 0), s->size * sizeof *copy);
    gb_session_free(session);
    return copy;
}

static double distance(const float *a, const float *b, size_t size)
{
    double worst = 0.0;
    for (size_t i = 0; i < size; i++) {
        const double d = fabs((double)a[i] - (double)b[i]);
        if (!(d <= worst)) worst = d; /* a NaN stays */
    }
    return worst;
}

static void check_net(const gb_generator *generator, const gb_backend *cuda)
{
    gb_error err;
    const gb_backend *cpu = NULL;
    subject here, there;
    assert_ok(gb_backend_select("cpu", &cpu, NULL, &err), &err);
    subject_open(&there, generator, cuda);
    subject_open(&here, generator, cpu);
    float *const first = run(&there, 1), *const again = run(&there, 3), *const expected = run(&here, 1);
    if (memcmp(first, again, there.size * sizeof *first)) fail_msg("%s: other bits at another run", generator->id);
    const double worst = distance(first, expected, there.size);
    print_message("%-14s cuda against cpu: %.2e\n", generator->id, worst);
    if (!(worst <= LIMIT)) fail_msg("%s: %.2e from the processor's (limit %.0e)", generator->id, worst, LIMIT);
    free(expected);
    free(again);
    free(first);
    subject_close(&here);
    subject_close(&there);
}

static void test_nets_on_the_card(void **state)
{
    (void)state;
    size_t count;
    const gb_backend *const cuda = card();
    const gb_generator *const *const all = gb_generators(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i]->net) check_net(all[i], cuda);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nets_on_the_card)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
