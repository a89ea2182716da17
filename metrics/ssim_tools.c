/* SSIM as scikit-image (metrics/_structural_similarity.py) and torchmetrics (functional/image/ssim.py) give it, by the
 * plain formula in double: they differ in windows, covariances, border and in what they take for the range. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "metrics/column_sums.h"
#include "metrics/metric.h"

#define MAX_WINDOW 11
enum { X, Y, XX, YY, XY, IMAGES };

typedef struct ssim_rule {
    const char *id;
    int window;
    bool gaussian;       /* sigma 1.5; else uniform */
    bool sample;         /* sample covariances: times n / (n - 1), n = window^2 */
    bool reflect;        /* windows reach over the border, where the picture is mirrored; else all lie inside */
    bool observed_range; /* L is the larger of the two pictures' max - min; else 255 */
} ssim_rule;

typedef struct ssim_worker {
    const ssim_rule *rule;
    gb_geometry geometry;
    double weight[MAX_WINDOW];
    uint8_t *truth;
    double *across[IMAGES]; /* weighted along the row */
} ssim_worker;

static void worker_close(void *handle)
{
    ssim_worker *const worker = handle;
    if (!worker) return;
    for (int i = 0; i < IMAGES; i++) free(worker->across[i]);
    free(worker->truth);
    free(worker);
}

static void set_weights(const ssim_rule *rule, double *weight)
{
    const int radius = rule->window / 2;
    double sum = 0.0;
    for (int i = 0; i < rule->window; i++) {
        weight[i] = rule->gaussian ? exp(-0.5 * (i - radius) * (i - radius) / (1.5 * 1.5)) : 1.0;
        sum += weight[i];
    }
    for (int i = 0; i < rule->window; i++) weight[i] /= sum;
}

static gb_status open_worker(const ssim_rule *rule, const gb_metric_env *env, void **out, gb_error *err)
{
    const gb_geometry g = env->geometry;
    const size_t pixels = (size_t)g.width * (size_t)g.height;
    gb_status status = GB_OK;
    if (g.width < rule->window || g.height < rule->window)
        return gb_fail(err, GB_E_UNSUPPORTED, "%s: frames of at least %dx%d are needed, got %dx%d", rule->id,
                       rule->window, rule->window, g.width, g.height);
    ssim_worker *worker = gb_alloc(1, sizeof *worker);
    if (!worker) return gb_fail_memory(err, rule->id, sizeof *worker);
    worker->rule = rule;
    worker->geometry = g;
    set_weights(rule, worker->weight);
    worker->truth = gb_alloc_aligned(3 * pixels, 1);
    if (!worker->truth) GB_GO(gb_fail_memory(err, rule->id, 3 * pixels));
    for (int i = 0; i < IMAGES; i++) {
        worker->across[i] = gb_alloc_aligned(pixels, sizeof(double));
        if (!worker->across[i]) GB_GO(gb_fail_memory(err, rule->id, pixels * sizeof(double)));
    }
    *out = worker;
    worker = NULL;
done:
    worker_close(worker);
    return status;
}

static gb_status reference(void *handle, const gb_image *truth, gb_error *err)
{
    ssim_worker *const worker = handle;
    GB_TRY(gb_metric_check_frame(worker->rule->id, worker->geometry, truth, err));
    memcpy(worker->truth, truth->rgb, 3 * (size_t)truth->width * (size_t)truth->height);
    return GB_OK;
}

/* Mirrored without repeating the border: -1 is 1. */
static int mirrored(int i, int size)
{
    return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
}

static void blur_across(ssim_worker *worker, const uint8_t *test, int channel, int margin)
{
    const int w = worker->geometry.width, h = worker->geometry.height, radius = worker->rule->window / 2;
    for (int y = 0; y < h; y++)
        for (int x = margin; x < w - margin; x++) {
            double sum[IMAGES] = {0};
            for (int k = 0; k < worker->rule->window; k++) {
                const size_t at = 3 * ((size_t)y * (size_t)w + (size_t)mirrored(x + k - radius, w)) + (size_t)channel;
                const double a = worker->truth[at], b = test[at], weight = worker->weight[k];
                sum[X] += weight * a;
                sum[Y] += weight * b;
                sum[XX] += weight * a * a;
                sum[YY] += weight * b * b;
                sum[XY] += weight * a * b;
            }
            for (int i = 0; i < IMAGES; i++) worker->across[i][y * w + x] = sum[i];
        }
}

/* SSIM of the window about (x, y). */
static double ssim_at(const ssim_worker *worker, int x, int y, double range)
{
    const ssim_rule *const rule = worker->rule;
    const double n = (double)rule->window * rule->window, scale = rule->sample ? n / (n - 1.0) : 1.0;
    const double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
    double sum[IMAGES] = {0};
    for (int k = 0; k < rule->window; k++) {
        const int row = mirrored(y + k - rule->window / 2, worker->geometry.height);
        for (int i = 0; i < IMAGES; i++)
            sum[i] += worker->weight[k] * worker->across[i][row * worker->geometry.width + x];
    }
    const double vx = scale * fmax(sum[XX] - sum[X] * sum[X], 0.0), vy = scale * fmax(sum[YY] - sum[Y] * sum[Y], 0.0);
    const double vxy = scale * (sum[XY] - sum[X] * sum[Y]);
    return (2.0 * sum[X] * sum[Y] + c1) * (2.0 * vxy + c2) /
           ((sum[X] * sum[X] + sum[Y] * sum[Y] + c1) * (vx + vy + c2));
}

static double spread(const uint8_t *values, size_t count)
{
    int low = 255, high = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
    }
    return high - low;
}

static gb_status compare(void *handle, const gb_image *test, gb_scores *out, gb_error *err)
{
    ssim_worker *const worker = handle;
    const ssim_rule *const rule = worker->rule;
    GB_TRY(gb_metric_check_frame(rule->id, worker->geometry, test, err));
    const int w = worker->geometry.width, h = worker->geometry.height, margin = rule->reflect ? 0 : rule->window / 2;
    const size_t samples = 3 * (size_t)w * (size_t)h;
    const double range =
        rule->observed_range ? fmax(spread(worker->truth, samples), spread(test->rgb, samples)) : 255.0;
    gb_score score = {.present = true, .den = 1.0};
    double total = 0.0;
    for (int channel = 0; channel < 3; channel++) {
        blur_across(worker, test->rgb, channel, margin);
        for (int y = margin; y < h - margin; y++)
            for (int x = margin; x < w - margin; x++) total += ssim_at(worker, x, y, range);
    }
    score.num = total / (3.0 * (w - 2 * margin) * (h - 2 * margin));
    if (range == 0.0) score.undefined = "both frames have one value only, so the tool's range is 0";
    *out = (gb_scores){.region[GB_REGION_FULL] = score};
    return GB_OK;
}

static const ssim_rule skimage = {.id = "ssim_skimage", .window = 7, .sample = true};
static const ssim_rule skimage_gauss = {.id = "ssim_skimage_gauss", .window = 11, .gaussian = true, .sample = true};
static const ssim_rule torch = {
    .id = "ssim_torchmetrics", .window = 11, .gaussian = true, .reflect = true, .observed_range = true};
static const ssim_rule torch_255 = {.id = "ssim_torchmetrics_255", .window = 11, .gaussian = true, .reflect = true};

#define OPEN(NAME)                                                                                                   \
    static gb_status open_##NAME(const void *state, const gb_metric_env *env, void **out, gb_error *err)             \
    {                                                                                                                \
        (void)state;                                                                                                 \
        return open_worker(&NAME, env, out, err);                                                                    \
    }
OPEN(skimage)
OPEN(skimage_gauss)
OPEN(torch)
OPEN(torch_255)

#define COMMON                                                                                                       \
    .like = "ssim_gauss11_rgb", .unit = "", .direction = GB_HIGHER_IS_BETTER, .digits = 4, .on_request = true,       \
    .worker_close = worker_close, .reference = reference, .compare = compare

const gb_metric gb_metric_ssim_skimage = {
    .id = "ssim_skimage",
    .title = "SSIM (scikit-image)",
    .summary = "scikit-image's structural_similarity as it is called by default: uniform 7x7 windows",
    .recipe = "structural_similarity(truth, test, channel_axis=2), 8-bit: uniform 7x7 windows wholly inside, sample "
              "covariances (n / (n - 1)), L = 255; mean over windows and channels, then over frames",
    .tool = "skimage",
    .worker_open = open_skimage,
    COMMON,
};

const gb_metric gb_metric_ssim_skimage_gauss = {
    .id = "ssim_skimage_gauss",
    .title = "SSIM (scikit-image, Gaussian)",
    .summary = "scikit-image's structural_similarity with gaussian_weights=True: sample covariances unless told not to",
    .recipe = "structural_similarity(truth, test, channel_axis=2, gaussian_weights=True), 8-bit: Gaussian 11x11 "
              "windows wholly inside, sigma 1.5, sample covariances (121 / 120), L = 255; mean over windows and "
              "channels, then over frames",
    .tool = "skimage",
    .worker_open = open_skimage_gauss,
    COMMON,
};

const gb_metric gb_metric_ssim_torchmetrics = {
    .id = "ssim_torchmetrics",
    .title = "SSIM (torchmetrics)",
    .summary = "torchmetrics' SSIM without data_range: the range is read off the pictures, borders are mirrored",
    .recipe = "structural_similarity_index_measure(test, truth): Gaussian 11x11, sigma 1.5, population covariances, "
              "pictures mirrored at the border so that every pixel has a window, L = the larger max - min of the two "
              "pictures; mean over windows and channels, then over frames",
    .tool = "torchmetrics",
    .worker_open = open_torch,
    COMMON,
};

const gb_metric gb_metric_ssim_torchmetrics_255 = {
    .id = "ssim_torchmetrics_255",
    .title = "SSIM (torchmetrics, L = 255)",
    .summary = "torchmetrics' SSIM with data_range=255 (or 1 for pictures in [0, 1]): borders are mirrored",
    .recipe = "structural_similarity_index_measure(test, truth, data_range=255): Gaussian 11x11, sigma 1.5, population "
              "covariances, pictures mirrored at the border so that every pixel has a window; mean over windows and "
              "channels, then over frames",
    .tool = "torchmetrics",
    .worker_open = open_torch_255,
    COMMON,
};
