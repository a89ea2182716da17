/* What `make gpu-check` asks a card of fused layers (fused.h). With GANIME_ON_CARD=1 it is asked: every net of standard
 * size, on a frame of 512x288. Else the stand-in is: small nets pass, and a card that computes layers otherwise, or
 * whose ReLU hides a NaN, does not. */
#include "support/support.h"

#include "cuda/fused.h"
#include "cuda/open_standin.h"
#include "cuda/with_standin.h"
#include "golden/tiny_nets.h"

static void open_small(fused_net *n, const tiny_net *tiny, gb_weights **weights)
{
    const gb_net_options options = {.batch = 1, .width = tiny->width, .height = tiny->height, .side = tiny->side};
    *weights = formula_weights(tiny->prefix, tiny->tensors, tiny->tensor_count);
    fused_open(n, tiny->prefix, gb_generator_find(tiny->generator)->net, &options, *weights);
}

static const tiny_net *find_tiny(const char *prefix)
{
    for (size_t i = 0; i < sizeof tiny_nets / sizeof tiny_nets[0]; i++)
        if (!strcmp(tiny_nets[i].prefix, prefix)) return &tiny_nets[i];
    fail_msg("no tiny net %s", prefix);
    return NULL;
}

static void test_small_nets(void **state)
{
    (void)state;
    static const char *const nets[] = {"tiny/glcic", "tiny/lama"};
    const standin s = standin_open();
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        fused_net n;
        gb_weights *weights = NULL;
        open_small(&n, find_tiny(nets[i]), &weights);
        assert_int_equal(layer_faults(&n), 0);
        assert_int_equal(hidden_damages(&n), 0);
        fused_close(&n);
        gb_weights_free(weights);
    }
    assert_clean(&s, "after fused nets");
}

/* Each check fails where it should: in the three precisions that fuse. */
static void test_a_card_that_fuses_wrongly_is_seen(void **state)
{
    (void)state;
    const standin s = standin_open();
    fused_net n;
    gb_weights *weights = NULL;
    open_small(&n, find_tiny("tiny/fourier-lite"), &weights);
    s.set_fault(STANDIN_NO_BIAS);
    assert_int_equal(layer_faults(&n), 3 * 4); /* of four layers */
    s.set_fault(STANDIN_RELU_FIRST);
    assert_int_equal(layer_faults(&n), 3 * 4);
    s.set_fault(STANDIN_NAN_HIDDEN);
    assert_int_equal(hidden_damages(&n), 3 * 2); /* weights with a NaN are not fused */
    s.set_fault(STANDIN_SOUND);
    fused_close(&n);
    gb_weights_free(weights);
}

/* One kernel more a layer without. */
static void test_fusing_can_be_left_out(void **state)
{
    (void)state;
    const standin s = standin_open();
    fused_net n;
    gb_weights *weights = NULL;
    long launches[2];
    open_small(&n, find_tiny("tiny/fourier-lite"), &weights);
    for (int fused = 0; fused < 2; fused++) {
        s.reset(0);
        free(fused_run(&n, "cuda", GB_PRECISION_FP32, fused));
        launches[fused] = counts(&s).launches;
    }
    assert_int_equal(launches[0] - launches[1], 7); /* as the README's table has it */
    fused_close(&n);
    gb_weights_free(weights);
}

/* ---- On a card --------------------------------------------------------------------------------------------------- */

static void test_every_net_on_a_card(void **state)
{
    (void)state;
    size_t count;
    int faults = 0;
    gb_error err;
    gb_device_info info;
    const gb_backend *cuda = NULL;
    const gb_net_options options = {.batch = 1, .width = 512, .height = 288, .side = 64};
    const gb_generator *const *const all = gb_generators(&count);
    if (gb_backend_select("cuda", &cuda, &info, &err) != GB_OK) skip_because("%s", err.text);
    for (size_t i = 0; i < count; i++) {
        fused_net n;
        gb_weights *weights = NULL;
        if (!all[i]->net) continue;
        assert_ok(gb_weights_new_random(5, &weights, &err), &err);
        fused_open(&n, all[i]->id, all[i]->net, &options, weights);
        faults += layer_faults(&n) + hidden_damages(&n);
        fused_close(&n);
        gb_weights_free(weights);
    }
    assert_int_equal(faults, 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    const struct CMUnitTest small[] = {
        cmocka_unit_test(test_small_nets),
        cmocka_unit_test(test_a_card_that_fuses_wrongly_is_seen),
        cmocka_unit_test(test_fusing_can_be_left_out),
    };
    const struct CMUnitTest whole[] = {cmocka_unit_test(test_every_net_on_a_card)};
    if (getenv("GANIME_ON_CARD")) return cmocka_run_group_tests(whole, NULL, NULL);
    with_standin(argv);
    return cmocka_run_group_tests(small, NULL, NULL);
}
