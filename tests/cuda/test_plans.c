/* The real cuDNN judges our graphs, without a card: it builds execution plans for cards that are described to it. Every
 * convolution of every net, in every precision, at batch 1, 4 and 16, has to yield a plan that the rule of choice.c
 * takes, on every card, with what follows the convolution wherever gb_card_fuses says so; the rule sets the engine for
 * all numbers of frames alike. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cards.h"
#include "backend/cuda/convolution.h"
#include "backend/cuda/engine.h"
#include "core/memory.h"
#include "metrics/lpips_net.h"
#include "models/net.h"
#include "cuda/devices.h"

/* The real library keeps what it made in parts that it unloads again, which the leak checker cannot name. What we make
 * around it is checked for leaks in test_standin.c. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

#define WORKSPACE ((size_t)256 << 20)
#define MOST_SHAPES 512
#define MOST_ENGINES 64
#define MOST_TAKEN 256

/* Each layer's shape once, however many layers have it, in one precision. */
typedef struct shapes {
    gb_precision precision;
    gb_cuda_convolution shape[MOST_SHAPES];
    size_t count;
} shapes;

static bool same(const gb_cuda_convolution *a, const gb_cuda_convolution *b)
{
    return !memcmp(&a->in, &b->in, sizeof a->in) && !memcmp(&a->out, &b->out, sizeof a->out) &&
           a->kernel_h == b->kernel_h && a->kernel_w == b->kernel_w && a->stride == b->stride && a->pad == b->pad &&
           a->dilation == b->dilation && a->transposed == b->transposed && a->after.bias == b->after.bias &&
           a->after.addend == b->after.addend && a->after.relu == b->after.relu;
}

/* As a plan asks for it. */
static gb_cuda_convolution layer_of(const gb_node *all, const gb_node *node, gb_precision precision,
                                    const gb_precision *stored)
{
    const gb_precision addend = node->in[1] >= 0 ? stored[node->in[1]] : GB_PRECISION_FP32;
    const bool fuses = gb_card_fuses(node, precision, stored[node - all], addend);
    return gb_cuda_convolution_of(node, all[node->in[0]].shape, precision, fuses);
}

static void collect(shapes *all, const gb_graph *graph)
{
    size_t count;
    const gb_node *const node = gb_graph_nodes(graph, &count);
    gb_precision *const stored = gb_alloc(count, sizeof *stored);
    assert_non_null(stored);
    gb_card_storage(graph, all->precision, stored);
    for (size_t i = 0; i < count; i++) {
        if (node[i].op != GB_OP_CONV && node[i].op != GB_OP_DECONV) continue;
        const gb_cuda_convolution c = layer_of(node, &node[i], all->precision, stored);
        bool known = false;
        for (size_t k = 0; k < all->count && !known; k++) known = same(&all->shape[k], &c);
        assert_true(known || all->count < MOST_SHAPES);
        if (!known) all->shape[all->count++] = c;
    }
    free(stored);
}

static void collect_folded(shapes *all, const gb_graph *graph)
{
    gb_error err;
    gb_graph *folded = NULL;
    assert_ok(gb_graph_fold(graph, &folded, &err), &err);
    collect(all, folded);
    gb_graph_free(folded);
}

/* Layers of a net of standard size on frames of 512x288. */
static void collect_net(shapes *all, const gb_generator *generator)
{
    gb_error err;
    gb_weights *weights = NULL;
    gb_graph *graph = NULL;
    gb_net_params params;
    const gb_net_options options = {.batch = 1, .width = 512, .height = 288, .side = 64};
    assert_ok(gb_weights_new_random(1, &weights, &err), &err);
    assert_ok(gb_net_graph(generator->net, weights, &options, &params, &graph, &err), &err);
    collect_folded(all, graph);
    gb_graph_free(graph);
    gb_weights_free(weights);
}

/* Of a net that scores, on whole frames. */
static void collect_scorer(shapes *all, const gb_lpips_net *net)
{
    gb_error err;
    gb_weights *weights = NULL;
    gb_graph *graph = NULL;
    assert_ok(gb_weights_new_random(1, &weights, &err), &err);
    assert_ok(gb_lpips_graph(net, weights, 1, 512, 288, &graph, &err), &err);
    collect_folded(all, graph);
    gb_graph_free(graph);
    gb_weights_free(weights);
}

/* An engine that was taken, with what cuDNN notes of it; where: bit 4 * device + precision. Engines of fused layers
 * have numbers of their own. */
typedef struct taken {
    int64_t engine;
    bool fused;
    gb_cuda_notes notes;
    uint32_t where;
} taken;

typedef struct all_taken {
    taken item[MOST_TAKEN];
    size_t count;
} all_taken;

static void note_engine(all_taken *all, const gb_cuda_plan_facts *facts, size_t device, gb_precision precision)
{
    size_t i = 0;
    while (i < all->count && (all->item[i].engine != facts->engine || all->item[i].fused != facts->fused ||
                              memcmp(&all->item[i].notes, &facts->notes, sizeof facts->notes) != 0))
        i++;
    assert_true(i < MOST_TAKEN);
    if (i == all->count) all->item[all->count++] = (taken){facts->engine, facts->fused, facts->notes, 0};
    all->item[i].where |= 1u << (4 * device + (size_t)precision);
}

static int by_engine(const void *a, const void *b)
{
    const taken *const x = a, *const y = b;
    if (x->fused != y->fused) return x->fused ? 1 : -1;
    if (x->engine != y->engine) return x->engine > y->engine ? 1 : -1;
    return (x->notes.numerical > y->notes.numerical) - (x->notes.numerical < y->notes.numerical);
}

/* "A100 fp32 tf32, H100 fp16" */
static void list_places(uint32_t where, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t d = 0; d < DEVICE_COUNT; d++) {
        if (!(where >> (4 * d) & 15)) continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", devices[d].name);
        for (int p = 0; p < GB_PRECISION_COUNT; p++)
            if (where >> (4 * d + (size_t)p) & 1)
                used += (size_t)snprintf(out + used, size - used, " %s", gb_precision_name((gb_precision)p));
    }
}

/* What no engine in the table has, told from the rule itself; then the engines. */
static void print_engines(all_taken *all)
{
    char text[512], places[512];
    print_message("\n## Engines\n\n");
    for (int p = 0; p < GB_PRECISION_COUNT; p++) {
        gb_cuda_notes_refused((gb_precision)p, text, sizeof text);
        print_message("Refused in %s: %s.%s\n", gb_precision_name((gb_precision)p), text,
                      p + 1 < GB_PRECISION_COUNT ? "  " : "\n");
    }
    print_message("| cuDNN's engine | its notes | taken for |\n|---|---|---|\n");
    qsort(all->item, all->count, sizeof all->item[0], by_engine);
    for (size_t i = 0; i < all->count; i++) {
        gb_cuda_notes_text(&all->item[i].notes, text, sizeof text);
        list_places(all->item[i].where, places, sizeof places);
        print_message("| %s%lld | %s | %s |\n", all->item[i].fused ? "f" : "", (long long)all->item[i].engine, text,
                      places);
    }
}

typedef struct tally {
    size_t plans, missing, asked, fused; /* asked: to do more than the convolution; fused: that do */
    size_t workspace; /* the largest */
    int64_t engine[MOST_ENGINES]; /* those taken, and how often */
    bool is_fused[MOST_ENGINES];
    size_t taken[MOST_ENGINES], engines;
    char first[256];
} tally;

static void count_engine(tally *t, const gb_cuda_plan_facts *facts)
{
    size_t i = 0;
    while (i < t->engines && (t->engine[i] != facts->engine || t->is_fused[i] != facts->fused)) i++;
    assert_true(i < MOST_ENGINES);
    if (i == t->engines) {
        t->is_fused[i] = facts->fused;
        t->engine[t->engines++] = facts->engine;
    }
    t->taken[i]++;
}

/* "3 (12), f57 (30)": engine 3 for 12 plans, 57 of fused layers for 30 */
static void list_engines(const tally *t, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < t->engines && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s%lld (%zu)", i ? ", " : "", t->is_fused[i] ? "f" : "",
                                 (long long)t->engine[i], t->taken[i]);
}

static void plan_one(const gb_cuda_convolution *shape, size_t device, all_taken *all, tally *t)
{
    char json[2048];
    gb_error err;
    gb_cuda_convolution_plan *plan = NULL;
    device_json(&devices[device], json, sizeof json);
    const gb_cuda_target target = {.device = json, .workspace_limit = WORKSPACE};
    const gb_status status = gb_cuda_convolution_plan_new(shape, &target, &plan, &err);
    if (status == GB_OK) {
        const gb_cuda_plan_facts facts = gb_cuda_convolution_plan_facts(plan);
        assert_true(gb_cuda_notes_allow(&facts.notes, shape->precision));
        t->plans++;
        t->asked += shape->after.bias;
        t->fused += facts.fused;
        count_engine(t, &facts);
        note_engine(all, &facts, device, shape->precision);
        if (facts.workspace > t->workspace) t->workspace = facts.workspace;
        gb_cuda_convolution_plan_free(plan);
        return;
    }
    if (t->missing++ == 0)
        snprintf(t->first, sizeof t->first, "%ldx%ldx%ldx%ld -> %ld channels, %dx%d: %.120s", (long)shape->in.n,
                 (long)shape->in.h, (long)shape->in.w, (long)shape->in.c, (long)shape->out.c, shape->kernel_h,
                 shape->kernel_w, err.text);
}

static void plan_all(const char *name, const shapes *all, all_taken *engines_taken)
{
    static const int batches[] = {1, 4, 16};
    for (size_t d = 0; d < DEVICE_COUNT; d++) {
        tally t = {0};
        for (size_t b = 0; b < 3; b++) {
            for (size_t i = 0; i < all->count; i++) {
                gb_cuda_convolution shape = all->shape[i];
                shape.in.n = shape.out.n = batches[b];
                plan_one(&shape, d, engines_taken, &t);
            }
        }
        char engines[512];
        list_engines(&t, engines, sizeof engines);
        print_message("| %s | %s | %s | %zu | %zu | %zu | %s |\n", name, gb_precision_name(all->precision),
                      devices[d].name, t.plans, t.fused, t.workspace >> 20, engines);
        if (t.missing)
            fail_msg("%s on %s: %zu shapes have no plan, first: %s", name, devices[d].name, t.missing, t.first);
        if (t.fused != t.asked)
            fail_msg("%s on %s: %zu of %zu layers are not fused", name, devices[d].name, t.asked - t.fused, t.asked);
    }
}

static shapes *new_shapes(gb_precision precision)
{
    shapes *const s = gb_alloc(1, sizeof *s);
    assert_non_null(s);
    s->precision = precision;
    return s;
}

static void test_every_net(void **state)
{
    static const struct {
        const char *name;
        const gb_lpips_net *net;
    } scorers[] = {{"LPIPS AlexNet", &gb_lpips_alexnet}, {"LPIPS VGG16", &gb_lpips_vgg16}};
    (void)state;
    size_t count;
    const gb_generator *const *const all = gb_generators(&count);
    all_taken *const engines = gb_alloc(1, sizeof *engines);
    assert_non_null(engines);
    print_message("| net | precision | card | plans | fused | most workspace, MB | cuDNN's engines, plans of each |\n"
                  "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        for (int p = 0; all[i]->net && p < GB_PRECISION_COUNT; p++) {
            shapes *const found = new_shapes((gb_precision)p);
            collect_net(found, all[i]);
            plan_all(all[i]->id, found, engines);
            free(found);
        }
    }
    for (size_t i = 0; i < sizeof scorers / sizeof scorers[0]; i++) {
        shapes *const found = new_shapes(GB_PRECISION_FP32); /* the one that scores */
        collect_scorer(found, scorers[i].net);
        plan_all(scorers[i].name, found, engines);
        free(found);
    }
    print_engines(engines);
    free(engines);
}

/* The rule's own words: what breaks the promise of a precision falls to it, in that precision. */
static void test_notes_are_refused(void **state)
{
    (void)state;
    const uint32_t tensor = 1u << CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
    for (int p = 0; p < GB_PRECISION_COUNT; p++) {
        for (int note = 0; note < 32; note++) {
            const gb_cuda_notes notes = {.numerical = 1u << note};
            const bool harmless = note == CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP;
            const bool known = note < CUDNN_NUMERICAL_NOTE_TYPE_COUNT || note == 31;
            const bool by_precision = notes.numerical == tensor || note == 31;
            if (!known) continue;
            assert_int_equal(gb_cuda_notes_allow(&notes, (gb_precision)p),
                             harmless || (by_precision && p != GB_PRECISION_FP32));
        }
        const gb_cuda_notes compiled = {.behaviour = 1u << CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION};
        assert_false(gb_cuda_notes_allow(&compiled, (gb_precision)p));
    }
}

/* A plan written down is taken again by cuDNN, and wants the same workspace: what store.c keeps on disk. */
static void test_plans_are_written_down(void **state)
{
    (void)state;
    for (size_t d = 0; d < DEVICE_COUNT; d++) {
        char json[2048], *text = NULL;
        gb_error err;
        gb_cuda_convolution_plan *plan = NULL;
        gb_descriptor again = NULL;
        gb_cuda_place place = {0};
        int64_t workspace = -1;
        device_json(&devices[d], json, sizeof json);
        const gb_cuda_target target = {.device = json, .workspace_limit = WORKSPACE};
        const gb_cuda_convolution c = {.in = {4, 72, 128, 64},
                                       .out = {4, 72, 128, 64},
                                       .kernel_h = 3,
                                       .kernel_w = 3,
                                       .stride = 1,
                                       .pad = 1,
                                       .dilation = 1,
                                       .after = {.bias = true, .addend = true, .relu = true}};
        assert_ok(gb_cuda_convolution_plan_new(&c, &target, &plan, &err), &err);
        assert_ok(gb_descriptor_device(json, &place.device, &err), &err);
        assert_ok(gb_cuda_engine_plan_text(gb_cuda_convolution_plan_descriptor(plan), &text, &err), &err);
        assert_ok(gb_cuda_engine_plan_of(text, &place, &again, &workspace, &err), &err);
        assert_int_equal(workspace, gb_cuda_convolution_plan_facts(plan).workspace);
        gb_descriptor_free(again);
        again = NULL;
        text[strlen(text) / 2] = '\0';
        assert_int_not_equal(gb_cuda_engine_plan_of(text, &place, &again, &workspace, &err), GB_OK);
        gb_descriptor_free(place.device);
        gb_cuda_convolution_plan_free(plan);
        free(text);
    }
}

/* The judge can say no. */
static void test_wrong_shapes_are_refused(void **state)
{
    (void)state;
    gb_error err;
    char json[2048];
    gb_cuda_convolution_plan *plan = NULL;
    device_json(&devices[2], json, sizeof json);
    gb_cuda_target target = {.device = json, .workspace_limit = WORKSPACE};
    gb_cuda_convolution c = {.in = {1, 8, 8, 16},
                             .out = {1, 8, 8, 16},
                             .kernel_h = 3,
                             .kernel_w = 3,
                             .stride = 1,
                             .pad = 1,
                             .dilation = 1};
    assert_ok(gb_cuda_convolution_plan_new(&c, &target, &plan, &err), &err);
    gb_cuda_convolution_plan_free(plan);
    c.out.h = 9;
    assert_fails(gb_cuda_convolution_plan_new(&c, &target, &plan, &err), GB_E_DEVICE, &err, "cuDNN cannot plan");
    c.out.h = 8;
    target.device = "{}";
    assert_fails(gb_cuda_convolution_plan_new(&c, &target, &plan, &err), GB_E_DEVICE, &err, "understand the device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_net),
        cmocka_unit_test(test_notes_are_refused),
        cmocka_unit_test(test_plans_are_written_down),
        cmocka_unit_test(test_wrong_shapes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
