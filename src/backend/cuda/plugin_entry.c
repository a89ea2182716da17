/* What the shared object shows of itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cards.h"
#include "backend/cuda/plan.h"
#include "backend/cuda/score.h"
#include "backend/cuda/session.h"
#include "backend/plugin.h"

#define LEAST_CAPABILITY 8 /* sm_80 */

static gb_status check_card(const struct cudaDeviceProp *card, gb_error *err)
{
    if (card->major >= LEAST_CAPABILITY) return GB_OK;
    return gb_fail(err, GB_E_DEVICE, "%s has compute capability %d.%d, %d.0 is needed", card->name, card->major,
                   card->minor, LEAST_CAPABILITY);
}

static gb_status probe(int ordinal, gb_device_info *info, gb_error *err)
{
    int cards = 0, runtime = 0;
    struct cudaDeviceProp card;
    GB_TRY(gb_cuda_check(cudaGetDeviceCount(&cards), "find a card", err));
    if (cards == 0) return gb_fail(err, GB_E_DEVICE, "CUDA finds no card");
    if (ordinal >= cards) return gb_fail(err, GB_E_DEVICE, "CUDA finds %d cards, the last is %d", cards, cards - 1);
    GB_TRY(gb_cuda_check(cudaGetDeviceProperties(&card, ordinal), "ask the card", err));
    GB_TRY(check_card(&card, err));
    GB_TRY(gb_cuda_check(cudaRuntimeGetVersion(&runtime), "tell its version", err));
    const size_t cudnn = cudnnGetVersion();
    *info = (gb_device_info){.precision = "fp32"};
    snprintf(info->name, sizeof info->name, "%.127s", card.name);
    snprintf(info->library, sizeof info->library, "CUDA %d.%d, cuDNN %zu.%zu.%zu", runtime / 1000, runtime % 1000 / 10,
             cudnn / 10000, cudnn % 10000 / 100, cudnn % 100);
    return GB_OK;
}

/* Every card that probe takes has tensor cores for all of them. */
static gb_status accepts(int ordinal, gb_precision precision, gb_error *err)
{
    gb_device_info info;
    (void)precision;
    return probe(ordinal, &info, err);
}

static gb_status ask(int ordinal, enum cudaDeviceAttr what, double *out, gb_error *err)
{
    int value = 0;
    GB_TRY(gb_cuda_check(cudaDeviceGetAttribute(&value, what, ordinal), "ask the card", err));
    *out = (double)value;
    return GB_OK;
}

/* From what the card says of itself: clocks are those that it reaches at most. */
static gb_status roof(int ordinal, gb_precision precision, gb_device_roof *out, gb_error *err)
{
    struct cudaDeviceProp card;
    double clock, memory, bus;
    GB_TRY(gb_cuda_check(cudaGetDeviceProperties(&card, ordinal), "ask the card", err));
    GB_TRY(ask(ordinal, cudaDevAttrClockRate, &clock, err));
    GB_TRY(ask(ordinal, cudaDevAttrMemoryClockRate, &memory, err));
    GB_TRY(ask(ordinal, cudaDevAttrGlobalMemoryBusWidth, &bus, err));
    const gb_card facts = {card.name,    card.major,    card.minor, card.multiProcessorCount,
                           clock * 1e3, memory * 1e3, (int)bus};
    *out = (gb_device_roof){gb_card_flops(&facts, precision), gb_card_bytes(&facts)};
    if (out->flops > 0.0 && out->bytes > 0.0) return GB_OK;
    return gb_fail(err, GB_E_DEVICE, "%s does not say how fast it is", card.name);
}

/* GANIME_CUDA_SCORES=0: frames come back and are scored by the processor. */
static gb_status scoring(int ordinal, const gb_scoring **out, gb_error *err)
{
    const char *const chosen = getenv("GANIME_CUDA_SCORES");
    (void)ordinal;
    (void)err;
    *out = chosen && strcmp(chosen, "0") == 0 ? NULL : &gb_cuda_scoring;
    return GB_OK;
}

static const gb_backend backend = {
    .id = "cuda",
    .summary = "an NVIDIA card, by cuDNN and own kernels",
    .probe = probe,
    .accepts = accepts,
    .roof = roof,
    .plan_new = gb_cuda_plan_new,
    .plan_free = gb_cuda_plan_free,
    .session_new = gb_cuda_session_new,
    .session_free = gb_cuda_session_free,
    .slots = GB_PLUGIN_SLOTS,
    .slot_input = gb_cuda_slot_input,
    .slot_output = gb_cuda_slot_output,
    .slot_submit = gb_cuda_slot_submit,
    .slot_collect = gb_cuda_slot_collect,
    .frames = GB_PLUGIN_FRAMES,
    .scoring = scoring,
    .session_feed = gb_cuda_session_feed,
    .slot_submit_frames = gb_cuda_slot_submit_frames,
    .slot_collect_frames = gb_cuda_slot_collect_frames,
    .slot_place = gb_cuda_slot_place,
};

__attribute__((visibility("default"))) const gb_backend *gb_plugin_backend(int abi, size_t node_size);

const gb_backend *gb_plugin_backend(int abi, size_t node_size)
{
    return abi == GB_PLUGIN_ABI && node_size == sizeof(gb_node) ? &backend : NULL;
}
